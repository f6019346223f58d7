#include "login/screens/signup_password.h"

#include "login/captcha.h"
#include "login/ways.h"

namespace gatehouse::login {

void SignupPasswordScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/signup/password", Phase::authenticate, http::Lane::sign_in,
      [this](LoginVisit& visit) { return show(visit, SignUpForm::of(visit)); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response SignupPasswordScreen::show(const LoginVisit& visit, const SignUpForm& told) const {
  if (!may_sign_up(visit)) return Flow::see_other(link_to(visit, "/u/login"));
  const auto rules = connections::IdentifierRules::of(*visit.connection);
  SignUpForm complete = told;
  complete.check(rules);
  // Whoever comes here without having said who they are, or with what the connection no longer takes, says it first.
  if (!visit.transaction.flow.contains("signup") || (complete.has_identifier_error() && told.status == 200))
    return Flow::see_other(link_to(visit, "/u/signup/identifier"));
  Page page{.template_name = "signup", .prompt = "signup-password", .screen = "signup-password", .status = told.status,
            .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  const Placeholders values = sign_up_placeholders(visit, rules);
  page.variables["fields"] = with_cursor({new_password_field(visit, told, texts, values, page)});
  json::array said;
  const auto say = [&](const std::string& value, std::string_view edit) {
    if (!value.empty()) said.push_back(json::object{{"value", value}, {"edit", texts.get(edit, values)}});
  };
  say(told.email, "editEmailText");
  say(told.phone, "editPhoneText");
  say(told.username, "editUsernameText");
  page.variables["said"] = std::move(said);
  page.variables["form"] = form_of(visit, "/u/signup/password");
  json::object links = login_links(visit);
  links["edit"] = link_to(visit, "/u/signup/identifier");
  page.variables["links"] = std::move(links);
  add_captcha(kit_, visit, AttackProtection::Guarded::password, {}, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response SignupPasswordScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  SignUpForm told = SignUpForm::of(visit);
  const std::string_view password = form.get("password").value_or("");
  if (!may_sign_up(visit) || !visit.transaction.flow.contains("signup")) return Flow::see_other(link_to(visit, "/u/signup"));
  told.status = 400;
  if (password.empty()) {
    told.password_error = "no-password";
    return show(visit, told);
  }
  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password, {}, form); !key.empty()) {
    told.alert = key;
    return show(visit, told);
  }
  if (auto answer = sign_up(kit_, visit, told, password)) return std::move(*answer);
  return show(visit, told);
}

}  // namespace gatehouse::login
