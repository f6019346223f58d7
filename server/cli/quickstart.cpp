#include <cstdio>

#include "cli/commands.h"
#include "cli/management_client.h"
#include "crypto/random.h"
#include "http/request.h"

namespace gatehouse::cli {
namespace {

constexpr const char* kAudience = "https://orders.example.com/";  // the API of examples/
constexpr const char* kConnection = "Username-Password-Authentication";
constexpr const char* kUser = "user@example.com";

/// The application each kind of quick start needs, as POST /api/v2/clients takes it. Null: none.
json::value application(const std::string& kind) {
  if (kind == "nextjs")
    return {{"name", "Quickstart Next.js"},
            {"app_type", "regular_web"},
            {"oidc_conformant", true},
            {"grant_types", {"authorization_code", "refresh_token"}},
            {"callbacks", {"http://localhost:3000/auth/callback", "http://localhost:3000/api/auth/callback"}},
            {"allowed_logout_urls", {"http://localhost:3000"}},
            {"jwt_configuration", {{"alg", "RS256"}}},
            {"refresh_token", {{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 10}}}};
  if (kind == "spa")
    return {{"name", "Quickstart SPA"},
            {"app_type", "spa"},
            {"oidc_conformant", true},
            {"token_endpoint_auth_method", "none"},
            {"grant_types", {"authorization_code", "refresh_token"}},
            {"callbacks", {"http://localhost:3002/", "http://localhost:3002"}},
            {"allowed_logout_urls", {"http://localhost:3002"}},
            {"web_origins", {"http://localhost:3002"}},
            {"allowed_origins", {"http://localhost:3002"}},
            {"jwt_configuration", {{"alg", "RS256"}}},
            {"refresh_token", {{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 10}}}};
  if (kind == "m2m")
    return {{"name", "Quickstart Machine"},
            {"app_type", "non_interactive"},
            {"grant_types", {"client_credentials"}},
            {"jwt_configuration", {{"alg", "RS256"}}}};
  return nullptr;
}

/// The application of that name, made if it is not there. A second run finds the first one's.
Result<json::object> ensure_application(ManagementClient& api, const json::value& wanted) {
  const std::string name(wanted.at("name").as_string());
  for (int page = 0;; ++page) {
    TRY(const json::value list, api.expect("GET", "/clients?per_page=100&page=" + std::to_string(page)));
    for (const json::value& client : list.as_array())
      if (get_string(client.as_object(), "name") == name) return client.as_object();
    if (list.as_array().size() < 100) break;
  }
  TRY(const json::value made, api.expect("POST", "/clients", wanted));
  return made.as_object();
}

Result<void> ensure_api(ManagementClient& api) {
  TRY(const ManagementClient::Answer found, api.call("GET", "/resource-servers/" + http::percent_encode(kAudience)));
  if (found.status == 200) return {};
  TRY_VOID(api.expect(
      "POST", "/resource-servers",
      {{"name", "Quickstart Orders API"},
       {"identifier", kAudience},
       {"allow_offline_access", true},
       {"enforce_policies", true},
       {"token_dialect", "access_token_authz"},
       {"scopes",
        {{{"value", "read:orders"}, {"description", "Read orders"}}, {{"value", "delete:users"}, {"description", "Delete users"}}}}}));
  return {};
}

/// The test user with a fresh password, permitted to do all the API offers. The password.
Result<std::string> ensure_user(ManagementClient& api) {
  crypto::SystemRandom random;
  const std::string password = random.password();
  TRY(const json::value found, api.expect("GET", std::string("/users-by-email?email=") + http::percent_encode(kUser)));
  std::string id;
  if (!found.as_array().empty()) {
    id = std::string(found.as_array().front().at("user_id").as_string());
    TRY_VOID(api.expect("PATCH", "/users/" + http::percent_encode(id), {{"password", password}, {"connection", kConnection}}));
  } else {
    TRY(const json::value made,
        api.expect(
            "POST", "/users",
            {{"email", kUser}, {"password", password}, {"connection", kConnection}, {"email_verified", true}, {"name", "Robin Example"}}));
    id = std::string(made.at("user_id").as_string());
  }
  TRY_VOID(api.expect("POST", "/users/" + http::percent_encode(id) + "/permissions",
                      {{"permissions",
                        {{{"resource_server_identifier", kAudience}, {"permission_name", "read:orders"}},
                         {{"resource_server_identifier", kAudience}, {"permission_name", "delete:users"}}}}}));
  return password;
}

Result<void> enable_connection(ManagementClient& api, std::string_view client_id) {
  TRY(const json::value connections, api.expect("GET", std::string("/connections?name=") + kConnection));
  if (connections.as_array().empty()) return Error{Errc::not_found, std::string("There is no connection ") + kConnection};
  const std::string id(connections.as_array().front().at("id").as_string());
  TRY_VOID(api.expect("PATCH", "/connections/" + id + "/clients", json::array{json::object{{"client_id", client_id}, {"status", true}}}));
  return {};
}

Result<void> ensure_grant(ManagementClient& api, std::string_view client_id) {
  TRY(const json::value grants,
      api.expect("GET", "/client-grants?client_id=" + std::string(client_id) + "&audience=" + http::percent_encode(kAudience)));
  if (!grants.as_array().empty()) return {};
  TRY_VOID(api.expect("POST", "/client-grants",
                      {{"client_id", client_id}, {"audience", kAudience}, {"scope", {"read:orders", "delete:users"}}}));
  return {};
}

Result<std::string> make_environment(ManagementClient& api, const std::string& kind) {
  TRY_VOID(ensure_api(api));
  std::string env;
  const auto set = [&](const char* name, std::string_view value) { env += std::string(name) + "=" + std::string(value) + "\n"; };
  json::object client;
  if (const json::value wanted = application(kind); !wanted.is_null()) {
    TRY(client, ensure_application(api, wanted));
  }
  const std::string client_id(get_string(client, "client_id").value_or("")), secret(get_string(client, "client_secret").value_or(""));
  if (kind == "nextjs" || kind == "spa") {
    TRY_VOID(enable_connection(api, client_id));
    TRY(const std::string password, ensure_user(api));
    std::fprintf(stderr, "Sign in as %s with the password %s\n", kUser, password.c_str());
  }
  if (kind == "m2m") TRY_VOID(ensure_grant(api, client_id));

  const bool real_name = api.domain().find(':') == std::string::npos && api.domain() != "localhost";
  if (kind == "express") {
    set("ISSUER_BASE_URL", api.issuer());
    set("AUDIENCE", kAudience);
  } else if (kind == "nextjs") {
    crypto::SystemRandom random;
    set("AUTH0_DOMAIN", real_name ? api.domain() : api.issuer().substr(0, api.issuer().size() - 1));
    set("AUTH0_CLIENT_ID", client_id);
    set("AUTH0_CLIENT_SECRET", secret);
    set("AUTH0_SECRET", random.hex(64));
    set("APP_BASE_URL", "http://localhost:3000");
    if (!real_name)
      std::fprintf(stderr,
                   "The SDK refuses localhost as a domain unless it is made with new Auth0Client({ allowInsecureRequests: true })\n");
  } else {
    set("AUTH0_DOMAIN", api.domain());
    set("AUTH0_CLIENT_ID", client_id);
    if (kind == "m2m") set("AUTH0_CLIENT_SECRET", secret);
    set("API_AUDIENCE", kAudience);
    set("API_URL", "http://localhost:3001");
  }
  if (kind != "spa") set("NODE_EXTRA_CA_CERTS", api.ca_file());
  if (kind != "spa")
    std::fprintf(stderr, "Node.js reads NODE_EXTRA_CA_CERTS only from its real environment: export it before you start the application\n");
  if (kind == "nextjs" || kind == "spa") std::fprintf(stderr, "Browsers warn about the certificate until `gatehouse trust` has run\n");
  return env;
}

}  // namespace

int quickstart(const config::Settings& settings, const std::string& kind) {
  Result<ManagementClient> api = ManagementClient::connect(settings);
  Result<std::string> env = api ? make_environment(*api, kind) : Result<std::string>(api.error());
  if (!env) return fail(env.error());
  std::fputs(env->c_str(), stdout);
  return 0;
}

}  // namespace gatehouse::cli
