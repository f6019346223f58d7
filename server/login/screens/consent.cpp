#include "login/screens/consent.h"

namespace gatehouse::login {
namespace {

/// Where the browser will be sent, without the parts that only confuse.
std::string destination_of(std::string_view redirect_uri) {
  redirect_uri = redirect_uri.substr(0, redirect_uri.find_first_of("?#"));
  return std::string(redirect_uri.substr(0, 200));
}

std::string_view standard_scope_key(std::string_view scope) {
  if (scope == "profile") return "profileText";
  if (scope == "email") return "emailText";
  if (scope == "phone") return "phoneText";
  if (scope == "address") return "addressText";
  if (scope == "offline_access") return "offlineText";
  if (scope == "openid") return "openidText";
  return {};
}

}  // namespace

void ConsentScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/consent", Phase::consent, http::Lane::store, [this](LoginVisit& visit) { return show(visit); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

json::array ConsentScreen::wishes(const LoginVisit& visit, const ScreenTexts& texts) const {
  std::shared_ptr<const model::ResourceServer> api;
  if (const std::string audience = visit.learnt("audience"); !audience.empty()) {
    auto found = kit_.parts.resource_servers.find_by_identifier(visit.tenant->id, audience);
    if (found) api = *found;
  }
  const std::vector<std::string> scopes = get_strings(visit.transaction.flow, "scopes");
  json::array out;
  for (const std::string& scope : scopes) {
    if (const std::string_view key = standard_scope_key(scope); !key.empty()) {
      if (scope != "openid" || scopes.size() == 1) out.emplace_back(texts.get(key, {}));
      continue;
    }
    std::string text = scope;
    if (api)
      for (const auto& known : api->scopes)
        if (known.value == scope && !known.description.empty()) text = known.description;
    out.emplace_back(text);
  }
  if (out.empty()) out.emplace_back(texts.get("nothingText", {}));
  return out;
}

http::Response ConsentScreen::show(const LoginVisit& visit) const {
  std::string user_name;
  if (visit.transaction.user) {
    auto user = kit_.parts.users.find(visit.tenant->id, *visit.transaction.user);
    if (user && *user) user_name = (*user)->known_as();
  }
  const bool confirms = visit.learnt("ask") == "callback";
  const std::string_view prompt = confirms ? "confirmation" : "consent";
  Page page{.template_name = "choice", .prompt = prompt, .screen = prompt};
  page.placeholders["userName"] = user_name;
  const ScreenTexts texts = kit_.pages.texts(visit, prompt, prompt);
  Placeholders values = Pages::placeholders(visit);
  values["userName"] = user_name;
  if (confirms) {
    page.variables["destination"] = destination_of(visit.asked("redirect_uri"));
    page.variables["lines"] = json::array{texts.get("hint", values)};
    page.variables["accept"] = texts.get("buttonText", values);
    page.variables["decline"] = texts.get("cancelButtonText", values);
  } else {
    page.description_key = "messageMultipleTenants";
    page.variables["list"] = wishes(visit, texts);
    page.variables["list_title"] = texts.get("pickerTitle", values);
    if (!visit.client->is_first_party) page.variables["lines"] = json::array{texts.get("trustHint", values)};
    page.variables["accept"] = texts.get("acceptButtonText", values);
    page.variables["decline"] = texts.get("declineButtonText", values);
    if (!user_name.empty()) page.variables["signed_in_as"] = texts.get("signedInAs", values);
  }
  page.variables["form"] = form_of(visit, "/u/consent");
  return kit_.pages.render(visit, std::move(page));
}

http::Response ConsentScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  const std::string_view action = form.get("action").value_or("");
  if (action != "accept" && action != "deny") return show(visit);
  visit.transaction.flow["consent"] = action;
  visit.transaction.step = "resume";
  return kit_.flow.go(visit, "/authorize/resume");
}

}  // namespace gatehouse::login
