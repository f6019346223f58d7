#include "login/screens/sign_up_form.h"

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::login {
namespace {

constexpr std::string_view kKept = "signup";

std::string typed(const http::Parameters& form, std::string_view name) { return std::string(trim(form.get(name).value_or(""))); }

/// What is wrong with a username.
std::string_view username_complaint(const std::string& username, const connections::IdentifierRules& rules) {
  const auto normal = model::normalize_username(username);
  if (!normal || !connections::is_plain_username(*normal)) return "invalid-username-invalid-characters";
  if (!rules.username_may_be_email && model::normalize_email(*normal)) return "invalid-username-email-not-allowed";
  const size_t length = length_in_characters(*normal);
  if (length < rules.username_min) return "invalid-username-min-length";
  if (length > rules.username_max) return "invalid-username-max-length";
  return {};
}

}  // namespace

SignUpForm SignUpForm::of(const http::Parameters& form) {
  return {.email = typed(form, "email"), .username = typed(form, "username"), .phone = typed(form, "phone"), .status = 400};
}

SignUpForm SignUpForm::of(const LoginVisit& visit) {
  SignUpForm told;
  if (const json::object* kept = get_object(visit.transaction.flow, kKept)) {
    told.email = get_string(*kept, "email").value_or("");
    told.username = get_string(*kept, "username").value_or("");
    told.phone = get_string(*kept, "phone").value_or("");
    return told;
  }
  const std::string learnt = visit.learnt("identifier"), hint = learnt.empty() ? visit.asked("login_hint") : learnt;
  if (model::normalize_email(hint))
    told.email = hint;
  else if (connections::tidy_phone(hint))
    told.phone = hint;
  return told;
}

void SignUpForm::keep(LoginVisit& visit) const {
  visit.transaction.flow[kKept] = json::object{{"email", email}, {"username", username}, {"phone", phone}};
}

void SignUpForm::check(const connections::IdentifierRules& rules) {
  if (email.empty() ? rules.email.required : rules.email.asked && !model::normalize_email(email))
    email_error = email.empty() ? "no-email" : "invalid-email";
  if (username.empty()) {
    if (rules.username.required) username_error = "no-username";
  } else if (rules.username.asked) {
    username_error = username_complaint(username, rules);
  }
  if (phone.empty() ? rules.phone_number.required : rules.phone_number.asked && !connections::tidy_phone(phone))
    phone_error = phone.empty() ? "no-phone" : "invalid-phone-number";
  if (!has_identifier() && !has_identifier_error()) {
    const std::string_view key = "no-identifier";
    (rules.email.asked ? email_error : rules.username.asked ? username_error : phone_error) = key;
  }
}

Placeholders sign_up_placeholders(const LoginVisit& visit, const connections::IdentifierRules& rules) {
  Placeholders values = Pages::placeholders(visit);
  values["min"] = std::to_string(rules.username_min);
  values["max"] = std::to_string(rules.username_max);
  values["characters"] = "@^$.!`-#+'~_";
  return values;
}

std::vector<Field> sign_up_fields(const SignUpForm& told, const connections::IdentifierRules& rules, const ScreenTexts& texts,
                                  const Placeholders& values) {
  std::vector<Field> fields;
  // The e-mail address is what a password manager should keep, unless a username identifies people here.
  const bool by_username = rules.username.asked && rules.username.identifies;
  const bool by_phone = !by_username && rules.phone_number.identifies && !rules.email.identifies;
  for (const std::string& kind : rules.precedence) {
    if (kind == "email" && rules.email.asked)
      fields.push_back({.name = "email",
                        .type = "email",
                        .label = texts.get(rules.email.required ? "emailPlaceholder" : "emailOptionalPlaceholder", values),
                        .autocomplete = by_username || by_phone ? "email" : "username",
                        .value = told.email,
                        .error = texts.get(told.email_error, values),
                        .inputmode = "email",
                        .required = rules.email.required});
    if (kind == "phone_number" && rules.phone_number.asked)
      fields.push_back({.name = "phone",
                        .type = "tel",
                        .label = texts.get(rules.phone_number.required ? "phonePlaceholder" : "phoneOptionalPlaceholder", values),
                        .autocomplete = by_phone ? "username" : "tel",
                        .value = told.phone,
                        .error = texts.get(told.phone_error, values),
                        .inputmode = "tel",
                        .required = rules.phone_number.required});
    if (kind == "username" && rules.username.asked)
      fields.push_back({.name = "username",
                        .label = texts.get(rules.username.required ? "usernamePlaceholder" : "usernameOptionalPlaceholder", values),
                        .autocomplete = by_username ? "username" : "nickname",
                        .value = told.username,
                        .error = texts.get(told.username_error, values),
                        .required = rules.username.required});
  }
  return fields;
}

Field new_password_field(const LoginVisit& visit, const SignUpForm& told, const ScreenTexts& texts, const Placeholders& values,
                         Page& page) {
  const json::value list = password_rules(connections::PasswordPolicy::of(*visit.connection), texts, values);
  Field password = password_field(texts, texts.get(told.password_error, values));
  password.autocomplete = "new-password";
  if (!list.is_null()) password.describedby = "password-rules";
  page.variables["rules"] = list;
  return password;
}

json::array with_cursor(std::vector<Field> fields) {
  const auto wrong = std::find_if(fields.begin(), fields.end(), [](const Field& f) { return !f.error.empty(); });
  const auto empty = std::find_if(fields.begin(), fields.end(), [](const Field& f) { return f.value.empty(); });
  if (const auto at = wrong != fields.end() ? wrong : empty; at != fields.end()) at->autofocus = true;
  json::array shown;
  for (const Field& field : fields) shown.push_back(field.to_json());
  return shown;
}

std::optional<http::Response> sign_up(const Kit& kit, LoginVisit& visit, SignUpForm& told, std::string_view password) {
  sign_in::Attempt attempt = kit.flow.attempt(visit, !told.email.empty()      ? told.email
                                                     : !told.username.empty() ? told.username
                                                                              : told.phone);
  const auto verdict = kit.parts.protection.sign_up(visit.tenant->id, visit.request->client_ip);
  if (!verdict) return kit.flow.busy(visit);
  if (*verdict != attack_protection::AttackProtection::Verdict::allowed) {
    logs::Event event = attempt.event;
    event.type = "limit_mu";
    event.description = "Too many sign-ups from this address";
    event.client = visit.client->id;
    event.client_name = visit.client->name;
    kit.parts.log.enqueue(std::move(event));
    told.alert = "ip-signup-blocked";
    told.status = 429;
    return std::nullopt;
  }

  connections::SignUp request{.password = SecretString(std::string(password))};
  if (!told.email.empty()) request.email = told.email;
  if (!told.username.empty()) request.username = told.username;
  if (!told.phone.empty()) request.phone_number = connections::tidy_phone(told.phone).value_or(told.phone);
  const auto user = kit.parts.database.sign_up(*visit.tenant, *visit.connection, visit.client.get(), std::move(request), attempt.event);
  if (user) {
    visit.transaction.flow["signed_up"] = true;  // the pages that verify identifiers greet differently
    const auto who = kit.parts.sign_in.after_sign_up(attempt, *user);
    return who ? kit.flow.finish(visit, attempt, *who) : kit.flow.busy(visit);
  }

  using connections::DatabaseErrc;
  told.status = 400;
  switch (user.error().code) {
    case DatabaseErrc::user_exists:
      told.alert = "email-in-use";
      break;
    case DatabaseErrc::invalid_signup:
      if (!told.phone.empty() && !connections::tidy_phone(told.phone))
        told.phone_error = "invalid-phone-number";
      else
        told.alert = "invalid-connection";
      break;
    case DatabaseErrc::invalid_email:
      told.email_error = "invalid-email";
      break;
    case DatabaseErrc::invalid_username:
      told.username_error = "invalid-username";
      break;
    case DatabaseErrc::username_required:
      told.username_error = "no-username";
      break;
    default:
      told.password_error = password_complaint(user.error());
      if (told.password_error.empty()) return kit.flow.busy(visit);
  }
  return std::nullopt;
}

}  // namespace gatehouse::login
