#include "connections/upstream/settings.h"

#include <algorithm>

#include "base/text.h"
#include "model/resealing.h"

namespace gatehouse::connections {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";

Error wrong(std::string what) { return Error{Errc::invalid_argument, "This way to sign in is not set up correctly.", std::move(what)}; }

std::string option(const model::Connection& connection, std::string_view a, std::string_view b = {}) {
  for (const std::string_view name : {a, b})
    if (!name.empty())
      if (const auto value = get_string(connection.options, name); value && !value->empty()) return std::string(*value);
  return {};
}

bool is_usable(const std::string& url, bool allow_plain_http) {
  if (url.size() > 2'048 || has_control(url) || url.find_first_of(" \"<>\\") != std::string::npos) return false;
  return url.starts_with("https://") || (allow_plain_http && url.starts_with("http://"));
}

std::string_view without_slash(std::string_view url) { return url.ends_with('/') ? url.substr(0, url.size() - 1) : url; }

/// Overridden endpoints, and away with what stands behind them.
void override(Endpoints& endpoints, const model::Connection& connection, const Provider& provider) {
  const std::string authorization = option(connection, "authorizationURL", "authorization_endpoint");
  const std::string token = option(connection, "tokenURL", "token_endpoint");
  const std::string issuer = option(connection, "issuer");
  const std::string discovery = option(connection, "discovery_url");
  const Provider::Builtin& builtin = provider.endpoints;
  const auto drop = [](std::string& mine, std::string_view built_in) {
    if (mine == built_in) mine.clear();
  };
  if (!token.empty() || !issuer.empty() || !discovery.empty()) {
    drop(endpoints.userinfo, builtin.userinfo);
    drop(endpoints.user_emails, builtin.user_emails);
    drop(endpoints.jwks, builtin.jwks);
    drop(endpoints.issuer, builtin.issuer);
    drop(endpoints.end_session, builtin.end_session);
  }
  if (!issuer.empty() || !discovery.empty()) {
    drop(endpoints.authorization, builtin.authorization);
    drop(endpoints.token, builtin.token);
    endpoints.discovery.clear();
    endpoints.end_session.clear();
  }
  const auto set = [](std::string& mine, std::string theirs) {
    if (!theirs.empty()) mine = std::move(theirs);
  };
  set(endpoints.authorization, authorization);
  set(endpoints.token, token);
  set(endpoints.userinfo, option(connection, "userInfoURL", "userinfo_endpoint"));
  set(endpoints.user_emails, option(connection, "userEmailsURL"));
  set(endpoints.jwks, option(connection, "jwks_uri"));
  set(endpoints.issuer, issuer);
  set(endpoints.end_session, option(connection, "logoutUrl", "end_session_endpoint"));
  set(endpoints.discovery, discovery);
  if (endpoints.discovery.empty() && !issuer.empty() && provider.strategy != "oauth2")
    endpoints.discovery = std::string(without_slash(issuer));
  if (!endpoints.discovery.empty() && !endpoints.discovery.ends_with(kWellKnown))
    endpoints.discovery = std::string(without_slash(endpoints.discovery)) + std::string(kWellKnown);
}

/// Whether a login can do without asking for the discovery document.
bool is_complete(const Endpoints& endpoints, const Provider& provider, bool wants_code) {
  if (endpoints.authorization.empty() || (wants_code && endpoints.token.empty())) return false;
  if (!provider.open_id || !wants_code) return provider.open_id ? !endpoints.jwks.empty() && !endpoints.issuer.empty() : true;
  if (!endpoints.jwks.empty() && !endpoints.issuer.empty()) return true;
  return !provider.needs_id_token && !endpoints.userinfo.empty();
}

/// The issuer of a discovery document is the address it was found at (OpenID Connect Discovery §4.3), or the one that the connection
/// names; Microsoft's documents name a directory by its number, whatever it was asked for.
bool issuer_is_expected(std::string_view issuer, const Endpoints& endpoints, const model::Connection& connection,
                        const Provider& provider) {
  const std::string named = option(connection, "issuer");
  if (!named.empty()) return issuer == named;
  std::string_view base = endpoints.discovery;
  base.remove_suffix(std::min(base.size(), kWellKnown.size()));
  if (without_slash(issuer) == without_slash(base)) return true;
  if (!provider.issuer_fits) return false;
  const size_t host_end = base.find('/', base.find("//") + 2);
  return host_end != std::string_view::npos && issuer.starts_with(base.substr(0, host_end + 1));
}

Result<void> fill_from(const json::object& metadata, Upstream& upstream, bool found, bool allow_plain_http) {
  Endpoints& endpoints = upstream.endpoints;
  const std::string issuer(get_string(metadata, "issuer").value_or(""));
  if (found && !issuer_is_expected(issuer, endpoints, *upstream.connection, *upstream.provider))
    return wrong("The discovery document at " + endpoints.discovery + " names the issuer \"" + issuer +
                 "\". If that is right, say so in options.issuer.");
  if (endpoints.issuer.empty() || found) endpoints.issuer = issuer;
  const auto set = [&](std::string& mine, std::string_view name) {
    const std::string theirs(get_string(metadata, name).value_or(""));
    if (mine.empty() && is_usable(theirs, allow_plain_http)) mine = theirs;
  };
  set(endpoints.authorization, "authorization_endpoint");
  set(endpoints.token, "token_endpoint");
  set(endpoints.userinfo, "userinfo_endpoint");
  set(endpoints.jwks, "jwks_uri");
  set(endpoints.end_session, "end_session_endpoint");
  upstream.names_issuer = get_bool(metadata, "authorization_response_iss_parameter_supported").value_or(false);
  return {};
}

std::string pkce_method(const Upstream& upstream, const json::object* metadata) {
  const json::object& options = upstream.connection->options;
  std::string_view wanted = "auto";
  if (const json::object* settings = get_object(options, "connection_settings")) wanted = get_string(*settings, "pkce").value_or("auto");
  if (const auto enabled = get_bool(options, "pkce_enabled")) wanted = *enabled ? "s256" : "disabled";
  if (wanted == "disabled" || (!upstream.provider->pkce && wanted == "auto")) return {};
  if (wanted == "s256" || wanted == "S256") return "S256";
  if (wanted == "plain") return "plain";
  const std::vector<std::string> known = metadata ? get_strings(*metadata, "code_challenge_methods_supported") : std::vector<std::string>{};
  // Who does not know the parameter ignores it (RFC 6749 §3.1).
  if (known.empty() || std::ranges::find(known, "S256") != known.end()) return "S256";
  return std::ranges::find(known, "plain") != known.end() ? "plain" : "";
}

std::string scope_of(const Upstream& upstream) {
  const json::object& options = upstream.connection->options;
  std::vector<std::string> scopes;
  add_scopes(scopes, upstream.provider->scope);
  for (const std::string_view name : {"scope", "scopes"}) {
    add_scopes(scopes, get_string(options, name).value_or(""));
    for (const std::string& one : get_strings(options, name)) add_scopes(scopes, one);
  }
  for (const std::string& one : get_strings(options, "freeform_scopes")) add_scopes(scopes, one);
  for (const ScopeSwitch& one : upstream.provider->scopes)
    if (get_bool(options, one.option).value_or(false)) add_scopes(scopes, one.scope);
  if (const json::object* map = get_object(options, "attribute_map")) add_scopes(scopes, get_string(*map, "userinfo_scope").value_or(""));
  return join(scopes, " ");
}

std::vector<std::string> algorithms_of(const Upstream& upstream) {
  std::vector<std::string> allowed;
  const json::object& options = upstream.connection->options;
  const std::vector<std::string> named = get_strings(options, "id_token_signed_response_algs");
  for (const std::string_view one : kIdTokenAlgorithms)
    if (named.empty() || std::ranges::find(named, one) != named.end()) allowed.emplace_back(one);
  if (upstream.provider->strategy == "oidc" && !upstream.client_secret.empty() && std::ranges::find(named, "HS256") != named.end())
    allowed.emplace_back("HS256");
  return allowed;
}

std::string auth_method_of(const Upstream& upstream, const json::object* metadata) {
  const std::string named = option(*upstream.connection, "token_endpoint_auth_method");
  if (!named.empty()) return named;
  if (upstream.client_secret.empty()) return "none";
  if (upstream.provider->basic_auth) return "client_secret_basic";
  const std::vector<std::string> known =
      metadata ? get_strings(*metadata, "token_endpoint_auth_methods_supported") : std::vector<std::string>{};
  const auto knows = [&](std::string_view method) { return std::ranges::find(known, method) != known.end(); };
  return !knows("client_secret_post") && knows("client_secret_basic") ? "client_secret_basic" : "";
}

}  // namespace

void add_scopes(std::vector<std::string>& scopes, std::string_view text) {
  std::string words(text);
  std::ranges::replace(words, ',', ' ');
  for (const std::string_view word : split(words, ' '))
    if (!has_control(word) && word.find_first_of("\"\\") == std::string_view::npos && std::ranges::find(scopes, word) == scopes.end())
      scopes.emplace_back(word);
}

Result<Upstream> make_upstream(const model::Connection& connection, const crypto::Sealer& sealer, Documents& documents,
                               const Deadline& deadline, bool allow_plain_http) {
  Upstream upstream;
  upstream.connection = &connection;
  upstream.provider = find_provider(connection.strategy);
  if (!upstream.provider) return wrong("The strategy \"" + connection.strategy + "\" is not built.");
  const Provider& provider = *upstream.provider;

  upstream.client_id = option(connection, "client_id", "app_id");
  if (upstream.client_id.empty()) return wrong("options.client_id of the connection is missing.");
  for (const std::string_view name : {"client_secret", "app_secret"}) {
    const std::string stored = option(connection, name);
    if (stored.empty()) continue;
    if (!stored.starts_with(crypto::Sealer::prefix)) {
      upstream.client_secret = SecretString(stored);
      break;
    }
    TRY(upstream.client_secret,
        sealer.open(stored, model::sealed_context("connections", "options." + std::string(name), connection.id.str())));
    break;
  }

  const Provider::Builtin& builtin = provider.endpoints;
  Endpoints& endpoints = upstream.endpoints;
  endpoints = {.authorization = std::string(builtin.authorization),
               .token = std::string(builtin.token),
               .userinfo = std::string(builtin.userinfo),
               .user_emails = std::string(builtin.user_emails),
               .jwks = std::string(builtin.jwks),
               .issuer = std::string(builtin.issuer),
               .discovery = {},
               .end_session = std::string(builtin.end_session)};
  if (provider.locate) provider.locate(endpoints, connection);
  override(endpoints, connection, provider);
  if (provider.strategy == "oidc" && option(connection, "type") == "front_channel") upstream.response_type = "id_token";
  const bool wants_code = upstream.response_type == "code";

  Documents::Document fetched;
  const json::object* metadata = nullptr;
  if (const json::object* kept = get_object(connection.options, "oidc_metadata"); kept && option(connection, "discovery_url").empty()) {
    metadata = kept;
    TRY_VOID(fill_from(*metadata, upstream, false, allow_plain_http));
  }
  if (!endpoints.discovery.empty() && !is_complete(endpoints, provider, wants_code)) {
    if (!is_usable(endpoints.discovery, allow_plain_http))
      return wrong("The address of the discovery document is not usable: " + endpoints.discovery);
    TRY(fetched, documents.get(endpoints.discovery, deadline));
    metadata = fetched.get();
    TRY_VOID(fill_from(*metadata, upstream, true, allow_plain_http));
  }
  if (!is_complete(endpoints, provider, wants_code))
    return wrong(provider.open_id ? "Set options.discovery_url, or options.issuer, authorization_endpoint, token_endpoint and jwks_uri."
                                  : "Set options.authorizationURL and options.tokenURL.");
  if (!provider.open_id && endpoints.userinfo.empty())
    return wrong("Set options.userInfoURL with options.profileMapping; options.scripts.fetchUserProfile is kept, but not run.");
  for (const auto& [name, url] : {std::pair("authorization", &endpoints.authorization), std::pair("token", &endpoints.token),
                                  std::pair("user information", &endpoints.userinfo), std::pair("user e-mails", &endpoints.user_emails),
                                  std::pair("key", &endpoints.jwks), std::pair("logout", &endpoints.end_session)})
    if (!url->empty() && !is_usable(*url, allow_plain_http)) return wrong(std::string("The ") + name + " endpoint is not usable: " + *url);

  upstream.verifies_id_tokens = provider.open_id && !endpoints.jwks.empty() && !endpoints.issuer.empty();
  upstream.code_challenge_method = wants_code ? pkce_method(upstream, metadata) : "";
  upstream.scope = scope_of(upstream);
  upstream.algorithms = algorithms_of(upstream);
  upstream.token_auth_method = auth_method_of(upstream, metadata);
  if (upstream.token_auth_method == "private_key_jwt" || upstream.token_auth_method == "tls_client_auth")
    return wrong("options.token_endpoint_auth_method \"" + upstream.token_auth_method +
                 "\" is not built; use client_secret_post or client_secret_basic.");
  return upstream;
}

}  // namespace gatehouse::connections
