#include "management/guardian/guardian_resource.h"

#include <algorithm>

#include "management/resource.h"

namespace gatehouse::management {
namespace {

namespace guardian = model::guardian;

/// The document over its defaults, without its secrets.
json::object shown(const guardian::Document& document, const json::object& stored) {
  json::object out = document.defaults();
  for (const auto& [key, value] : stored) {
    const model::Property* property = document.body().find(key);
    if (property && property->is_secret()) continue;
    out[key] = value;
  }
  return out;
}

}  // namespace

void GuardianResource::mount() {
  const std::vector<std::string> read{"read:guardian_factors"}, update{"update:guardian_factors"};
  api_.get("/guardian/factors", read, "List multi-factor authentication factors", [this](const Call& call) { return list_factors(call); });
  api_.put("/guardian/factors/{name}", update, "Set a multi-factor authentication factor",
           [this](const Call& call) { return set_factor(call); });
  api_.get("/guardian/policies", {"read:mfa_policies"}, "Get multi-factor authentication policies",
           [this](const Call& call) { return get_policies(call); });
  api_.put("/guardian/policies", {"update:mfa_policies"}, "Set multi-factor authentication policies",
           [this](const Call& call) { return set_policies(call); });
  for (const guardian::Document& document : guardian::documents()) {
    const std::string path(document.path), words(document.words);
    if (document.readable) api_.get(path, read, "Get " + words, [this, &document](const Call& call) { return get(call, document); });
    api_.put(path, update, "Set " + words, [this, &document](const Call& call) { return set(call, document, true); });
    if (document.patched)
      api_.patch(path, update, "Update " + words, [this, &document](const Call& call) { return set(call, document, false); });
  }
}

ApiResult<http::Response> GuardianResource::list_factors(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object on, tenants_.document(reader, call.tenant(), guardian::kFactors));
    json::array factors;
    for (const std::string_view name : guardian::kFactorNames)
      factors.push_back(json::object{{"name", name}, {"enabled", get_bool(on, name).value_or(false)}, {"trial_expired", false}});
    return http::Response::json(200, factors);
  });
}

/// Errors: invalid_uri (no such factor), invalid_body.
ApiResult<http::Response> GuardianResource::set_factor(const Call& call) const {
  const std::string& name = call.parameter("name");
  if (std::ranges::find(guardian::kFactorNames, name) == guardian::kFactorNames.end())
    return ApiError(ApiErrc::invalid_uri, "Path validation error: 'No enum match for: " + name + "' on property name.", "invalid_uri");
  if (const auto complaint = guardian::factor_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const bool enabled = get_bool(call.body().get_object(), "enabled").value_or(false);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object on, tenants_.document(tx, call.tenant(), guardian::kFactors));
    on[name] = enabled;
    TRY_VOID(tenants_.put_document(tx, call.tenant(), guardian::kFactors, on));
    return http::Response::json(200, json::object{{"enabled", enabled}});
  });
}

ApiResult<http::Response> GuardianResource::get_policies(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), guardian::kPolicies));
    const json::array* policies = get_array(stored, "policies");
    return http::Response::json(200, policies ? *policies : json::array{});
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> GuardianResource::set_policies(const Call& call) const {
  if (const auto complaint = guardian::policies_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(tenants_.put_document(tx, call.tenant(), guardian::kPolicies, json::object{{"policies", call.body()}}));
    return http::Response::json(200, call.body());
  });
}

ApiResult<http::Response> GuardianResource::get(const Call& call, const Document& document) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), document.name));
    return http::Response::json(200, shown(document, stored));
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> GuardianResource::set(const Call& call, const Document& document, bool whole) const {
  if (const auto complaint = document.body().complaint(call.body(), whole ? model::Body::create : model::Body::update))
    return payload_error(*complaint);
  json::object sent = call.body().get_object();
  for (auto& [key, value] : sent) {
    const model::Property* property = document.body().find(key);
    if (property && property->is_secret() && value.is_string())
      value = api_.parts().sealer.seal(value.get_string(), guardian::secret_context(call.tenant(), document.name, key));
  }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    json::object stored;
    if (!whole) {
      TRY(stored, tenants_.document(tx, call.tenant(), document.name));
    }
    document.body().apply(sent, stored);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), document.name, stored));
    return http::Response::json(200, shown(document, stored));
  });
}

}  // namespace gatehouse::management
