#include "messaging/phone_provider.h"

#include "base/encoding.h"
#include "model/resealing.h"

namespace gatehouse::messaging {
namespace {

std::string text(const json::object& object, std::string_view name) { return std::string(get_string(object, name).value_or("")); }

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string context(std::string_view document, std::string_view credential, const TenantId& tenant) {
  const std::string where = document == kPhoneProviderDocument ? "credentials." + std::string(credential) : std::string(credential);
  return model::sealed_context("tenant_documents", where, tenant.str() + "/" + std::string(document));
}

Result<SecretString> open(const json::object& object, std::string_view name, const crypto::Sealer& sealer, const std::string& context) {
  const std::string sealed = text(object, name);
  if (sealed.empty()) return SecretString();
  Result<SecretString> opened = sealer.open(sealed, context);
  if (!opened && opened.error().code == Errc::invalid_argument) return SecretString(sealed);  // was never sealed
  return opened;
}

/// Options of an `sms` connection, in Auth0's names: provider twilio or sms_gateway.
Result<PhoneRoute> of_connection(const json::object& options, const crypto::Sealer& sealer) {
  const std::string id = text(options, "connection_id");
  PhoneRoute route;
  route.from = text(options, "from");
  const auto secret = [&](const json::object& in, std::string_view name, const std::string& where) {
    return open(in, name, sealer, model::sealed_context("connections", where, id));
  };
  if (text(options, "provider") == "sms_gateway") {
    route.kind = PhoneRoute::Kind::webhook;
    route.url = text(options, "gateway_url");
    if (const json::object* authentication = get_object(options, "gateway_authentication")) {
      route.subject = text(*authentication, "subject");
      route.audience = text(*authentication, "audience");
      TRY(route.secret, secret(*authentication, "secret", "options.gateway_authentication.secret"));
      if (get_bool(*authentication, "secret_base64_encoded").value_or(false))
        if (auto decoded = base64url_decode(route.secret.reveal())) route.secret = SecretString(std::move(*decoded));
    }
    return route;
  }
  route.kind = PhoneRoute::Kind::twilio;
  route.url = without_slash(text(options, "base_url"));
  route.account = text(options, "twilio_sid");
  route.messaging_service = text(options, "messaging_service_sid");
  TRY(route.secret, secret(options, "twilio_token", "options.twilio_token"));
  return route;
}

Result<PhoneRoute> of_guardian(const json::object& twilio, const TenantId& tenant, const crypto::Sealer& sealer) {
  PhoneRoute route;
  route.kind = PhoneRoute::Kind::twilio;
  route.account = text(twilio, "sid");
  route.from = text(twilio, "from");
  route.messaging_service = text(twilio, "messaging_service_sid");
  TRY(route.secret, open(twilio, "auth_token", sealer, context(kGuardianTwilioDocument, "auth_token", tenant)));
  return route;
}

Result<PhoneRoute> of_provider(const json::object& provider, const TenantId& tenant, const crypto::Sealer& sealer) {
  PhoneRoute route;
  const json::object* configuration = get_object(provider, "configuration");
  const json::object* credentials = get_object(provider, "credentials");
  if (!configuration) return route;
  if (const auto methods = get_strings(*configuration, "delivery_methods"); !methods.empty()) route.delivery_methods = methods;
  route.from = text(*configuration, "default_from");
  const auto secret = [&](std::string_view name) -> Result<SecretString> {
    if (!credentials) return SecretString();
    return open(*credentials, name, sealer, context(kPhoneProviderDocument, name, tenant));
  };
  if (text(provider, "name") == "twilio") {
    route.kind = PhoneRoute::Kind::twilio;
    route.url = without_slash(text(*configuration, "base_url"));
    route.account = text(*configuration, "sid");
    route.messaging_service = text(*configuration, "mssid");
    TRY(route.secret, secret("auth_token"));
  } else if (const std::string url = text(*configuration, "webhook_url"); !url.empty()) {
    route.kind = PhoneRoute::Kind::webhook;
    route.url = route.audience = url;
    TRY(route.secret, secret("webhook_secret"));
  }
  return route;
}

}  // namespace

json::object seal_phone_credentials(const json::object& credentials, std::string_view document, const TenantId& tenant,
                                    const crypto::Sealer& sealer) {
  json::object out = credentials;
  for (const std::string_view name : {"auth_token", "webhook_secret"})
    if (const auto value = get_string(credentials, name); value && !value->empty())
      out[name] = sealer.seal(*value, context(document, name, tenant));
  return out;
}

Result<PhoneRoute> phone_route(const model::TenantStore& tenants, const crypto::Sealer& sealer, const PhoneMessage& message) {
  const auto complete = [](PhoneRoute route) {
    if (route.kind == PhoneRoute::Kind::twilio && route.url.empty()) route.url = kTwilioApi;
    return route;
  };
  if (const std::string own = text(message.sender, "provider");
      (own == "twilio" && !text(message.sender, "twilio_sid").empty()) || (own == "sms_gateway" && !text(message.sender, "gateway_url").empty())) {
    TRY(PhoneRoute route, of_connection(message.sender, sealer));
    return complete(std::move(route));
  }
  TRY(const auto provider, tenants.cached_document(message.tenant, kPhoneProviderDocument));
  if (message.second_factor) {
    TRY(const auto selected, tenants.cached_document(message.tenant, kGuardianProviderDocument));
    TRY(const auto twilio, tenants.cached_document(message.tenant, kGuardianTwilioDocument));
    if (text(*selected, "provider") == "twilio" && !text(*twilio, "sid").empty()) {
      TRY(PhoneRoute route, of_guardian(*twilio, message.tenant, sealer));
      if (const json::object* configuration = get_object(*provider, "configuration"))  // where Twilio is, is said once
        route.url = without_slash(text(*configuration, "base_url"));
      return complete(std::move(route));
    }
  }
  if (provider->empty() || get_bool(*provider, "disabled").value_or(false)) return PhoneRoute{};
  TRY(PhoneRoute route, of_provider(*provider, message.tenant, sealer));
  return complete(std::move(route));
}

}  // namespace gatehouse::messaging
