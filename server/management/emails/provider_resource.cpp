#include "management/emails/provider_resource.h"

#include "management/resource.h"
#include "messaging/email_provider.h"
#include "messaging/mime.h"
#include "model/emails/email_provider_description.h"

namespace gatehouse::management {
namespace {

using messaging::kEmailProviderDocument;

ApiError missing() { return {ApiErrc::not_found, "There is not a configured email provider", "inexistent_email_provider"}; }

/// Checks the body as far as it does not depend on what is stored. Errors: invalid_body.
ApiResult<const json::object*> checked_body(const Call& call, model::Body kind) {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::email_provider_body().complaint(call.body(), kind)) return payload_error(*complaint);
  if (const auto from = get_string(*body, "default_from_address"); from && !from->empty() && !messaging::Mailbox::parse(*from))
    return payload_error("'Object didn't pass validation for format email: " + std::string(*from) +
                         "' on property default_from_address (Email address to use as \"from\" when no other address specified.)");
  return body;
}

/// A provider's credentials, whole. Errors: invalid_body.
ApiResult<void> check_credentials(std::string_view provider, const json::object& credentials) {
  const model::Property* description = model::email_credentials(provider);
  if (!description)
    return payload_error("'No enum match for: " + std::string(provider) + "' on property name (Name of the email provider.)");
  if (const auto complaint = description->complaint(credentials, model::Body::create, "credentials")) return payload_error(*complaint);
  return {};
}

}  // namespace

void EmailProviderResource::mount() {
  api_.get("/emails/provider", {"read:email_provider"}, "Get the email provider", [this](const Call& call) { return get(call); });
  api_.post("/emails/provider", {"create:email_provider"}, "Configure the email provider",
            [this](const Call& call) { return create(call); });
  api_.patch("/emails/provider", {"update:email_provider"}, "Update the email provider", [this](const Call& call) { return update(call); });
  api_.remove("/emails/provider", {"delete:email_provider"}, "Delete the email provider",
              [this](const Call& call) { return remove(call); });
}

/// Errors: inexistent_email_provider.
ApiResult<http::Response> EmailProviderResource::get(const Call& call) const {
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object provider, tenants_.document(reader, call.tenant(), kEmailProviderDocument));
    if (provider.empty()) return missing();
    json::object shown = messaging::show_email_provider(provider);
    choice.apply(shown);
    return http::Response::json(200, shown);
  });
}

/// Errors: invalid_body; 409 when there is one already.
ApiResult<http::Response> EmailProviderResource::create(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::create));
  const std::string name(*get_string(*body, "name"));
  const json::object& credentials = *get_object(*body, "credentials");
  TRY_VOID(check_credentials(name, credentials));
  json::object provider{{"name", name}, {"enabled", get_bool(*body, "enabled").value_or(true)}};
  if (const auto from = get_string(*body, "default_from_address")) provider["default_from_address"] = *from;
  provider["credentials"] = messaging::seal_email_credentials(name, credentials, call.tenant(), api_.parts().sealer);
  if (const json::object* settings = get_object(*body, "settings")) provider["settings"] = *settings;
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, tenants_.document(tx, call.tenant(), kEmailProviderDocument));
    if (!before.empty()) return ApiError(ApiErrc::conflict, "There is already a configured email provider", "email_provider_conflict");
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kEmailProviderDocument, provider));
    return http::Response::json(201, messaging::show_email_provider(provider));
  });
}

/// Where there is none, a whole one is made. Credentials that are not sent stay as long as the provider stays the same. Errors: inexistent_email_provider, invalid_body.
ApiResult<http::Response> EmailProviderResource::update(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::update));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object provider, tenants_.document(tx, call.tenant(), kEmailProviderDocument));
    // Deploy tools change what is there without looking; with all that is needed, that makes it.
    if (provider.empty() && !(body->contains("name") && body->contains("credentials"))) return missing();
    const std::string name(get_string(*body, "name").value_or(get_string(provider, "name").value_or("")));
    const bool same = name == get_string(provider, "name");
    if (provider.empty()) provider["enabled"] = true;
    json::object credentials;
    if (const json::object* kept = get_object(provider, "credentials"); same && kept) credentials = *kept;
    if (const json::object* sent = get_object(*body, "credentials"))
      for (const auto& [key, value] : messaging::seal_email_credentials(name, *sent, call.tenant(), api_.parts().sealer))
        credentials[key] = value;
    TRY_VOID(check_credentials(name, credentials));
    provider["name"] = name;
    provider["credentials"] = std::move(credentials);
    for (const std::string_view key : {"enabled", "default_from_address", "settings"})
      if (const json::value* value = body->if_contains(key)) {
        if (value->is_null())
          provider.erase(key);
        else
          provider[key] = *value;
      }
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kEmailProviderDocument, provider));
    return http::Response::json(200, messaging::show_email_provider(provider));
  });
}

/// Errors: inexistent_email_provider.
ApiResult<http::Response> EmailProviderResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const bool there, tenants_.remove_document(tx, call.tenant(), kEmailProviderDocument));
    if (!there) return missing();
    return http::Response::empty();
  });
}

}  // namespace gatehouse::management
