#include "login/screens/signup.h"

namespace gatehouse::login {

void SignupScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/signup", Phase::authenticate, http::Lane::sign_in,
      [this](LoginVisit& visit) {
        Told told;
        const std::string hint = visit.asked("login_hint");
        if (hint.find('@') != std::string::npos) told.email = hint;
        return show(visit, told);
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response SignupScreen::show(const LoginVisit& visit, const Told& told) const {
  if (visit.connection->disable_signup()) return Flow::see_other(link_to(visit, "/u/login"));
  Page page{.template_name = "signup", .prompt = "signup", .screen = "signup", .status = told.status, .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  const auto rules = connections::IdentifierRules::of(*visit.connection);
  Placeholders values = Pages::placeholders(visit);
  values["min"] = std::to_string(rules.username_min);
  values["max"] = std::to_string(rules.username_max);
  values["characters"] = "@^$.!`-#+'~_";

  std::vector<Field> fields;
  // The e-mail address is what a password manager should keep, unless a username identifies people here.
  const bool by_username = rules.username.asked && rules.username.identifies;
  if (rules.email.asked)
    fields.push_back({.name = "email",
                      .type = "email",
                      .label = texts.get(rules.email.required ? "emailPlaceholder" : "emailOptionalPlaceholder", values),
                      .autocomplete = by_username ? "email" : "username",
                      .value = told.email,
                      .error = texts.get(told.email_error, values),
                      .inputmode = "email",
                      .required = rules.email.required});
  if (rules.phone_number.asked)
    fields.push_back({.name = "phone",
                      .type = "tel",
                      .label = texts.get(rules.phone_number.required ? "phonePlaceholder" : "phoneOptionalPlaceholder", values),
                      .autocomplete = "tel",
                      .value = told.phone,
                      .error = texts.get(told.phone_error, values),
                      .inputmode = "tel",
                      .required = rules.phone_number.required});
  if (rules.username.asked)
    fields.push_back({.name = "username",
                      .label = texts.get(rules.username.required ? "usernamePlaceholder" : "usernameOptionalPlaceholder", values),
                      .autocomplete = by_username ? "username" : "nickname",
                      .value = told.username,
                      .error = texts.get(told.username_error, values),
                      .required = rules.username.required});
  const json::value list = password_rules(connections::PasswordPolicy::of(*visit.connection), texts, values);
  Field password = password_field(texts, texts.get(told.password_error, values));
  password.autocomplete = "new-password";
  if (!list.is_null()) password.describedby = "password-rules";
  fields.push_back(password);
  // The first field that is wrong, else the first that is empty.
  const auto wrong = std::find_if(fields.begin(), fields.end(), [](const Field& f) { return !f.error.empty(); });
  const auto empty = std::find_if(fields.begin(), fields.end(), [](const Field& f) { return f.value.empty(); });
  (wrong != fields.end() ? wrong : empty)->autofocus = true;

  json::array shown;
  for (const Field& field : fields) shown.push_back(field.to_json());
  page.variables["fields"] = std::move(shown);
  page.variables["rules"] = list;
  page.variables["form"] = form_of(visit, "/u/signup");
  page.variables["links"] = login_links(visit);
  return kit_.pages.render(visit, std::move(page));
}

http::Response SignupScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  Told told{.email = std::string(form.get("email").value_or("")),
            .username = std::string(form.get("username").value_or("")),
            .phone = std::string(form.get("phone").value_or("")),
            .status = 400};
  const auto rules = connections::IdentifierRules::of(*visit.connection);
  const std::string_view password = form.get("password").value_or("");
  if (rules.email.required && told.email.empty())
    told.email_error = "no-email";
  else if (!told.email.empty() && !model::normalize_email(told.email))
    told.email_error = "invalid-email";
  if (rules.username.required && told.username.empty()) told.username_error = "no-username";
  if (rules.phone_number.required && told.phone.empty()) told.phone_error = "invalid-phone-number";
  if (password.empty()) told.password_error = "no-password";
  if (told.has_error()) return show(visit, told);

  sign_in::Attempt attempt = kit_.flow.attempt(visit, !told.email.empty()      ? told.email
                                                      : !told.username.empty() ? told.username
                                                                               : told.phone);
  const auto verdict = kit_.parts.protection.sign_up(visit.tenant->id, visit.request->client_ip);
  if (!verdict) return kit_.flow.busy(visit);
  if (*verdict != attack_protection::AttackProtection::Verdict::allowed) {
    logs::Event event = attempt.event;
    event.type = "limit_mu";
    event.description = "Too many sign-ups from this address";
    event.client = visit.client->id;
    event.client_name = visit.client->name;
    kit_.parts.log.enqueue(std::move(event));
    told.alert = "ip-signup-blocked";
    told.status = 429;
    return show(visit, told);
  }

  connections::SignUp request{.password = SecretString(std::string(password))};
  if (!told.email.empty()) request.email = told.email;
  if (!told.username.empty()) request.username = told.username;
  if (!told.phone.empty()) request.phone_number = told.phone;
  const auto user = kit_.parts.database.sign_up(*visit.tenant, *visit.connection, visit.client.get(), std::move(request), attempt.event);
  if (user) {
    const auto who = kit_.parts.sign_in.after_sign_up(attempt, *user);
    return who ? kit_.flow.finish(visit, attempt, *who) : kit_.flow.busy(visit);
  }

  using connections::DatabaseErrc;
  switch (user.error().code) {
    case DatabaseErrc::user_exists:
      told.alert = "email-in-use";
      break;
    case DatabaseErrc::invalid_signup:
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
    case DatabaseErrc::password_too_short:
    case DatabaseErrc::password_too_long:
    case DatabaseErrc::password_not_strong_enough:
    case DatabaseErrc::password_too_common:
    case DatabaseErrc::password_in_history:
    case DatabaseErrc::password_contains_user_data:
      told.password_error = password_complaint(user.error());
      break;
    case DatabaseErrc::ticket_unknown:
    case DatabaseErrc::ticket_used:
    case DatabaseErrc::ticket_expired:
    case DatabaseErrc::failed:
      return kit_.flow.busy(visit);
  }
  if (user.error().code == DatabaseErrc::invalid_signup && !told.phone.empty() && !model::normalize_phone(told.phone)) {
    told.alert = {};
    told.phone_error = "invalid-phone-number";
  }
  return show(visit, told);
}

}  // namespace gatehouse::login
