#include "login/page.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "login/embedded.h"
#include "login/page_template.h"
#include "login/theme.h"
#include "model/branding/branding_description.h"
#include "model/prompts/partials.h"
#include "model/prompts/prompts.h"
#include "model/transactions/transaction_store.h"

namespace gatehouse::login {
namespace {

std::string_view content_type_of(std::string_view file) {
  if (file.ends_with(".css")) return "text/css; charset=utf-8";
  if (file.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

/// login.css → /u/assets/login.1f3a9c0d2b.css: a new content is a new address.
std::string asset_path(std::string_view file, std::string_view content) {
  const size_t dot = file.rfind('.');
  return "/u/assets/" + std::string(file.substr(0, dot)) + "." + hex_encode(crypto::sha256(content)).substr(0, 12) +
         std::string(file.substr(dot));
}

}  // namespace

json::object Field::to_json() const {
  json::object out{
      {"id", name},     {"name", name},           {"type", type},         {"label", label},        {"autocomplete", autocomplete},
      {"value", value}, {"maxlength", maxlength}, {"required", required}, {"autofocus", autofocus}};
  std::string described(describedby);
  if (!error.empty()) {
    out["error"] = error;
    described = std::string(name) + "-error" + (described.empty() ? "" : " " + described);
  }
  if (!described.empty()) out["describedby"] = described;
  if (!inputmode.empty()) out["inputmode"] = inputmode;
  return out;
}

Result<std::unique_ptr<Pages>> Pages::create(const model::TenantStore& tenants, crypto::Random& random) {
  std::unique_ptr<Pages> pages(new Pages(tenants, random));
  constexpr std::string_view templates = "templates/", assets = "assets/", ending = ".liquid";
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name.starts_with(templates)) {
      auto parsed = liquid::Template::parse(file.content, {.strict = true});
      if (!parsed) return Error{Errc::internal, std::string(file.name) + ": " + parsed.error().message};
      pages->templates_.emplace(file.name.substr(templates.size(), file.name.size() - templates.size() - ending.size()),
                                std::move(parsed).value());
    } else if (file.name.starts_with(assets)) {
      const std::string_view name = file.name.substr(assets.size());
      const std::string path = asset_path(name, file.content);
      pages->asset_paths_.emplace(name, path);
      pages->assets_.push_back({path, std::string(content_type_of(name)), std::make_shared<const std::string>(file.content)});
    }
  }
  return pages;
}

const std::string& Pages::asset(std::string_view file) const { return asset_paths_.find(file)->second; }

Placeholders Pages::placeholders(const Visit& visit) {
  Placeholders values;
  const std::string company = visit.tenant ? visit.tenant->friendly_name() : std::string();
  values["companyName"] = values["tenantName"] = company;
  values["clientName"] = values["appName"] = visit.client ? visit.client->name : company;
  return values;
}

ScreenTexts Pages::texts(const Visit& visit, std::string_view prompt, std::string_view screen) const {
  std::shared_ptr<const json::object> custom;
  if (visit.tenant && !visit.tenant->id.empty()) {
    auto document = tenants_.cached_document(visit.tenant->id, model::custom_text_name(prompt, visit.catalogue->locale()));
    if (document) custom = *document;
  }
  return {*visit.catalogue, prompt, screen, std::move(custom)};
}

http::Response Pages::render(const Visit& visit, Page page) const {
  const ScreenTexts texts = this->texts(visit, page.prompt, page.screen);
  Placeholders values = placeholders(visit);
  for (const auto& [name, value] : page.placeholders) values[name] = value;
  json::object& variables = page.variables;
  static const json::object none;
  const json::object& branding = visit.tenant ? visit.tenant->branding : none;
  const json::object& settings = visit.tenant ? visit.tenant->settings : none;

  std::string images = "'self'";
  for (const std::string& origin : page.images) images += " " + origin;
  json::object brand;
  const auto image = [&](std::string_view key, std::optional<std::string_view> first, std::optional<std::string_view> second) {
    for (const auto& candidate : {first, second}) {
      const auto url = candidate ? safe_image_url(*candidate) : std::nullopt;
      if (!url) continue;
      brand[key] = *url;
      images += " " + *origin_of(*url);
      return;
    }
  };
  // What the tenant set beyond colours and a logo; what cannot be read is as if there were none.
  const auto document = [&](std::string_view name) {
    auto found = visit.tenant && !visit.tenant->id.empty() ? tenants_.cached_document(visit.tenant->id, name) : Error{Errc::not_found, ""};
    return found ? *found : std::make_shared<const json::object>();
  };
  const auto theme = document(model::kThemeDocument);
  const json::object* widget = get_object(*theme, "widget");
  if (const json::object* background = get_object(*theme, "page_background"))
    if (const auto url = safe_image_url(get_string(*background, "background_image_url").value_or(""))) images += " " + *origin_of(*url);
  image("logo_url", widget ? get_string(*widget, "logo_url") : std::nullopt, std::nullopt);
  if (!brand.contains("logo_url")) image("logo_url",
        visit.client && !visit.client->logo_uri.empty() ? std::optional<std::string_view>(visit.client->logo_uri) : std::nullopt,
        get_string(branding, "logo_url").has_value() ? get_string(branding, "logo_url") : get_string(settings, "picture_url"));
  image("favicon_url", get_string(branding, "favicon_url"), std::nullopt);

  json::object tenant{{"name", values["companyName"]}};
  if (const auto url = get_string(settings, "support_url"); url && origin_of(*url)) tenant["support_url"] = *url;
  if (const auto email = get_string(settings, "support_email"); email && email->find('@') != std::string_view::npos)
    tenant["support_email"] = *email;

  const std::string nonce = base64url_encode(random_.bytes(16));
  const std::string title = texts.has("pageTitle") ? texts.get("pageTitle", values) : texts.get(page.title_key, values);
  variables["page"] = json::object{{"locale", visit.catalogue->locale()},
                                   {"dir", visit.catalogue->right_to_left() ? "rtl" : "ltr"},
                                   {"title", title},
                                   {"failed", page.failed || !page.alert_key.empty()},
                                   {"css", asset("login.css")},
                                   {"script", asset("login.js")},
                                   {"webauthn", page.webauthn ? json::value(asset("webauthn.js")) : json::value(nullptr)},
                                   {"icon", asset("mark.svg")},
                                   {"nonce", nonce},
                                   {"theme", theme_css(branding, *theme)},
                                   {"screen", page.screen}};
  variables["branding"] = std::move(brand);
  variables["tenant"] = std::move(tenant);
  variables["texts"] = texts.filled(values);
  if (!variables.contains("title")) variables["title"] = texts.get(page.title_key, values);
  if (!variables.contains("description")) variables["description"] = texts.get(page.description_key, values);
  if (!page.alert_key.empty()) variables["alert"] = texts.get(page.alert_key, values);
  // Liquid takes an empty text for something that is there.
  for (const std::string_view key : {"title", "description", "alert"})
    if (const auto text = get_string(variables, key); text && text->empty()) variables[key] = nullptr;

  std::string scripts = "'self'", styles = "'self' 'nonce-" + nonce + "'", more;
  const auto source = [](std::string& list, std::optional<std::string_view> sources) {
    if (sources && !sources->empty()) list += " " + std::string(*sources);
  };
  if (json::value* captcha = variables.if_contains("captcha"); captcha && captcha->is_object()) {
    json::object& shown = captcha->get_object();
    const json::object* colours = get_object(*theme, "colors");
    const std::string_view look = colours ? get_string(*colours, "captcha_widget_theme").value_or("auto") : "auto";
    shown["theme"] = look == "dark" ? "dark" : "light";
    if (shown.contains("work")) shown["script"] = asset("captcha.js");
    if (const json::object* needs = get_object(shown, "csp")) {
      source(scripts, get_string(*needs, "script"));
      source(styles, get_string(*needs, "style"));
      for (const std::string_view kind : {"frame", "worker"})
        if (const auto sources = get_string(*needs, kind); sources && !sources->empty()) more += "; " + std::string(kind) + "-src " + std::string(*sources);
    }
  }
  const std::string connects = std::string(page.webauthn ? " 'self'" : "") + [&] {
    std::string list;
    const json::object* captcha = get_object(variables, "captcha");
    const json::object* needs = captcha ? get_object(*captcha, "csp") : nullptr;
    if (needs) source(list, get_string(*needs, "connect"));
    return list;
  }();
  if (!connects.empty()) more += "; connect-src" + connects;

  const auto own_page = document(model::kPageTemplateDocument);
  const auto partials = model::has_partials(page.prompt) ? document(model::partials_name(page.prompt)) : std::make_shared<const json::object>();
  json::object of_tenant;
  if (!own_page->empty() || !partials->empty()) {
    json::object application;
    if (visit.client)
      application = {{"id", visit.client->id.str()}, {"name", visit.client->name}, {"logo_url", visit.client->logo_uri}};
    json::object of_branding = branding;
    if (const json::object* shown = get_object(variables, "branding"))
      for (const auto& [key, value] : *shown) of_branding[key] = value;
    of_tenant = tenant_variables(variables, page.prompt, page.screen, application, of_branding);
    // What administrators wrote may load pictures and fonts from anywhere, and run its own scripts: those with the nonce.
    images += " https: data:";
    more += "; font-src https:";
    scripts += " 'nonce-" + nonce + "'";
    styles += " https:";
    if (const json::object* of_screen = get_object(*partials, page.screen)) variables["partials"] = rendered_partials(*of_screen, of_tenant, nonce);
  }

  const liquid::RenderOptions options{.defaults = &texts.shared(), .partial = [this](std::string_view name) -> const liquid::Template* {
                                        const auto it = templates_.find(name);
                                        return it == templates_.end() ? nullptr : &it->second;
                                      }};
  const auto found = templates_.find(page.template_name);
  Result<std::string> html =
      found == templates_.end() ? Result<std::string>(Error{Errc::internal, "no such template"}) : found->second.render(variables, options);
  if (!html) return http::Response::text(500, "This page could not be made. Tracking ID: " + visit.request->id + "\n");

  if (!own_page->empty())
    if (auto whole = inside_page_template(get_string(*own_page, "body").value_or(""), *html, of_tenant, nonce)) html = std::move(whole);

  http::Response response = http::Response::html(page.status, std::move(*html));
  // Auth0's flag for tenants that frame their login page on purpose.
  const bool may_be_framed = visit.tenant && visit.tenant->flag("disable_clickjack_protection_headers");
  // No form-action: Chromium applies it to the redirect to the application and would block the login without a word.
  response.set("Content-Security-Policy", "default-src 'none'; style-src " + styles + "; script-src " + scripts + "; img-src " + images + more +
                                              "; base-uri 'none'" + (may_be_framed ? "" : "; frame-ancestors 'none'"));
  if (!may_be_framed) response.set("X-Frame-Options", "DENY");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "same-origin");  // no-referrer would make a form's Origin null
  response.set("X-Robots-Tag", "none");
  response.set("Content-Language", visit.catalogue->locale());
  response.add("Vary", "Accept-Language");
  response.no_store();
  if (visit.new_browser) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = visit.browser});
  return response;
}

