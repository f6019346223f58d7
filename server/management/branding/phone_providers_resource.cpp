#include "management/branding/phone_providers_resource.h"

#include "management/resource.h"
#include "messaging/phone_provider.h"
#include "model/branding/phone_description.h"
#include "model/users/user.h"

namespace gatehouse::management {
namespace {

using messaging::kPhoneProviderDocument;

ApiError missing() { return {ApiErrc::not_found, "The phone provider does not exist.", "inexistent_phone_provider"}; }

/// As the API shows it.
json::object shown(const json::object& provider) {
  json::object out = provider;
  out["credentials"] = nullptr;
  return out;
}

/// `configuration` and `credentials`, whole. Errors: invalid_body.
ApiResult<void> check_parts(const json::object& provider, const json::object& credentials) {
  const std::string_view name = get_string(provider, "name").value_or("");
  if (const json::value* configuration = provider.if_contains("configuration"))
    if (const auto complaint = model::phone_configuration(name)->complaint(*configuration, model::Body::create, "configuration"))
      return payload_error(*complaint);
  if (const auto complaint = model::phone_credentials(name)->complaint(credentials, model::Body::create, "credentials"))
    return payload_error(*complaint);
  if (name == "twilio") {
    const json::object* configuration = get_object(provider, "configuration");
    if (!configuration) return payload_error("'Missing required property: configuration'");
    if (!configuration->contains("default_from") && !configuration->contains("mssid"))
      return ApiError(ApiErrc::invalid_body, "Either default_from or mssid has to be set.");
  }
  return {};
}

}  // namespace

void PhoneProvidersResource::mount() {
  const std::string path = "/branding/phone/providers", one = path + "/{id}";
  api_.get(path, {"read:phone_providers"}, "Get a list of phone providers", [this](const Call& call) { return list(call); });
  api_.post(path, {"create:phone_providers"}, "Configure the phone provider", [this](const Call& call) { return create(call); });
  api_.get(one, {"read:phone_providers"}, "Get a phone provider", [this](const Call& call) { return get(call); });
  api_.patch(one, {"update:phone_providers"}, "Update the phone provider", [this](const Call& call) { return update(call); });
  api_.remove(one, {"delete:phone_providers"}, "Delete a phone provider", [this](const Call& call) { return remove(call); });
  api_.post(one + "/try", {"create:phone_providers"}, "Send a test phone notification", [this](const Call& call) { return send_test(call); });
}

ApiResult<http::Response> PhoneProvidersResource::list(const Call& call) const {
  const auto wanted = call.query().get("disabled");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object provider, tenants_.document(reader, call.tenant(), kPhoneProviderDocument));
    json::array all;
    if (!provider.empty() && (!wanted || (*wanted == "true") == get_bool(provider, "disabled").value_or(false))) all.push_back(shown(provider));
    return http::Response::json(200, json::object{{"providers", std::move(all)}});
  });
}

/// Errors: inexistent_phone_provider.
ApiResult<http::Response> PhoneProvidersResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object provider, tenants_.document(reader, call.tenant(), kPhoneProviderDocument));
    if (get_string(provider, "id") != call.parameter()) return missing();
    return http::Response::json(200, shown(provider));
  });
}

/// Errors: invalid_body; 409 when there is one already.
ApiResult<http::Response> PhoneProvidersResource::create(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::phone_provider_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const std::string now = to_iso8601(call.now());
  json::object provider{{"id", "pro_" + api_.parts().random.base58(22)},
                        {"tenant", call.tenant().str()},
                        {"name", *get_string(*body, "name")},
                        {"channel", "phone"},
                        {"disabled", get_bool(*body, "disabled").value_or(false)}};
  if (const json::value* configuration = body->if_contains("configuration")) provider["configuration"] = *configuration;
  const json::object& credentials = *get_object(*body, "credentials");
  TRY_VOID(check_parts(provider, credentials));
  provider["credentials"] = messaging::seal_phone_credentials(credentials, kPhoneProviderDocument, call.tenant(), api_.parts().sealer);
  provider["created_at"] = provider["updated_at"] = now;
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, tenants_.document(tx, call.tenant(), kPhoneProviderDocument));
    if (!before.empty()) return ApiError(ApiErrc::conflict, "There is already a configured phone provider.", "phone_provider_conflict");
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPhoneProviderDocument, provider));
    return http::Response::json(201, shown(provider));
  });
}

/// Credentials that are not sent stay as long as the provider stays the same. Errors: inexistent_phone_provider, invalid_body.
ApiResult<http::Response> PhoneProvidersResource::update(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::phone_provider_body().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object provider, tenants_.document(tx, call.tenant(), kPhoneProviderDocument));
    if (get_string(provider, "id") != call.parameter()) return missing();
    const std::string before(*get_string(provider, "name"));
    for (const std::string_view name : {"name", "disabled", "configuration"})
      if (const json::value* value = body->if_contains(name)) provider[name] = *value;
    json::object credentials;
    if (const json::object* kept = get_object(provider, "credentials"); kept && before == *get_string(provider, "name")) credentials = *kept;
    if (const json::object* sent = get_object(*body, "credentials"))
      credentials = messaging::seal_phone_credentials(*sent, kPhoneProviderDocument, call.tenant(), api_.parts().sealer);
    TRY_VOID(check_parts(provider, credentials));
    provider["credentials"] = std::move(credentials);
    provider["updated_at"] = to_iso8601(call.now());
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPhoneProviderDocument, provider));
    return http::Response::json(200, shown(provider));
  });
}

/// Errors: inexistent_phone_provider.
ApiResult<http::Response> PhoneProvidersResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object provider, tenants_.document(tx, call.tenant(), kPhoneProviderDocument));
    if (get_string(provider, "id") != call.parameter()) return missing();
    TRY_VOID(tenants_.remove_document(tx, call.tenant(), kPhoneProviderDocument));
    return http::Response::empty();
  });
}

/// Queued like any message; what becomes of it stands in the tenant log. Errors: inexistent_phone_provider, invalid_body.
ApiResult<http::Response> PhoneProvidersResource::send_test(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::phone_try_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const std::string to(*get_string(*body, "to"));
  if (!model::normalize_phone(to)) return ApiError(ApiErrc::invalid_body, "The phone number is not valid.");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object provider, tenants_.document(tx, call.tenant(), kPhoneProviderDocument));
    if (get_string(provider, "id") != call.parameter()) return missing();
    const messaging::Sms sms{.tenant = call.tenant(),
                             .to = to,
                             .body = "This is a test message of your phone provider.",
                             .details = {{"type", "test"}},
                             .voice = get_string(*body, "delivery_method") == "voice"};
    TRY_VOID(messenger_.queue_sms(tx, sms));
    return http::Response::json(202, json::object{{"code", 202}, {"message", "The message is on its way to the provider."}});
  });
}

}  // namespace gatehouse::management
