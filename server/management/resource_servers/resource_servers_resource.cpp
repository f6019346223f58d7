#include "management/resource_servers/resource_servers_resource.h"

#include "model/resource_servers/resource_server_description.h"

namespace gatehouse::management {

using model::StoredObject;

namespace {

/// What may change of the system API; the rest belongs to the server itself.
bool may_change_on_system_api(std::string_view property) {
  static const std::set<std::string_view> changeable{
      "token_lifetime",        "token_lifetime_for_web",     "skip_consent_for_verifiable_first_party_clients",
      "allow_offline_access",  "subject_type_authorization", "token_encryption",
      "authorization_details", "proof_of_possession",        "consent_policy",
      "authorization_policy"};
  return changeable.contains(property);
}

std::set<std::string> scope_values(const json::object& properties) {
  std::set<std::string> values;
  if (const json::array* scopes = get_array(properties, "scopes"))
    for (const json::value& scope : *scopes) values.emplace(get_string(scope.get_object(), "value").value_or(""));
  return values;
}

}  // namespace

ResourceServersResource::ResourceServersResource(Api& api, const model::ResourceServerStore& apis, const model::ClientGrantStore& grants,
                                                 const model::RoleStore& roles, const model::KeyRing& ring)
    : Resource(api, model::resource_server_description(), apis.objects()), grants_(grants), roles_(roles), ring_(ring) {}

std::string ResourceServersResource::new_id() const { return parts().random.hex(24); }

ApiResult<std::optional<StoredObject>> ResourceServersResource::find(storage::Reader& reader, const Call& call,
                                                                     const std::string& parameter) const {
  TRY(std::optional<StoredObject> by_id, objects().find(reader, call.tenant(), parameter));
  if (by_id) return by_id;
  TRY(std::optional<StoredObject> by_identifier, objects().find_by(reader, call.tenant(), "identifier", parameter));
  if (by_identifier || parameter.find('%') == std::string::npos) return by_identifier;
  // Some clients encode the identifier twice (recorded).
  const std::optional<std::string> decoded = http::percent_decode(parameter);
  if (!decoded || decoded->find('\0') != std::string::npos) return by_identifier;
  TRY(std::optional<StoredObject> by_decoded, objects().find_by(reader, call.tenant(), "identifier", *decoded));
  return by_decoded;
}

ApiResult<void> ResourceServersResource::checking(const Call& call, const json::object& body, model::Body) const {
  std::set<std::string> seen;
  const json::array* scopes = get_array(body, "scopes");
  for (const json::value& scope : scopes ? *scopes : json::array{})
    if (const std::string value(get_string(scope.get_object(), "value").value_or("")); !seen.insert(value).second)
      return ApiError(ApiErrc::invalid_body, "Duplicate scope: " + value);
  // the keys of an algorithm that nobody used so far are made here, so that no token waits for them
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(get_string(body, "signing_alg").value_or(""));
  if (algorithm && !jose::is_symmetric(*algorithm)) TRY_VOID(ring_.ensure(call.tenant(), *algorithm));
  return {};
}

/// An API that signs symmetrically needs a secret; one is made when none was given.
void ResourceServersResource::give_signing_secret(StoredObject& object) const {
  if (get_string(object.properties, "signing_alg") == "HS256") {
    if (!object.properties.contains("signing_secret")) object.properties["signing_secret"] = parts().random.alphanumeric(32);
  } else {
    object.properties.erase("signing_secret");
  }
}

ApiResult<void> ResourceServersResource::creating(storage::Transaction&, const Call& call, StoredObject& object) const {
  // /userinfo has no row, but its name is taken: nobody else issues tokens for it.
  if (get_string(object.properties, "identifier") == call.request().issuer + "userinfo")
    return conflict_or(Error{Errc::unique_violation, "", ""});
  give_signing_secret(object);
  return {};
}

ApiResult<void> ResourceServersResource::updating(storage::Transaction& tx, const Call& call, const StoredObject& before,
                                                  const json::object& change, StoredObject& object) const {
  if (get_bool(before.properties, "is_system").value_or(false))
    for (const auto& member : change)
      if (!may_change_on_system_api(member.key()))
        return ApiError(ApiErrc::invalid_body, "The property " + std::string(member.key()) + " of a system API cannot be changed");
  give_signing_secret(object);
  return withdraw_scopes(tx, call, before, object);
}

/// A scope that an API no longer has is no longer anybody's: not of roles, users or client grants.
ApiResult<void> ResourceServersResource::withdraw_scopes(storage::Transaction& tx, const Call& call, const StoredObject& before,
                                                         const StoredObject& after) const {
  std::set<std::string> removed = scope_values(before.properties);
  for (const std::string& kept : scope_values(after.properties)) removed.erase(kept);
  if (removed.empty()) return {};
  const std::string identifier(get_string(before.properties, "identifier").value_or(""));
  for (const std::string& scope : removed) TRY_VOID(roles_.forget_permission(tx, call.tenant(), {identifier, scope}));
  model::ObjectQuery query;
  query.limit = model::ObjectQuery::all;
  query.where.emplace_back("audience", identifier);
  TRY(std::vector<StoredObject> grants, grants_.objects().list(tx, call.tenant(), query));
  for (StoredObject& grant : grants) {
    json::array kept;
    for (const std::string& scope : get_strings(grant.properties, "scope"))
      if (!removed.contains(scope)) kept.emplace_back(scope);
    if (kept.size() == get_strings(grant.properties, "scope").size()) continue;
    grant.properties["scope"] = std::move(kept);
    TRY_VOID(grants_.objects().replace(tx, call.tenant(), grant, call.now()));
  }
  return {};
}

ApiResult<void> ResourceServersResource::removing(storage::Transaction& tx, const Call& call, const StoredObject& object) const {
  if (get_bool(object.properties, "is_system").value_or(false)) return ApiError(ApiErrc::invalid_body, "A system API cannot be deleted");
  const std::string identifier(get_string(object.properties, "identifier").value_or(""));
  TRY_VOID(roles_.forget_api(tx, call.tenant(), identifier));
  model::ObjectQuery query;
  query.limit = model::ObjectQuery::all;
  query.where.emplace_back("audience", identifier);
  TRY(const std::vector<StoredObject> grants, grants_.objects().list(tx, call.tenant(), query));
  for (const StoredObject& grant : grants) TRY_VOID(grants_.objects().remove(tx, call.tenant(), grant.id));
  return {};
}

ApiResult<void> ResourceServersResource::filter(const Call& call, model::ObjectQuery& query) const {
  for (const std::string_view name : {"identifiers", "identifiers[]"})
    for (const std::string_view identifier : call.query().all(name)) {
      query.any_of.first = "identifier";
      query.any_of.second.emplace_back(identifier);
    }
  if (query.any_of.second.size() > 100)
    return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'Array is too long' on property identifiers.");
  return {};
}

}  // namespace gatehouse::management
