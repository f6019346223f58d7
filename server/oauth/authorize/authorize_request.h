#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/request.h"
#include "model/clients/client.h"
#include "model/connections/connection.h"
#include "model/resource_servers/resource_server.h"
#include "model/tenants/tenant_store.h"
#include "oauth/oauth_error.h"
#include "oauth/tokens/scopes.h"

namespace gatehouse::oauth {

/// response_type (OAuth 2.0 Multiple Response Type Encoding Practices).
struct ResponseType {
  bool code = false, id_token = false, token = false;
  [[nodiscard]] bool any_token() const { return id_token || token; }
};

enum class ResponseMode { query, fragment, form_post, web_message };

/// prompt (OpenID Connect Core §3.1.2.1); values we do not know are ignored.
struct Prompt {
  bool none = false, login = false, consent = false, select_account = false;
};

/// An authorization request while it goes through the checks: each fills in what it has proved.
struct AuthorizeRequest {
  const http::Request& http;
  const model::Tenant& tenant;
  http::Parameters parameters;

  std::shared_ptr<const model::Client> client{};
  std::string redirect_uri{};  ///< registered; empty until proved: before that nothing may be sent there
  std::optional<std::string> state{};
  ResponseType response_type{};
  ResponseMode response_mode = ResponseMode::query;
  std::string audience{};  ///< of `api`
  std::shared_ptr<const model::ResourceServer> api{};
  Scopes scopes{};  ///< asked; what is granted depends on who signs in
  Prompt prompt{};
  std::optional<seconds> max_age{};
  std::string code_challenge{};
  std::string code_challenge_method{};
  std::string nonce{};
  std::string connection{};                        ///< asked for and enabled; empty: any
  std::vector<std::string> enabled_connections{};  ///< names: a session of another one is none here
  std::string hinted_subject{};                    ///< of id_token_hint; empty: none

  [[nodiscard]] std::string_view get(std::string_view name) const { return parameters.get(name).value_or(""); }
};

/// Parameters that a login in progress keeps.
inline constexpr std::array<std::string_view, 23> kKeptParameters{
    "client_id",  "redirect_uri", "response_type",    "response_mode", "scope",          "audience",
    "state",      "nonce",        "prompt",           "max_age",       "code_challenge", "code_challenge_method",
    "connection", "login_hint",   "screen_hint",      "ui_locales",    "id_token_hint",  "acr_values",
    "display",    "auth0Client",  "connection_scope", "resource",      "verification_code"};

}  // namespace gatehouse::oauth
