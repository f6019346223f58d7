#include "management/client_grants/client_grants_resource.h"

#include "model/client_grants/client_grant_description.h"
#include "model/clients/client_description.h"
#include "model/resource_servers/resource_server_description.h"

namespace gatehouse::management {

using model::StoredObject;

ClientGrantsResource::ClientGrantsResource(Api& api, const model::ClientGrantStore& grants, const model::ClientStore& clients,
                                           const model::ResourceServerStore& apis)
    : Resource(api, model::client_grant_description(), grants.objects()), clients_(clients), apis_(apis) {}

std::string ClientGrantsResource::new_id() const { return "cgr_" + parts().random.alphanumeric(16); }

ApiResult<void> ClientGrantsResource::checking(const Call&, const json::object& body, model::Body kind) const {
  if (kind == model::Body::update) return {};
  if (body.contains("client_id") == body.contains("default_for"))
    return ApiError(ApiErrc::invalid_body, body.contains("client_id")
                                               ? "Cannot set both client_id and default_for"
                                               : "Payload validation error: 'Missing required property: client_id'.");
  return {};
}

ApiResult<void> ClientGrantsResource::creating(storage::Transaction& tx, const Call& call, StoredObject& object) const {
  if (const auto client = get_string(object.properties, "client_id")) {
    TRY(const std::optional<StoredObject> found, clients_.objects().find(tx, call.tenant(), *client));
    if (!found || get_bool(found->properties, "global").value_or(false)) return management::missing(model::client_description());
  }
  const std::string audience(get_string(object.properties, "audience").value_or(""));
  TRY(const std::optional<StoredObject> api, apis_.objects().find_by(tx, call.tenant(), "identifier", audience));
  if (!api) return management::missing(model::resource_server_description());
  if (!object.properties.contains("scope")) object.properties["scope"] = json::array{};
  return {};
}

ApiResult<void> ClientGrantsResource::filter(const Call& call, model::ObjectQuery& query) const {
  for (const std::string_view column : {"audience", "client_id", "subject_type"})
    if (const auto value = call.query().get(column); value && !value->empty()) query.where.emplace_back(column, *value);
  TRY(const std::optional<bool> any_organization, query_boolean(call.query(), "allow_any_organization"));
  const std::string default_for(call.query().get("default_for").value_or(""));
  if (any_organization || !default_for.empty())
    query.keeps = [any_organization, default_for](const json::object& grant) {
      if (any_organization && get_bool(grant, "allow_any_organization").value_or(false) != *any_organization) return false;
      return default_for.empty() || get_string(grant, "default_for") == default_for;
    };
  return {};
}

}  // namespace gatehouse::management
