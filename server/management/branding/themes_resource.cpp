#include "management/branding/themes_resource.h"

#include "management/resource.h"
#include "model/branding/branding_description.h"

namespace gatehouse::management {

using model::kThemeDocument;

void ThemesResource::mount() {
  api_.post("/branding/themes", {"update:branding"}, "Create branding theme", [this](const Call& call) { return create(call); });
  api_.get("/branding/themes/default", {"read:branding"}, "Get default branding theme",
           [this](const Call& call) { return get(call, false); });
  api_.get("/branding/themes/{themeId}", {"read:branding"}, "Get branding theme", [this](const Call& call) { return get(call, true); });
  api_.patch("/branding/themes/{themeId}", {"update:branding"}, "Update branding theme", [this](const Call& call) { return replace(call); });
  api_.remove("/branding/themes/{themeId}", {"update:branding"}, "Delete branding theme", [this](const Call& call) { return remove(call); });
}

ApiResult<json::object> ThemesResource::find(storage::Reader& reader, const Call& call, bool by_id) const {
  TRY(json::object theme, tenants_.document(reader, call.tenant(), kThemeDocument));
  if (theme.empty() || (by_id && get_string(theme, "themeId") != call.parameter("themeId")))
    return ApiError(ApiErrc::not_found, "There was an error retrieving branding settings: invalid theme ID", "theme_not_found");
  return theme;
}

/// Errors: invalid_body; 409 when there is one already.
ApiResult<http::Response> ThemesResource::create(const Call& call) const {
  if (const auto complaint = model::theme_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  json::object theme = call.body().get_object();
  theme["themeId"] = api_.parts().random.alphanumeric(32);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, tenants_.document(tx, call.tenant(), kThemeDocument));
    if (!before.empty()) return ApiError(ApiErrc::conflict, "There is already a theme", "theme_conflict");
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kThemeDocument, theme));
    return http::Response::json(200, theme);
  });
}

/// Errors: theme_not_found.
ApiResult<http::Response> ThemesResource::get(const Call& call, bool by_id) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object theme, find(reader, call, by_id));
    return http::Response::json(200, theme);
  });
}

/// A whole theme, as a new one. Errors: invalid_body, theme_not_found.
ApiResult<http::Response> ThemesResource::replace(const Call& call) const {
  if (const auto complaint = model::theme_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, find(tx, call, true));
    json::object theme = call.body().get_object();
    theme["themeId"] = before.at("themeId");
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kThemeDocument, theme));
    return http::Response::json(200, theme);
  });
}

/// Errors: theme_not_found.
ApiResult<http::Response> ThemesResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object theme, find(tx, call, true));
    TRY_VOID(tenants_.remove_document(tx, call.tenant(), kThemeDocument));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
