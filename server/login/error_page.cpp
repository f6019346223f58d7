#include "login/error_page.h"

#include "login/theme.h"

namespace gatehouse::login {
namespace {

std::optional<std::string> custom_page(const Visit& visit, const http::ErrorPage& error) {
  const json::object* settings = get_object(visit.tenant->settings, "error_page");
  const auto url = settings ? get_string(*settings, "url") : std::nullopt;
  if (!url || !origin_of(*url)) return std::nullopt;
  http::Parameters parameters;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) parameters.add(std::string(name), std::string(value));
  };
  add("client_id", error.client_id);
  add("connection", visit.request->query.get("connection").value_or(""));
  add("lang", visit.catalogue->locale());
  add("error", error.error);
  add("error_description", error.description);
  add("tracking", visit.request->id);
  return std::string(*url) + (url->find('?') == std::string_view::npos ? "?" : "&") + parameters.encode();
}

}  // namespace

http::Response ErrorScreen::show(const http::Request& request, const http::ErrorPage& error) const {
  auto visit = flow_.plain_visit(request);
  if (!visit) return no_page(request);
  if (!error.client_id.empty()) visit->client = flow_.client(request.tenant, error.client_id);
  if (auto url = custom_page(*visit, error)) return http::Response::redirect(std::move(*url)).set("Cache-Control", "no-store");
  return show(pages_, *visit, error);
}

http::Response ErrorScreen::show(const Pages& pages, const Visit& visit, const http::ErrorPage& error, std::string_view screen) {
  Page page{.template_name = "error", .prompt = "common", .screen = screen, .status = error.status, .failed = true};
  json::object shown{{"code", error.error}, {"description", error.description}, {"tracking", visit.request->id}};
  if (!error.details.empty()) shown["details"] = error.details;
  if (!error.client_id.empty()) shown["client_id"] = error.client_id;
  if (error.error.empty()) shown["code"] = nullptr;
  page.variables["error"] = std::move(shown);
  const ScreenTexts texts = pages.texts(visit, "common", "error");
  page.variables["link"] = way_back_link(visit, texts.get("backToAppText", Pages::placeholders(visit)));
  return pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
