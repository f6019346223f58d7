#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "http/response.h"

namespace gatehouse::oauth {

/// What the protocol answers when it refuses. Spelt as on the wire (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6,
/// RFC 6750 §3.1, and Auth0's own); where Auth0 gives one word two statuses there are two enumerators.
enum class OAuthErrc {
  invalid_request,
  invalid_client,
  invalid_grant,
  unauthorized_client,
  unsupported_grant_type,
  unsupported_response_type,
  invalid_scope,
  access_denied,                  ///< 403: who asks is known and may not
  access_denied_unauthenticated,  ///< "access_denied" with 401: the client did not prove itself
  unauthorized,                   ///< Auth0: the user is blocked
  mfa_required,                   ///< Auth0: a second factor is due, 403
  expired_token,                  ///< Auth0: an mfa_token that is too old or used, 401
  association_required,           ///< Auth0: nothing is enrolled that could be challenged, 403
  unsupported_challenge_type,     ///< Auth0: what is enrolled is challenged in another way, 401
  requires_verification,          ///< Auth0: bot detection wants a captcha first, 403
  password_leaked,                ///< Auth0: the password is known from a breach, 403
  too_many_attempts,              ///< Auth0: brute-force protection, 429
  too_many_requests,              ///< Auth0: suspicious-IP throttling, 429
  login_required,
  consent_required,
  interaction_required,
  request_not_supported,
  request_uri_not_supported,
  invalid_token,
  insufficient_scope,
  temporarily_unavailable,  ///< 503 with Retry-After
  server_error,
};
std::string_view to_string(OAuthErrc code);
int status_of(OAuthErrc code);

/// A refusal. `description` is Auth0's sentence and always sent; `details` are the values that differ (registered identifiers,
/// callback lists): they go into the log, and to the caller only on a local issuer or after the client proved itself;
/// `log_only` never leaves the server. Secrets stand in none of them.
struct OAuthError {
  OAuthErrc code = OAuthErrc::server_error;
  std::string description{};
  std::string details{};
  std::string log_only{};
  json::object members{};  ///< further members of a JSON answer (mfa_token)
  bool logged = false;     ///< its event is already written (in the unit of work, or by sign_in/)

  OAuthError(OAuthErrc c, std::string text, std::string more = {}, std::string hidden = {})
      : code(c), description(std::move(text)), details(std::move(more)), log_only(std::move(hidden)) {}
  OAuthError(Error error);  // NOLINT: TRY converts; an unknown error becomes server_error and its cause stays in log_only
  /// Marks that no further event is due.
  OAuthError&& already_logged() && {
    logged = true;
    return std::move(*this);
  }
};

template <class T>
using Result = gatehouse::Result<T, OAuthError>;

/// The sentence for the caller, with the details after it when they may be shown.
std::string public_description(const OAuthError& error, bool show_details);
/// What the tenant log is told of it: `error`, and where there are some `details` and `reason`.
json::object event_details(const OAuthError& error);
/// {"error","error_description"} with its status, no-store, and the headers that go with it (RFC 6749 §5.2).
http::Response error_response(const OAuthError& error, bool show_details);

}  // namespace gatehouse::oauth
