#include "login/screens/screen.h"

namespace gatehouse::login {
namespace {

/// The label of the identifier field for each kind of text key.
std::string_view placeholder_key(std::string_view kinds) {
  if (kinds == "email") return "emailPlaceholder";
  if (kinds == "username") return "usernameOnlyPlaceholder";
  if (kinds == "phone") return "phonePlaceholder";
  if (kinds == "email-username") return "usernameOrEmailPlaceholder";
  if (kinds == "email-phone") return "phoneOrEmailPlaceholder";
  if (kinds == "phone-username") return "phoneOrUsernamePlaceholder";
  return "phoneOrUsernameOrEmailPlaceholder";
}

}  // namespace

std::string identifier_kinds(const connections::IdentifierRules& rules) {
  std::string kinds;
  const auto add = [&](bool identifies, std::string_view name) {
    if (identifies) kinds += (kinds.empty() ? "" : "-") + std::string(name);
  };
  add(rules.email.identifies, "email");
  add(rules.phone_number.identifies, "phone");
  add(rules.username.identifies, "username");
  return kinds.empty() ? "email" : kinds;
}

Field identifier_field(const LoginVisit& visit, const ScreenTexts& texts, std::string value, std::string error) {
  const std::string kinds = identifier_kinds(connections::IdentifierRules::of(*visit.connection));
  Field field{.name = "username",
              .label = texts.get(placeholder_key(kinds), {}),
              .autocomplete = "username",
              .value = std::move(value),
              .error = std::move(error)};
  if (kinds == "email") field.inputmode = "email";
  if (kinds == "phone") field.inputmode = "tel";
  return field;
}

Field password_field(const ScreenTexts& texts, std::string error) {
  return {.name = "password",
          .type = "password",
          .label = texts.get("passwordPlaceholder", {}),
          .autocomplete = "current-password",
          .error = std::move(error),
          .maxlength = 1024};
}

std::string_view missing_identifier_key(const LoginVisit& visit) {
  return identifier_kinds(connections::IdentifierRules::of(*visit.connection)) == "email" ? "no-email" : "no-username";
}

json::value password_rules(const connections::PasswordPolicy& policy, const ScreenTexts& texts, const Placeholders& values) {
  const auto text_key = [](std::string_view code) -> std::string_view {
    if (code == "lengthAtLeast") return "rule-length";
    if (code == "containsAtLeast") return "rule-three-of-four";
    if (code == "shouldContain") return "rule-each";
    if (code == "identicalChars") return "rule-identical";
    if (code == "sequentialChars") return "rule-sequence";
    return "rule-non-empty";
  };
  Placeholders filled = values;
  filled["min"] = std::to_string(policy.min_length);
  json::array out;
  const json::object explained = policy.explain("");
  for (const json::value& one : explained.at("rules").as_array()) {
    const json::object& rule = one.as_object();
    const std::string_view code = rule.at("code").as_string();
    if (code == "nonEmpty") continue;
    json::object shown{{"code", code}, {"text", texts.get(text_key(code), filled)}, {"number", policy.min_length}};
    if (const json::array* items = get_array(rule, "items")) {
      json::array list;
      for (const json::value& item : *items) {
        const std::string_view kind = item.as_object().at("code").as_string();
        list.push_back(json::object{{"code", kind}, {"text", texts.get("rule-" + std::string(kind), filled)}});
      }
      shown["items"] = std::move(list);
    }
    out.push_back(std::move(shown));
  }
  if (out.empty()) return nullptr;
  return out;
}

Complaint complaint_of(const sign_in::SignInError& error, const connections::IdentifierRules& rules, std::string& buffer) {
  switch (error.code) {
    case sign_in::SignInErrc::wrong_credentials:
      buffer = "wrong-" + identifier_kinds(rules) + "-credentials";
      return {buffer, 400};
    case sign_in::SignInErrc::user_blocked:
      return {"account-disabled", 403};
    case sign_in::SignInErrc::too_many_attempts:
      return {error.same_user_limit ? "same-user-login" : "user-blocked", 429};
    case sign_in::SignInErrc::ip_throttled:
      return {"ip-blocked", 429};
    case sign_in::SignInErrc::invalid_connection:
      return {"invalid-connection", 400};
    case sign_in::SignInErrc::mfa_required:  // the flow sees to it
    case sign_in::SignInErrc::overloaded:
    case sign_in::SignInErrc::unavailable:
      break;
  }
  return {"authentication-failure", 503};
}

std::string_view password_complaint(const connections::DatabaseError& error) {
  using connections::DatabaseErrc;
  switch (error.code) {
    case DatabaseErrc::password_too_short:
    case DatabaseErrc::password_not_strong_enough:
      return "password-policy-not-conformant";
    case DatabaseErrc::password_too_long:
      return "password-too-long";
    case DatabaseErrc::password_too_common:
      return "password-too-common";
    case DatabaseErrc::password_in_history:
      return "password-previously-used";
    case DatabaseErrc::password_contains_user_data:
      return "password-contains-user-information";
    case DatabaseErrc::user_exists:
    case DatabaseErrc::invalid_signup:
    case DatabaseErrc::invalid_email:
    case DatabaseErrc::invalid_username:
    case DatabaseErrc::username_required:
    case DatabaseErrc::ticket_unknown:
    case DatabaseErrc::ticket_used:
    case DatabaseErrc::ticket_expired:
    case DatabaseErrc::failed:
      break;
  }
  return {};
}

json::object login_links(const LoginVisit& visit) {
  json::object links{{"login", link_to(visit, visit.tenant->identifier_first() ? "/u/login/identifier" : "/u/login")},
                     {"identifier", link_to(visit, "/u/login/identifier")}};
  if (!visit.connection->disable_signup()) links["signup"] = link_to(visit, "/u/signup");
  if (!visit.connection->disable_self_service_change_password()) links["reset"] = link_to(visit, "/u/reset-password/request");
  return links;
}

}  // namespace gatehouse::login
