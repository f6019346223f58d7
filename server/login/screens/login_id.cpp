#include "login/screens/login_id.h"

namespace gatehouse::login {

void LoginIdScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login/identifier", Phase::authenticate, http::Lane::store,
      [this](LoginVisit& visit) {
        if (!visit.tenant->identifier_first()) return Flow::see_other(link_to(visit, "/u/login"));
        const std::string typed = visit.learnt("identifier");
        return show(visit, typed.empty() ? visit.asked("login_hint") : typed);
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response LoginIdScreen::show(const LoginVisit& visit, std::string identifier, std::string_view error) const {
  Page page{
      .template_name = "login", .prompt = "login-id", .screen = "login-id", .status = error.empty() ? 200 : 400, .failed = !error.empty()};
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  Field field = identifier_field(visit, texts, std::move(identifier), texts.get(error, {}));
  field.autofocus = true;
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["form"] = form_of(visit, "/u/login/identifier");
  json::object links = login_links(visit);
  links.erase("reset");
  page.variables["links"] = std::move(links);
  return kit_.pages.render(visit, std::move(page));
}

http::Response LoginIdScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  const std::string identifier(form.get("username").value_or(""));
  if (identifier.empty()) return show(visit, identifier, missing_identifier_key(visit));
  if (identifier.size() > 320 || connections::candidates(identifier).empty())
    return show(visit, identifier.substr(0, 320), "invalid-login-id");
  visit.transaction.flow["identifier"] = identifier;
  return kit_.flow.go(visit, "/u/login/password");
}

}  // namespace gatehouse::login
