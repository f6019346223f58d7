#include "oauth/cors.h"

#include "model/clients/url_rules.h"

namespace gatehouse::oauth {

bool is_own_origin(const model::Client& client, std::string_view origin) {
  const model::UrlRules rules{.wildcards = client.is_first_party};
  return model::origin_allowed(client.allowed_origins, origin, rules) || model::origin_allowed(client.web_origins, origin, rules) ||
         model::origin_allowed(client.callbacks, origin, rules);
}

void allow_origin_of(const http::Request& request, const model::Client* client, const model::ClientStore& clients,
                     const BodyParameters& body, http::Response& response) {
  const std::optional<std::string_view> origin = request.header("origin");
  if (!origin) return;
  response.add("Vary", "Origin");
  if (*origin == "null") return;
  std::shared_ptr<const model::Client> named;
  if (!client) {
    const std::optional<std::string_view> id = body.get("client_id");
    if (!id) return;
    if (gatehouse::Result<std::shared_ptr<const model::Client>> found = clients.find(request.tenant, ClientId(std::string(*id))))
      named = std::move(*found);
    client = named.get();
  }
  if (!client || !is_own_origin(*client, *origin)) return;
  response.set("Access-Control-Allow-Origin", std::string(*origin));
  response.set("Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After");
}

void allow_every_origin(http::Response& response) { response.set("Access-Control-Allow-Origin", "*"); }

void mount_preflight(http::Router& router, std::string pattern, std::string methods) {
  router.add(http::Method::OPTIONS, std::move(pattern), {.lane = http::Lane::inline_, .scope = "public"},
             [methods](const http::Request& request) {
               http::Response response = http::Response::empty(204);
               const std::optional<std::string_view> origin = request.header("origin");
               response.add("Vary", "Origin");
               if (!origin || *origin == "null") return response;
               response.set("Access-Control-Allow-Origin", std::string(*origin));
               response.set("Access-Control-Allow-Methods", methods);
               response.set("Access-Control-Allow-Headers", "Auth0-Client, Authorization, Content-Type, DPoP, X-Requested-With");
               response.set("Access-Control-Max-Age", "7200");
               return response;
             });
}

}  // namespace gatehouse::oauth