std::string csrf_token(const Visit& visit) {
  return base64url_encode(crypto::sha256("gatehouse form\n" + visit.binding + "\n" + visit.browser));
}

bool csrf_fits(const Visit& visit, const http::Parameters& form) {
  const auto token = form.get("csrf");
  return token && !visit.browser.empty() && !visit.new_browser && crypto::constant_time_equal(*token, csrf_token(visit));
}

json::object form_of(const Visit& visit, std::string_view path, std::string_view parameter) {
  return {{"action", std::string(path) + "?" + std::string(parameter) + "=" + http::percent_encode(visit.binding)},
          {"parameter", parameter},
          {"state", visit.binding},
          {"csrf", csrf_token(visit)}};
}

std::string link_to(const Visit& visit, std::string_view path) {
  return std::string(path) + "?state=" + http::percent_encode(visit.binding);
}

std::optional<std::string> way_back(const model::Client& client) {
  if (origin_of(client.initiate_login_uri)) return client.initiate_login_uri;
  for (const std::string& callback : client.callbacks)
    if (const auto origin = origin_of(callback)) return *origin + "/";
  return std::nullopt;
}

json::value way_back_link(const Visit& visit, std::string text) {
  const auto href = visit.client ? way_back(*visit.client) : std::nullopt;
  if (!href) return nullptr;
  return json::object{{"href", *href}, {"text", std::move(text)}};
}

}  // namespace gatehouse::login
