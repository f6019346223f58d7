#pragma once
#include "connections/database/identifiers.h"
#include "connections/database/password_policy.h"
#include "login/flow.h"

// Every screen is a class of the same shape: mount() says its address, phase and lane; show() renders it; submit() takes its form,
// acts, and returns to the flow. What several screens need stands here.
namespace gatehouse::login {

/// What screens are made of.
struct Kit {
  const Login::Parts& parts;
  const Pages& pages;
  const Flow& flow;
};

/// "email", "email-username", …: the part of Auth0's text keys that says what people are called by here.
std::string identifier_kinds(const connections::IdentifierRules& rules);
/// What people may be called by in this login: by its database, or where a code or their company can find them.
connections::IdentifierRules identifier_rules(const LoginVisit& visit);
/// Whether what was typed can be one of these.
bool may_identify(const connections::IdentifierRules& rules, std::string_view typed);
/// The text key for what cannot.
std::string_view invalid_identifier_key(const connections::IdentifierRules& rules);
/// The field in which somebody says who they are.
Field identifier_field(const LoginVisit& visit, const ScreenTexts& texts, std::string value, std::string error);
Field password_field(const ScreenTexts& texts, std::string error);
/// The text key of "enter who you are" when that field was left empty.
std::string_view missing_identifier_key(const LoginVisit& visit);
/// A password form's list of what the connection's policy wants, for templates/rules.liquid; null when it wants nothing special.
json::value password_rules(const connections::PasswordPolicy& policy, const ScreenTexts& texts, const Placeholders& values);

struct Complaint {
  std::string_view key;  ///< of the text
  int status = 400;
};
/// How a failed sign-in is told.
Complaint complaint_of(const sign_in::SignInError& error, const connections::IdentifierRules& rules, std::string& buffer);
/// How a refused password is told; empty when the error is about something else.
std::string_view password_complaint(const connections::DatabaseError& error);

/// Links that the pages of a login share: login, signup, reset; absent where the connection does not offer them.
json::object login_links(const LoginVisit& visit);

}  // namespace gatehouse::login
