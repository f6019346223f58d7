#include "oauth/discovery/discovery.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "model/transactions/transaction_store.h"
#include "oauth/cors.h"
#include "oauth/oauth_error.h"

namespace gatehouse::oauth {
namespace {

/// An answer that caches may keep for a moment: keys are published before they sign, so a minute is no risk, and verifiers that meet
/// an unknown key ask again by themselves.
http::Response cacheable(const http::Request& request, std::shared_ptr<const std::string> bytes, std::string_view etag) {
  http::Response response;
  const std::string_view known = request.header("if-none-match").value_or("");
  if (known == etag || known == "*" || (!known.empty() && known.find(etag) != std::string_view::npos)) {
    response.status = 304;
  } else {
    response.set("Content-Type", "application/json; charset=utf-8");
    response.shared_body = std::move(bytes);
  }
  response.set("Cache-Control", "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400");
  response.set("ETag", std::string(etag));
  allow_every_origin(response);
  return response;
}

}  // namespace

json::object openid_configuration(const model::Tenant& tenant) {
  const std::string& issuer = tenant.issuer;
  const auto at = [&](std::string_view path) { return issuer + std::string(path); };
  json::object document{
      {"issuer", issuer},
      {"authorization_endpoint", at("authorize")},
      {"token_endpoint", at("oauth/token")},
      {"userinfo_endpoint", at("userinfo")},
      {"mfa_challenge_endpoint", at("mfa/challenge")},
      {"jwks_uri", at(".well-known/jwks.json")},
      {"revocation_endpoint", at("oauth/revoke")},
      {"scopes_supported",
       {"openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname", "email", "email_verified", "picture",
        "created_at", "identities", "phone", "address"}},
      {"response_types_supported", {"code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"}},
      {"code_challenge_methods_supported", {"S256", "plain"}},
      {"response_modes_supported", {"query", "fragment", "form_post", "web_message"}},
      {"subject_types_supported", json::array{"public"}},
      {"token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}},
      {"token_endpoint_auth_signing_alg_values_supported", {"RS256", "RS384", "PS256", "ES256"}},
      {"revocation_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}},
      {"grant_types_supported",
       {"authorization_code", "implicit", "refresh_token", "client_credentials", "password",
        "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/passwordless/otp",
        "urn:okta:params:oauth:grant-type:webauthn", "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-recovery-code"}},
      {"acr_values_supported", json::array{model::kMultiFactorAcr}},
      {"claims_supported",
       {"acr", "amr", "aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat", "identities", "iss", "name",
        "nickname", "phone_number", "picture", "sub"}},
      // Also the allow list that API middleware holds access tokens to: every algorithm an API may sign with.
      {"id_token_signing_alg_values_supported", {"RS256", "HS256", "PS256", "RS512", "ES256", "EdDSA"}},
      {"request_parameter_supported", false},
      {"request_uri_parameter_supported", false},
      {"authorization_response_iss_parameter_supported", true},
  };
  const json::object* logout = get_object(tenant.settings, "oidc_logout");
  if (!logout || get_bool(*logout, "rp_logout_end_session_endpoint_discovery").value_or(true))
    document["end_session_endpoint"] = at("oidc/logout");
  return document;
}

void Discovery::mount(http::Router& router) {
  const http::RouteOptions options{
      .lane = http::Lane::store, .scope = "public", .planner = [this](const http::Request& r) { return plan(r); }};
  router.get("/.well-known/openid-configuration", options, [this](const http::Request& r) { return configuration(r); });
  router.get("/.well-known/oauth-authorization-server", options, [this](const http::Request& r) { return configuration(r); });
  router.get("/.well-known/jwks.json", options, [this](const http::Request& r) { return jwks(r); });
  for (const char* path : {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"})
    mount_preflight(router, path, "GET");
}

http::Lane Discovery::plan(const http::Request& request) const {
  return db_.hears_other_nodes() && warm_.find(request.tenant, request.path) ? http::Lane::inline_ : http::Lane::store;
}

http::Response Discovery::configuration(const http::Request& request) const {
  const bool on_loop = request.lane == http::Lane::inline_;
  if (!on_loop)
    if (const gatehouse::Result<void> fresh = db_.refresh_caches(); !fresh) return error_response(OAuthError(fresh.error()), false);
  const uint64_t generation = warm_.generation();
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = tenants_.get(request.tenant);
  if (!tenant) return error_response(OAuthError(tenant.error()), false);
  std::shared_ptr<const Document> document;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = documents_.find(request.tenant.str()); found != documents_.end()) document = found->second;
  }
  if (!document || document->made_from != *tenant) {
    auto made = std::make_shared<Document>();
    made->made_from = *tenant;
    made->bytes = std::make_shared<const std::string>(json::serialize(openid_configuration(**tenant)));
    made->etag = "\"" + base64url_encode(crypto::sha256(*made->bytes)).substr(0, 22) + "\"";
    document = std::move(made);
    const std::lock_guard lock(mutex_);
    documents_.insert_or_assign(request.tenant.str(), document);
  }
  if (!on_loop) warm_.put(request.tenant, request.path, std::make_shared<const char>(), generation);
  return cacheable(request, document->bytes, document->etag);
}

http::Response Discovery::jwks(const http::Request& request) const {
  const bool on_loop = request.lane == http::Lane::inline_;
  if (!on_loop)
    if (const gatehouse::Result<void> fresh = db_.refresh_caches(); !fresh) return error_response(OAuthError(fresh.error()), false);
  const uint64_t generation = warm_.generation();
  const gatehouse::Result<std::shared_ptr<const model::KeySet>> keys = keys_.keys(request.tenant);
  if (!keys) return error_response(OAuthError(keys.error()), false);
  if (!on_loop) warm_.put(request.tenant, request.path, std::make_shared<const char>(), generation);
  // The key set owns the bytes; the answer keeps it alive.
  return cacheable(request, std::shared_ptr<const std::string>(*keys, &(*keys)->jwks_json), (*keys)->jwks_etag);
}

}  // namespace gatehouse::oauth
