#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace gatehouse::messaging {

/// A name and an address: "Acme" <no-reply@acme.test>.
struct Mailbox {
  std::string name{};
  std::string address{};

  /// `Name <a@b>`, `"Name" <a@b>` or `a@b`. Errors: invalid_argument.
  static Result<Mailbox> parse(std::string_view text);
};

/// One address as a mail server takes it: local part and domain, nothing that could end a line, a bracket or a list; UTF-8 is
/// allowed (RFC 6532). Not whether it exists.
bool is_mail_address(std::string_view text);

/// A mail ready to be sent.
struct OutgoingMail {
  std::string id;  ///< makes the Message-ID: the same for each attempt
  Mailbox from;
  std::string to;  ///< one address
  std::string subject;
  std::string html;
  std::string text;
  Timestamp date{};
};

/// The message as bytes with CRLF line ends: multipart/alternative with text and HTML in UTF-8 (RFC 5322, 2045–2047). Errors:
/// invalid_argument (an address is none; a subject or name with line breaks is no error, they become blanks).
Result<std::string> write_message(const OutgoingMail& mail);

/// Unstructured header text, with what is not ASCII as encoded words of at most 75 characters (RFC 2047), folded.
std::string encode_header(std::string_view text, size_t already_on_line);
/// RFC 2045 §6.7, lines of at most 76 characters, CRLF.
std::string quoted_printable(std::string_view text);

}  // namespace gatehouse::messaging
