#include "oauth/revoke/revoke.h"

#include "oauth/cors.h"

namespace gatehouse::oauth {

void Revoke::mount(http::Router& router) {
  router.post("/oauth/revoke", {.lane = http::Lane::store, .scope = "client", .max_body = kMaxBody},
              [this](const http::Request& r) { return handle(r); });
  mount_preflight(router, "/oauth/revoke", "POST");
}

http::Response Revoke::handle(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return error_response(OAuthError(tenant.error()), false);
  const Result<BodyParameters> body = BodyParameters::parse(request);
  if (!body) return error_response(body.error(), (*tenant)->is_local());
  AuthenticatedClient client;
  const Result<void> done = revoke(request, *body, **tenant, client);
  http::Response response = done ? http::Response::empty(200) : error_response(done.error(), (*tenant)->is_local() || client.client);
  response.no_store();
  allow_origin_of(request, client.client.get(), parts_.clients, *body, response);
  return response;
}

Result<void> Revoke::revoke(const http::Request& request, const BodyParameters& body, const model::Tenant& tenant,
                            AuthenticatedClient& client) const {
  TRY_VOID(parts_.db.refresh_caches());
  TRY(client, parts_.client_auth.authenticate(request, body, tenant));
  TRY(const std::string text, body.require("token"));
  TRY(const std::optional<RefreshTokenText> token, parts_.texts.read(tenant.id, text));
  if (!token) return {};
  return parts_.db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(const std::optional<model::RefreshTokenFamily> family, parts_.refresh_tokens.find(tx, tenant.id, token->family));
    if (!family || family->client != client.client->id) return {};
    if (tenant.flag("revoke_refresh_token_grant")) {
      TRY_VOID(parts_.refresh_tokens.remove_of_both(tx, tenant.id, family->user, family->client));
    } else {
      TRY_VOID(parts_.refresh_tokens.remove(tx, tenant.id, family->id));
    }
    logs::Event event = logs::Event::from(request, "srrt", "Refresh token revoked");
    event.client = client.client->id;
    event.client_name = client.client->name;
    event.user = family->user;
    event.connection = family->connection;
    event.audience = family->audience;
    TRY_VOID(parts_.log.write(tx, event));
    return {};
  });
}

}  // namespace gatehouse::oauth
