#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "http/request.h"
#include "model/connections/connection.h"

namespace gatehouse::connections {

/// Addresses of an identity provider. What it has not got is empty.
struct Endpoints {
  std::string authorization;
  std::string token;
  std::string userinfo;
  std::string user_emails;  ///< a list of addresses with their state of verification (GitHub)
  std::string jwks;
  std::string issuer;       ///< `iss` of its ID tokens
  std::string discovery;    ///< where the others are told (OpenID Connect Discovery)
  std::string end_session;  ///< where a browser is sent to log out there, too
};

/// Where an attribute of a profile comes from: a member's name, or a JSON pointer (RFC 6901).
struct Mapped {
  std::string_view attribute, source;
};

/// A switch in the connection's options that asks for one more scope.
struct ScopeSwitch {
  std::string_view option, scope;
};

/// What a provider has said about somebody, before it is a profile.
struct Answer {
  json::object claims;    ///< of the verified ID token; empty: none
  json::object userinfo;  ///< of its user information endpoint; empty: none
  json::object posted;    ///< parameters of the callback, not to be trusted beyond a name
  SecretString access_token;
};

/// Somebody's profile as we keep it.
struct Profile {
  std::string subject;               ///< who it is at the provider; never empty
  std::optional<std::string> email;  ///< normalised
  bool email_verified = false;
  json::object attributes;  ///< name, nickname, picture, … and whatever else the provider tells
};

/// A connection with all that a login through it needs.
struct Upstream;

/// Calls during one login: within the time that a person waits. Errors: unavailable, timeout.
class Calls {
 public:
  virtual ~Calls() = default;
  /// GET with a bearer token, if there is one; the answer has to be JSON.
  [[nodiscard]] virtual Result<json::value> get(const std::string& url, std::string_view bearer = {}) = 0;
};

/// An identity provider as data: one for each strategy, in a file of its own (../github.cpp, …). What cannot be said as data is a small
/// function beside it.
struct Provider {
  std::string_view strategy;
  bool is_social = true;             ///< else somebody's company
  bool id_names_connection = false;  ///< a user is strategy|connection|subject, else strategy|subject

  struct Builtin {
    std::string_view authorization{}, token{}, userinfo{}, user_emails{}, jwks{}, issuer{}, end_session{};
  } endpoints{};
  std::string_view scope{};  ///< always asked for
  std::span<const ScopeSwitch> scopes{};

  bool open_id = true;         ///< gives ID tokens; they are verified and carry our nonce
  bool needs_id_token = true;  ///< a login without one that can be verified is refused
  bool sends_nonce = true;     ///< LinkedIn does not give it back
  bool pkce = true;
  bool form_post = false;   ///< asks for the answer by POST (Apple)
  bool basic_auth = false;  ///< the client's secret travels in the Authorization header, else in the body
  bool login_hint = true;   ///< understands the parameter

  enum class Source { id_token, userinfo, both } source = Source::id_token;  ///< where the profile stands
  std::span<const Mapped> profile{};
  bool keeps_the_rest = true;  ///< attributes that are not mapped are kept under the provider's names

  enum class EmailVerified {
    never,    ///< it does not say so, or what it says proves nothing
    claimed,  ///< as `email_verified` of the mapped profile says
  } email_verified = EmailVerified::never;

  // What is special about it; null: nothing.
  /// Endpoints that depend on the connection's options; called before the overrides.
  void (*locate)(Endpoints& endpoints, const model::Connection& connection) = nullptr;
  /// Further parameters for its authorization endpoint.
  void (*ask)(http::Parameters& parameters, const model::Connection& connection) = nullptr;
  /// The client's secret where it is made for each login.
  Result<SecretString> (*client_secret)(const Upstream& upstream, Timestamp now) = nullptr;
  /// Further parameters for the user information endpoint.
  void (*userinfo)(http::Parameters& parameters, const Upstream& upstream, std::string_view access_token) = nullptr;
  /// Completes the profile: further calls, further rules. An error refuses the login.
  Result<void> (*complete)(Profile& profile, const Answer& answer, const Upstream& upstream, Calls& calls) = nullptr;
  /// Whether `iss` of its ID tokens may be this; null: exactly the issuer.
  bool (*issuer_fits)(std::string_view issuer, const json::object& claims, const Upstream& upstream) = nullptr;
};

/// The provider behind a connection's strategy; null where people do not come from elsewhere by OAuth 2.
const Provider* find_provider(std::string_view strategy);

// One in each file of the folder above.
const Provider& google_oauth2();
const Provider& github();
const Provider& apple();
const Provider& windowslive();
const Provider& facebook();
const Provider& linkedin();
const Provider& oauth2();
const Provider& oidc();
const Provider& okta();
const Provider& waad();
const Provider& google_apps();

struct Upstream {
  const Provider* provider = nullptr;
  const model::Connection* connection = nullptr;
  Endpoints endpoints;
  /// The ID token's keys come from the same hands as the endpoint that gave it: else it is left alone.
  bool verifies_id_tokens = false;
  std::string client_id;
  SecretString client_secret;
  std::string scope;
  std::string code_challenge_method;  ///< S256, plain, or empty: no PKCE
  std::string response_type = "code";
  std::string token_auth_method;        ///< client_secret_post, client_secret_basic, none
  std::vector<std::string> algorithms;  ///< of ID tokens
  bool names_issuer = false;            ///< the provider sends `iss` with its answers (RFC 9207)
};

}  // namespace gatehouse::connections
