#include "login/screens/welcome.h"

namespace gatehouse::login {

void WelcomeScreen::mount(http::Router& router) {
  router.get("/", {.lane = http::Lane::store, .scope = "public"}, [this](const http::Request& request) { return show(request); });
}

http::Response WelcomeScreen::show(const http::Request& request) const {
  const auto visit = kit_.flow.plain_visit(request);
  if (!visit) return no_page(request);
  Page page{.template_name = "message", .prompt = "status", .screen = "welcome"};
  page.variables["tone"] = "good";
  if (visit->tenant->is_local()) {
    const ScreenTexts texts = kit_.pages.texts(*visit, page.prompt, page.screen);
    Placeholders values = Pages::placeholders(*visit);
    values["domain"] = visit->tenant->host;
    page.variables["lines"] = json::array{texts.get("developerDomain", values), texts.get("developerQuickstart", values)};
  }
  return kit_.pages.render(*visit, std::move(page));
}

}  // namespace gatehouse::login
