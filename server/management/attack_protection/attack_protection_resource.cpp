#include "management/attack_protection/attack_protection_resource.h"

#include "management/resource.h"
#include "model/resealing.h"

namespace gatehouse::management {
namespace {

/// Calls `visit` for each secret text one level down.
template <class Visit>
void each_secret(const model::Property& body, json::object& document, const Visit& visit) {
  for (const model::Field& group : body.fields()) {
    json::value* members = document.if_contains(group.name);
    if (!members || !members->is_object()) continue;
    for (const model::Field& field : group.property.fields())
      if (json::value* value = members->get_object().if_contains(field.name); value && field.property.is_secret())
        visit(members->get_object(), group.name, field.name, *value);
  }
}

json::object shown(const model::AttackProtectionDescription& document, const json::object& stored) {
  json::object out = model::over_defaults(document.defaults(), stored);
  each_secret(document.body(), out,
              [](json::object& group, const std::string&, const std::string& name, json::value&) { group.erase(name); });
  return out;
}

}  // namespace

void AttackProtectionResource::mount() {
  for (const Document& document : model::attack_protection_descriptions()) {
    const std::string path(document.path), words(document.words);
    api_.get(path, {"read:attack_protection"}, "Get " + words + " settings",
             [this, &document](const Call& call) { return get(call, document); });
    api_.patch(path, {"update:attack_protection"}, "Update " + words + " settings",
               [this, &document](const Call& call) { return update(call, document); });
  }
}

ApiResult<http::Response> AttackProtectionResource::get(const Call& call, const Document& document) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), document.document));
    return http::Response::json(200, shown(document, stored));
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> AttackProtectionResource::update(const Call& call, const Document& document) const {
  if (const auto complaint = document.body().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  json::object change = call.body().get_object();
  const std::string row = call.tenant().str() + "/" + std::string(document.document);
  each_secret(document.body(), change, [&](json::object&, const std::string& group, const std::string& name, json::value& value) {
    value = api_.parts().sealer.seal(value.get_string(), model::sealed_context("tenant_documents", group + "." + name, row));
  });
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(tx, call.tenant(), document.document));
    json::object changed = model::over_defaults(document.defaults(), stored);
    document.body().apply(change, changed);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), document.document, changed));
    return http::Response::json(200, shown(document, changed));
  });
}

}  // namespace gatehouse::management
