#include "oauth/oauth_error.h"

namespace gatehouse::oauth {
namespace {

struct Wire {
  std::string_view word;
  int status;
};

/// The one place where a refusal becomes words and a status. No default: a new code does not build until somebody decides.
Wire wire(OAuthErrc code) {
  switch (code) {
    case OAuthErrc::invalid_request:
      return {"invalid_request", 400};
    case OAuthErrc::invalid_client:
      return {"invalid_client", 401};
    case OAuthErrc::invalid_grant:
      return {"invalid_grant", 403};  // Auth0's status; RFC 6749 says 400
    case OAuthErrc::unauthorized_client:
      return {"unauthorized_client", 403};
    case OAuthErrc::unsupported_grant_type:
      return {"unsupported_grant_type", 403};
    case OAuthErrc::unsupported_response_type:
      return {"unsupported_response_type", 400};
    case OAuthErrc::invalid_scope:
      return {"invalid_scope", 400};
    case OAuthErrc::access_denied:
      return {"access_denied", 403};
    case OAuthErrc::access_denied_unauthenticated:
      return {"access_denied", 401};
    case OAuthErrc::unauthorized:
      return {"unauthorized", 401};
    case OAuthErrc::mfa_required:
      return {"mfa_required", 403};
    case OAuthErrc::requires_verification:
      return {"requires_verification", 403};
    case OAuthErrc::password_leaked:
      return {"password_leaked", 403};
    case OAuthErrc::expired_token:
      return {"expired_token", 401};
    case OAuthErrc::association_required:
      return {"association_required", 403};
    case OAuthErrc::unsupported_challenge_type:
      return {"unsupported_challenge_type", 401};
    case OAuthErrc::too_many_attempts:
      return {"too_many_attempts", 429};
    case OAuthErrc::too_many_requests:
      return {"too_many_requests", 429};
    case OAuthErrc::login_required:
      return {"login_required", 401};
    case OAuthErrc::consent_required:
      return {"consent_required", 403};
    case OAuthErrc::interaction_required:
      return {"interaction_required", 403};
    case OAuthErrc::request_not_supported:
      return {"request_not_supported", 400};
    case OAuthErrc::request_uri_not_supported:
      return {"request_uri_not_supported", 400};
    case OAuthErrc::invalid_token:
      return {"invalid_token", 401};
    case OAuthErrc::insufficient_scope:
      return {"insufficient_scope", 403};
    case OAuthErrc::temporarily_unavailable:
      return {"temporarily_unavailable", 503};
    case OAuthErrc::server_error:
      return {"server_error", 500};
  }
  return {"server_error", 500};
}

OAuthErrc from_base(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return OAuthErrc::invalid_request;
    case Errc::overloaded:
    case Errc::unavailable:
    case Errc::storage_full:
    case Errc::timeout:
      return OAuthErrc::temporarily_unavailable;
    case Errc::not_found:
    case Errc::unique_violation:
    case Errc::reference_violation:
    case Errc::internal:
      return OAuthErrc::server_error;
  }
  return OAuthErrc::server_error;
}

}  // namespace

std::string_view to_string(OAuthErrc code) { return wire(code).word; }
int status_of(OAuthErrc code) { return wire(code).status; }

OAuthError::OAuthError(Error error)
    : code(from_base(error.code)), log_only(error.message + (error.detail.empty() ? "" : ": " + error.detail)) {
  if (code == OAuthErrc::invalid_request)
    description = std::move(error.message);
  else if (code == OAuthErrc::temporarily_unavailable)
    description = "The service cannot answer at the moment. Try again in a few seconds.";
  else
    description = "Internal error.";
}

std::string public_description(const OAuthError& error, bool show_details) {
  if (!show_details || error.details.empty()) return error.description;
  return error.description + (error.description.ends_with('.') ? " " : ". ") + error.details;
}

json::object event_details(const OAuthError& error) {
  json::object details{{"error", to_string(error.code)}};
  if (!error.details.empty()) details["details"] = error.details;
  if (!error.log_only.empty()) details["reason"] = error.log_only;
  return details;
}

http::Response error_response(const OAuthError& error, bool show_details) {
  json::object body{{"error", to_string(error.code)}, {"error_description", public_description(error, show_details)}};
  for (const json::key_value_pair& member : error.members) body[member.key()] = member.value();
  http::Response response = http::Response::json(status_of(error.code), body);
  response.no_store();
  switch (status_of(error.code)) {
    case 503:
      response.set("Retry-After", "2");
      break;
    case 401:
      if (error.code == OAuthErrc::invalid_token) response.set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      break;
    case 403:
      if (error.code == OAuthErrc::insufficient_scope) response.set("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
      break;
    default:
      break;
  }
  return response;
}

}  // namespace gatehouse::oauth
