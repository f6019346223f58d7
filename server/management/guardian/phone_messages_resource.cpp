#include "management/guardian/phone_messages_resource.h"

#include "liquid/liquid.h"
#include "management/resource.h"
#include "messaging/phone_provider.h"
#include "messaging/phone_templates.h"
#include "model/branding/phone_description.h"

namespace gatehouse::management {
namespace {

using messaging::kGuardianProviderDocument;
using messaging::kGuardianTemplatesDocument;
using messaging::kGuardianTwilioDocument;

json::object without_token(json::object twilio) {
  twilio.erase("auth_token");
  return twilio;
}

}  // namespace

void PhoneMessagesResource::mount() {
  for (const std::string factor : {"/guardian/factors/sms", "/guardian/factors/phone"}) {
    const std::vector<std::string> read{"read:guardian_factors"}, update{"update:guardian_factors"};
    api_.get(factor + "/providers/twilio", read, "Get Twilio configuration", [this](const Call& call) { return twilio(call); });
    api_.put(factor + "/providers/twilio", update, "Update Twilio configuration", [this](const Call& call) { return set_twilio(call); });
    api_.get(factor + "/selected-provider", read, "Get phone provider configuration", [this](const Call& call) { return selected(call); });
    api_.put(factor + "/selected-provider", update, "Update phone provider configuration", [this](const Call& call) { return select(call); });
    api_.get(factor + "/templates", read, "Get enrollment and verification phone templates", [this](const Call& call) { return templates(call); });
    api_.put(factor + "/templates", update, "Update enrollment and verification phone templates",
             [this](const Call& call) { return set_templates(call); });
  }
}

ApiResult<http::Response> PhoneMessagesResource::twilio(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), kGuardianTwilioDocument));
    return http::Response::json(200, without_token(stored));
  });
}

/// The token stays as it is when it is not sent. Errors: invalid_body.
ApiResult<http::Response> PhoneMessagesResource::set_twilio(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::guardian_twilio_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  if (get_string(*body, "from") && get_string(*body, "messaging_service_sid"))
    return ApiError(ApiErrc::invalid_body, "Only one of from and messaging_service_sid can be set.");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, tenants_.document(tx, call.tenant(), kGuardianTwilioDocument));
    json::object stored = messaging::seal_phone_credentials(*body, kGuardianTwilioDocument, call.tenant(), api_.parts().sealer);
    if (const json::value* token = before.if_contains("auth_token"); token && !stored.contains("auth_token")) stored["auth_token"] = *token;
    for (const std::string_view name : {"auth_token", "from", "messaging_service_sid", "sid"})
      if (const json::value* value = stored.if_contains(name); value && value->is_null()) stored.erase(name);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kGuardianTwilioDocument, stored));
    return http::Response::json(200, without_token(stored));
  });
}

ApiResult<http::Response> PhoneMessagesResource::selected(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(json::object stored, tenants_.document(reader, call.tenant(), kGuardianProviderDocument));
    if (stored.empty()) stored["provider"] = "auth0";
    return http::Response::json(200, stored);
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> PhoneMessagesResource::select(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::guardian_selected_provider_body().complaint(call.body(), model::Body::create))
    return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kGuardianProviderDocument, *body));
    return http::Response::json(200, *body);
  });
}

ApiResult<http::Response> PhoneMessagesResource::templates(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(json::object stored, tenants_.document(reader, call.tenant(), kGuardianTemplatesDocument));
    if (stored.empty()) stored = messaging::default_guardian_templates();
    return http::Response::json(200, stored);
  });
}

/// Errors: invalid_body, also for what is no template.
ApiResult<http::Response> PhoneMessagesResource::set_templates(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::guardian_phone_templates_body().complaint(call.body(), model::Body::create))
    return payload_error(*complaint);
  for (const auto& [name, source] : *body)
    if (const auto parsed = liquid::Template::parse(source.as_string()); !parsed)
      return ApiError(ApiErrc::invalid_body, "The template in '" + std::string(name) + "' is not valid. " + parsed.error().message);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kGuardianTemplatesDocument, *body));
    return http::Response::json(200, *body);
  });
}

}  // namespace gatehouse::management
