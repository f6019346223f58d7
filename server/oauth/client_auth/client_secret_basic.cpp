#include "base/encoding.h"
#include "oauth/client_auth/client_auth.h"

namespace gatehouse::oauth {
namespace {

/// Id and secret are form-url-encoded inside the header (RFC 6749 §2.3.1): `+` is a blank.
std::optional<std::string> form_decode(std::string_view text) {
  std::string blanks(text);
  for (char& c : blanks)
    if (c == '+') c = ' ';
  return http::percent_decode(blanks);
}

}  // namespace

/// HTTP Basic (RFC 7617) with the client's id and secret.
Result<std::optional<ClientCredentials>> presented_by_basic(const http::Request& request) {
  const std::optional<std::string_view> header = request.header("authorization");
  if (!header || to_lower_ascii(header->substr(0, 6)) != "basic ") return std::optional<ClientCredentials>{};
  const OAuthError malformed{OAuthErrc::invalid_request, "Malformed Authorization header."};
  const std::optional<std::string> decoded = base64_decode(header->substr(6));
  if (!decoded) return malformed;
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos) return malformed;
  std::optional<std::string> id = form_decode(std::string_view(*decoded).substr(0, colon));
  std::optional<std::string> secret = form_decode(std::string_view(*decoded).substr(colon + 1));
  if (!id || !secret || id->empty() || !is_valid_utf8(*id)) return malformed;
  ClientCredentials credentials;
  credentials.method = model::TokenEndpointAuthMethod::client_secret_basic;
  credentials.client = ClientId(std::move(*id));
  credentials.secret = SecretString(std::move(*secret));
  return std::optional<ClientCredentials>(std::move(credentials));
}

}  // namespace gatehouse::oauth
