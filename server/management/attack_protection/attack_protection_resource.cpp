#include "management/attack_protection/attack_protection_resource.h"

#include "attack_protection/settings.h"
#include "management/resource.h"

namespace gatehouse::management {
namespace {

model::Property allowlist() {
  using namespace model::description;
  return array(string().format(model::Format::ip_or_cidr)).items(0, 100).about("Addresses and CIDR networks that are never counted.");
}

const model::Property& brute_force_body() {
  using namespace model::description;
  static const model::Property body = object()
                                          .field("enabled", boolean())
                                          .field("shields", array(one_of({"block", "user_notification"})))
                                          .field("allowlist", allowlist())
                                          .field("mode", one_of({"count_per_identifier_and_ip", "count_per_identifier"}))
                                          .field("max_attempts", integer().range(1, 100));
  return body;
}

json::object brute_force_defaults() {
  return {{"enabled", true},
          {"shields", json::array{"block", "user_notification"}},
          {"mode", "count_per_identifier_and_ip"},
          {"allowlist", json::array{}},
          {"max_attempts", 10}};
}

const model::Property& throttling_body() {
  using namespace model::description;
  const auto stage = [] { return object().field("max_attempts", integer().at_least(0)).field("rate", integer().at_least(0)).merged(); };
  static const model::Property body = object()
                                          .field("enabled", boolean())
                                          .field("shields", array(one_of({"block", "admin_notification"})))
                                          .field("allowlist", allowlist())
                                          .field("stage", object()
                                                              .field("pre-login", stage())
                                                              .field("pre-user-registration", stage())
                                                              .field("pre-custom-token-exchange", stage().not_enforced())
                                                              .merged());
  return body;
}

json::object throttling_defaults() {
  const auto stage = [](int attempts, int rate) { return json::object{{"max_attempts", attempts}, {"rate", rate}}; };
  return {{"enabled", true},
          {"shields", json::array{"admin_notification", "block"}},
          {"allowlist", json::array{}},
          {"stage", json::object{{"pre-login", stage(100, 864'000)},
                                 {"pre-user-registration", stage(50, 1'200)},
                                 {"pre-custom-token-exchange", stage(10, 600'000)}}}};
}

/// What is stored over the defaults, one level into `stage`.
json::object shown(json::object document, const json::object& stored) {
  for (const auto& [key, value] : stored) {
    if (key == "stage" && value.is_object()) {
      for (const auto& [stage, limits] : value.get_object()) document["stage"].as_object()[stage] = limits;
    } else {
      document[key] = value;
    }
  }
  return document;
}

}  // namespace

void AttackProtectionResource::mount() {
  mount({"/attack-protection/brute-force-protection", attack_protection::kBruteForceDocument, "brute-force protection", brute_force_body,
         brute_force_defaults});
  mount({"/attack-protection/suspicious-ip-throttling", attack_protection::kThrottlingDocument, "suspicious IP throttling", throttling_body,
         throttling_defaults});
}

void AttackProtectionResource::mount(const Document& document) {
  const std::string path(document.path), words(document.words);
  api_.get(path, {"read:attack_protection"}, "Get " + words + " settings",
           [this, document](const Call& call) { return get(call, document); });
  api_.patch(path, {"update:attack_protection"}, "Update " + words + " settings",
             [this, document](const Call& call) { return update(call, document); });
}

ApiResult<http::Response> AttackProtectionResource::get(const Call& call, const Document& document) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), document.name));
    return http::Response::json(200, shown(document.defaults(), stored));
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> AttackProtectionResource::update(const Call& call, const Document& document) const {
  if (const auto complaint = document.body().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(tx, call.tenant(), document.name));
    json::object changed = shown(document.defaults(), stored);
    document.body().apply(call.body().get_object(), changed);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), document.name, changed));
    return http::Response::json(200, changed);
  });
}

}  // namespace gatehouse::management
