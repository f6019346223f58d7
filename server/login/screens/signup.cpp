#include "login/screens/signup.h"

#include "login/captcha.h"
#include "login/ways.h"

namespace gatehouse::login {

void SignupScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/signup", Phase::authenticate, http::Lane::sign_in,
      [this](LoginVisit& visit) {
        if (!may_sign_up(visit)) return Flow::see_other(link_to(visit, "/u/login"));
        if (begins_with_identifier(visit)) return Flow::see_other(link_to(visit, "/u/signup/identifier"));
        return show(visit, SignUpForm::of(visit));
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response SignupScreen::show(const LoginVisit& visit, const SignUpForm& told) const {
  Page page{.template_name = "signup", .prompt = "signup", .screen = "signup", .status = told.status, .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  const auto rules = connections::IdentifierRules::of(*visit.connection);
  const Placeholders values = sign_up_placeholders(visit, rules);
  std::vector<Field> fields = sign_up_fields(told, rules, texts, values);
  fields.push_back(new_password_field(visit, told, texts, values, page));
  page.variables["fields"] = with_cursor(std::move(fields));
  page.variables["form"] = form_of(visit, "/u/signup");
  page.variables["links"] = login_links(visit);
  add_captcha(kit_, visit, AttackProtection::Guarded::password, {}, page);
  add_ways(visit, texts, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response SignupScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  if (!may_sign_up(visit)) return Flow::see_other(link_to(visit, "/u/login"));
  SignUpForm told = SignUpForm::of(form);
  if (const auto company = connection_for_domain(visit, told.email)) {
    visit.transaction.flow["identifier"] = told.email;
    visit.transaction.flow["realm"] = company->name;
    return kit_.flow.go(visit, "/u/login/federated");
  }
  told.check(connections::IdentifierRules::of(*visit.connection));
  const std::string_view password = form.get("password").value_or("");
  if (password.empty()) told.password_error = "no-password";
  if (told.has_error()) return show(visit, told);
  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password, {}, form); !key.empty()) {
    told.alert = key;
    told.status = 400;
    return show(visit, told);
  }
  auto answer = sign_up(kit_, visit, told, password);
  return answer ? std::move(*answer) : show(visit, told);
}

}  // namespace gatehouse::login
