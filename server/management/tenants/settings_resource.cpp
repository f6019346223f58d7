#include "management/tenants/settings_resource.h"

#include "management/resource.h"
#include "model/branding/branding_description.h"
#include "model/tenants/tenant_description.h"

namespace gatehouse::management {
namespace {

/// Node.js versions that Actions may ask for.
constexpr std::string_view sandbox_versions[] = {"22", "18"};

/// Two settings stand in two documents on Auth0: the colours (settings.universal_login.colors, branding.colors) and the logo
/// (settings.picture_url, branding.logo_url). What changes in one changes in the other.
void mirror_to_branding(const json::object& change, const json::object& settings, json::object& branding) {
  if (change.contains("picture_url"))
    branding["logo_url"] = settings.contains("picture_url") ? settings.at("picture_url") : json::value("");
  const json::object* universal_login = get_object(change, "universal_login");
  if (const json::object* colors = universal_login ? get_object(*universal_login, "colors") : nullptr) branding["colors"] = *colors;
}

void mirror_to_settings(const json::object& change, const json::object& branding, json::object& settings) {
  if (change.contains("logo_url")) settings["picture_url"] = branding.contains("logo_url") ? branding.at("logo_url") : json::value("");
  if (!change.contains("colors")) return;
  json::value& universal_login = settings["universal_login"];
  if (!universal_login.is_object()) universal_login = json::object{};
  if (const json::object* colors = get_object(branding, "colors"))
    universal_login.get_object()["colors"] = *colors;
  else
    universal_login.get_object().erase("colors");
}

/// Recorded: `universal_login` shows once colours are set.
void hide_bare_universal_login(json::object& settings) {
  const json::object* universal_login = get_object(settings, "universal_login");
  if (universal_login && !universal_login->contains("colors")) settings.erase("universal_login");
}

/// Lifetimes can be given in minutes; they are kept in hours, as recorded answers show them.
ApiResult<json::object> in_hours(const json::object& body) {
  json::object change = body;
  for (const std::string_view name :
       {"session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"}) {
    const std::string in_minutes = std::string(name) + "_in_minutes";
    const json::value* minutes = change.if_contains(in_minutes);
    if (!minutes) continue;
    if (change.contains(name)) return ApiError(ApiErrc::invalid_body, "Cannot set both " + std::string(name) + " and " + in_minutes);
    const double hours = minutes->to_number<double>() / 60;
    const bool whole = hours == static_cast<double>(static_cast<int64_t>(hours));
    change.erase(in_minutes);
    if (whole)
      change[name] = static_cast<int64_t>(hours);
    else
      change[name] = hours;
  }
  return change;
}

}  // namespace

void SettingsResource::mount() {
  api_.get("/tenants/settings", {"read:tenant_settings"}, "Get tenant settings", [this](const Call& call) { return get_settings(call); });
  api_.patch("/tenants/settings", {"update:tenant_settings"}, "Update tenant settings",
             [this](const Call& call) { return update_settings(call); });
  api_.get("/branding", {"read:branding"}, "Get branding settings", [this](const Call& call) { return get_document(call, "branding"); });
  api_.patch("/branding", {"update:branding"}, "Update branding settings",
             [this](const Call& call) { return update_document(call, "branding", model::branding_body()); });
  api_.get("/prompts", {"read:prompts"}, "Get prompt settings", [this](const Call& call) { return get_document(call, "prompts"); });
  api_.patch("/prompts", {"update:prompts"}, "Update prompt settings",
             [this](const Call& call) { return update_document(call, "prompts", model::prompts_body()); });
}

ApiResult<http::Response> SettingsResource::get_settings(const Call& call) const {
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(json::object settings, tenants_.document(reader, call.tenant(), "settings"));
    json::array& versions = settings["sandbox_versions_available"].emplace_array();
    for (const std::string_view version : sandbox_versions) versions.emplace_back(version);
    hide_bare_universal_login(settings);
    choice.apply(settings);
    return http::Response::json(200, settings);
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> SettingsResource::update_settings(const Call& call) const {
  const model::Property& body = model::tenant_settings_body();
  if (const auto complaint = body.complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  TRY(const json::object change, in_hours(call.body().get_object()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object settings, tenants_.document(tx, call.tenant(), "settings"));
    body.apply(change, settings);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), "settings", settings));
    if (change.contains("picture_url") || change.contains("universal_login")) {
      TRY(json::object branding, tenants_.document(tx, call.tenant(), "branding"));
      mirror_to_branding(change, settings, branding);
      TRY_VOID(tenants_.put_document(tx, call.tenant(), "branding", branding));
    }
    TRY(const json::object prompts, tenants_.document(tx, call.tenant(), "prompts"));
    TRY(const json::object theme, tenants_.document(tx, call.tenant(), model::kThemeDocument));
    TRY(const json::object page, tenants_.document(tx, call.tenant(), model::kPageTemplateDocument));
    if (json::value* universal_login = settings.if_contains("universal_login"); universal_login && universal_login->is_object()) {
      json::object& shown = universal_login->get_object();
      shown["identifier_first"] = get_bool(prompts, "identifier_first").value_or(false);
      shown["is_custom_theme_set"] = !theme.empty();
      shown["is_custom_template_set"] = !page.empty();
    }
    hide_bare_universal_login(settings);
    return http::Response::json(200, settings);
  });
}

ApiResult<http::Response> SettingsResource::get_document(const Call& call, std::string_view name) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object document, tenants_.document(reader, call.tenant(), name));
    return http::Response::json(200, document);
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> SettingsResource::update_document(const Call& call, std::string_view name, const model::Property& body) const {
  if (const auto complaint = body.complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object document, tenants_.document(tx, call.tenant(), name));
    body.apply(call.body().get_object(), document);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), name, document));
    if (name == "branding") {
      TRY(json::object settings, tenants_.document(tx, call.tenant(), "settings"));
      mirror_to_settings(call.body().get_object(), document, settings);
      TRY_VOID(tenants_.put_document(tx, call.tenant(), "settings", settings));
    }
    return http::Response::json(200, document);
  });
}

}  // namespace gatehouse::management
