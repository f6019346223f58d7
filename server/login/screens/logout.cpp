#include "login/screens/logout.h"

namespace gatehouse::login {

void LogoutScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/logout", Phase::logout, http::Lane::store, [this](LoginVisit& visit) { return show(visit); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
  router.get("/u/logged-out", {.lane = http::Lane::store, .scope = "public"},
             [this](const http::Request& request) { return show_done(request); });
}

http::Response LogoutScreen::show(const LoginVisit& visit) const {
  Page page{.template_name = "choice", .prompt = "logout", .screen = "logout", .description_key = "message"};
  std::string name;
  const auto session = kit_.parts.sessions.find_by_secret(visit.tenant->id, visit.request->cookie(model::kSessionCookie).value_or(""),
                                                          kit_.parts.clock.now());
  if (session && *session) {
    const auto user = kit_.parts.users.find(visit.tenant->id, (*session)->user);
    if (user && *user) name = (*user)->known_as();
  }
  page.placeholders["userName"] = name;
  if (name.empty()) page.variables["description"] = "";
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["accept"] = texts.get("acceptButtonText", {});
  page.variables["decline"] = texts.get("declineButtonText", {});
  page.variables["form"] = form_of(visit, "/u/logout");
  return kit_.pages.render(visit, std::move(page));
}

http::Response LogoutScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  const std::string_view action = form.get("action").value_or("");
  if (action != "accept" && action != "deny") return show(visit);
  visit.transaction.flow["logout"] = action;
  const std::string path = visit.asked("return_path");
  return kit_.flow.go(visit, path.empty() ? "/oidc/logout/resume" : path);
}

http::Response LogoutScreen::show_done(const http::Request& request) const {
  const auto visit = kit_.flow.plain_visit(request);
  if (!visit) return no_page(request);
  const auto session =
      kit_.parts.sessions.find_by_secret(request.tenant, request.cookie(model::kSessionCookie).value_or(""), kit_.parts.clock.now());
  const bool still_here = session && *session;
  Page page{.template_name = "message", .prompt = "logout", .screen = still_here ? "logout-aborted" : "logout-complete"};
  page.variables["tone"] = "good";
  return kit_.pages.render(*visit, std::move(page));
}

}  // namespace gatehouse::login
