#include "management/tenants/settings_resource.h"

#include "management/resource.h"
#include "model/tenants/tenant_description.h"

namespace gatehouse::management {
namespace {

/// Node.js versions that Actions may ask for.
constexpr std::string_view sandbox_versions[] = {"22", "18"};

/// Writes a checked body over a document: keys replaced, null removes.
void apply(const json::object& change, const model::Property& body, json::object& document) {
  for (const auto& member : change) {
    if (member.value().is_null()) {
      document.erase(member.key());
      continue;
    }
    json::value value = member.value();
    if (const model::Property* property = body.find(member.key())) property->complete(value);
    document.insert_or_assign(member.key(), std::move(value));
  }
}

/// Lifetimes can be given in minutes; they are kept in hours, as recorded answers show them.
ApiResult<json::object> in_hours(const json::object& body) {
  json::object change = body;
  for (const std::string_view name : {"session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"}) {
    const std::string in_minutes = std::string(name) + "_in_minutes";
    const json::value* minutes = change.if_contains(in_minutes);
    if (!minutes) continue;
    if (change.contains(name)) return ApiError(ApiErrc::invalid_body, "Cannot set both " + std::string(name) + " and " + in_minutes);
    const double hours = minutes->to_number<double>() / 60;
    const bool whole = hours == static_cast<double>(static_cast<int64_t>(hours));
    change.erase(in_minutes);
    if (whole) change[name] = static_cast<int64_t>(hours);
    else change[name] = hours;
  }
  return change;
}

}  // namespace

void SettingsResource::mount() {
  api_.get("/tenants/settings", {"read:tenant_settings"}, "Get tenant settings", [this](const Call& call) { return get_settings(call); });
  api_.patch("/tenants/settings", {"update:tenant_settings"}, "Update tenant settings", [this](const Call& call) { return update_settings(call); });
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
    choice.apply(settings);
    return http::Response::json(200, settings);
  });
}

/// Flags are merged with those that stand; everything else is replaced. Errors: invalid_body.
ApiResult<http::Response> SettingsResource::update_settings(const Call& call) const {
  const model::Property& body = model::tenant_settings_body();
  if (const auto complaint = body.complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  TRY(json::object change, in_hours(call.body().get_object()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object settings, tenants_.document(tx, call.tenant(), "settings"));
    json::object flags;
    if (const json::object* before = get_object(settings, "flags")) flags = *before;
    apply(change, body, settings);
    if (const json::object* changed = get_object(change, "flags"))
      for (const auto& flag : *changed) flags.insert_or_assign(flag.key(), flag.value());
    settings["flags"] = std::move(flags);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), "settings", settings));
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
    apply(call.body().get_object(), body, document);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), name, document));
    return http::Response::json(200, document);
  });
}

}  // namespace gatehouse::management
