#include "login/screens/screen.h"

#include "login/screens/passkey.h"

#include "login/ways.h"

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

connections::IdentifierRules identifier_rules(const LoginVisit& visit) {
  if (visit.connection && visit.connection->is_database()) return connections::IdentifierRules::of(*visit.connection);
  connections::IdentifierRules rules;
  rules.email.identifies = false;
  for (const auto& connection : visit.connections) {
    if (connection->strategy == "sms")
      rules.phone_number.identifies = true;
    else if (connection->strategy == "email" || way_of(*connection) == WayKind::enterprise)
      rules.email.identifies = true;
  }
  return rules;
}

bool may_identify(const connections::IdentifierRules& rules, std::string_view typed) {
  for (const auto& [kind, value] : connections::candidates(typed)) {
    switch (kind) {
      case model::IdentifierKind::email:
        if (rules.email.identifies) return true;
        break;
      case model::IdentifierKind::phone_number:
        if (rules.phone_number.identifies) return true;
        break;
      case model::IdentifierKind::username:
        if (rules.username.identifies) return true;
        break;
    }
  }
  return false;
}

std::string_view invalid_identifier_key(const connections::IdentifierRules& rules) {
  const std::string kinds = identifier_kinds(rules);
  if (kinds == "phone") return "invalid-phone-number";
  if (kinds == "username") return "invalid-username";
  if (kinds == "email-phone") return "invalid-email-phone";
  if (kinds == "email-username") return "invalid-email-username";
  if (kinds == "phone-username") return "invalid-phone-username";
  if (kinds == "email-phone-username") return "invalid-email-phone-username";
  return "invalid-login-id";
}

Field identifier_field(const LoginVisit& visit, const ScreenTexts& texts, std::string value, std::string error) {
  const std::string kinds = identifier_kinds(identifier_rules(visit));
  Field field{.name = "username",
              .label = texts.get(placeholder_key(kinds), {}),
              .autocomplete = "username",
              .value = std::move(value),
              .error = std::move(error)};
  // The browser offers passkeys in this field.
  if (offers_passkeys(visit) && visit.connection->passkeys().autofill) field.autocomplete = "username webauthn";
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
  const std::string kinds = identifier_kinds(identifier_rules(visit));
  return kinds == "email" ? "no-email" : kinds == "phone" ? "no-phone" : "no-username";
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
    case sign_in::SignInErrc::password_leaked:
      return {"password-breached", 403};
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
    case DatabaseErrc::password_leaked:
      return "password-breached";
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
  const bool first = begins_with_identifier(visit);
  json::object links{{"login", link_to(visit, first ? "/u/login/identifier" : "/u/login")},
                     {"identifier", link_to(visit, "/u/login/identifier")}};
  if (!visit.connection || !visit.connection->is_database()) return links;
  if (!visit.connection->disable_signup()) links["signup"] = link_to(visit, first ? "/u/signup/identifier" : "/u/signup");
  if (!visit.connection->disable_self_service_change_password()) links["reset"] = link_to(visit, "/u/reset-password/request");
  return links;
}

}  // namespace gatehouse::login
