#include "login/screens/signup_id.h"

#include "login/screens/passkey.h"
#include "login/ways.h"

namespace gatehouse::login {

void SignupIdScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/signup/identifier", Phase::authenticate, http::Lane::store,
      [this](LoginVisit& visit) {
        if (!may_sign_up(visit)) return Flow::see_other(link_to(visit, "/u/login"));
        if (!begins_with_identifier(visit)) return Flow::see_other(link_to(visit, "/u/signup"));
        return show(visit, SignUpForm::of(visit));
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response SignupIdScreen::show(const LoginVisit& visit, const SignUpForm& told) const {
  Page page{.template_name = "signup", .prompt = "signup-id", .screen = "signup-id", .status = told.status, .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  const auto rules = connections::IdentifierRules::of(*visit.connection);
  page.variables["fields"] = with_cursor(sign_up_fields(told, rules, texts, sign_up_placeholders(visit, rules)));
  page.variables["form"] = form_of(visit, "/u/signup/identifier");
  page.variables["links"] = login_links(visit);
  add_ways(visit, texts, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response SignupIdScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  if (!may_sign_up(visit)) return Flow::see_other(link_to(visit, "/u/login"));
  SignUpForm told = SignUpForm::of(form);
  if (const auto company = connection_for_domain(visit, told.email)) {
    visit.transaction.flow["identifier"] = told.email;
    visit.transaction.flow["realm"] = company->name;
    return kit_.flow.go(visit, "/u/login/federated");
  }
  told.check(connections::IdentifierRules::of(*visit.connection));
  if (told.has_error()) return show(visit, told);
  told.keep(visit);
  return kit_.flow.go(visit, offers_passkeys(visit) ? "/u/signup/passkey" : "/u/signup/password");
}

}  // namespace gatehouse::login
