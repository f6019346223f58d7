#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// A page on which somebody types a code that was sent to an address, and may have it sent again. Its form posts `code` with the action
/// `default`, or the action `resend`, `voice` or `sms`.
struct CodeForm {
  std::string_view prompt, screen;
  std::string path;
  std::string sent_to;
  std::string_view description_key = "description";
  std::string edit{};              ///< link beside the address; empty: none
  std::string back{};              ///< link below; empty: none
  std::string password{};          ///< link to a password instead; empty: none
  std::string_view otherwise{};    ///< "voice" or "sms": another way to send it
  std::string_view alert{};        ///< text keys
  std::string_view code_error{};
  int status = 200;
};

/// Shows it. What was noted by keep_notice() is said once.
http::Response show_code(const Kit& kit, const LoginVisit& visit, const CodeForm& form);
/// What the next page of this login says about sending: "sent", or the key of why nothing was sent.
void keep_notice(LoginVisit& visit, std::string_view notice);

/// The key of why what was typed cannot be a code of that many digits; empty: it may.
std::string_view code_complaint(std::string_view typed);
/// A typed code without blanks and dashes.
std::string clean_code(std::string_view typed);

}  // namespace gatehouse::login
