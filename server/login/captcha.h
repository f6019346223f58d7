#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

using attack_protection::AttackProtection;

/// Puts a CAPTCHA on a page where bot detection wants one. `identifier` as typed so far; empty: not known. Templates include 'captcha'
/// before the button.
void add_captcha(const Kit& kit, const LoginVisit& visit, AttackProtection::Guarded guarded, std::string_view identifier, Page& page);
/// The text key for why the form may not go on; empty: it may.
std::string_view captcha_complaint(const Kit& kit, const LoginVisit& visit, AttackProtection::Guarded guarded, std::string_view identifier,
                                   const http::Parameters& form);

}  // namespace gatehouse::login
