#include "oauth/authorize/response_modes/response_mode.h"

namespace gatehouse::oauth {

/// Appended to whatever query the registered URI has (RFC 6749 §3.1.2).
http::Response respond_query(std::string_view redirect_uri, const http::Parameters& answer) {
  const size_t hash = redirect_uri.find('#');
  std::string location(redirect_uri.substr(0, hash));
  const size_t mark = location.find('?');
  if (mark == std::string::npos)
    location += '?';
  else if (!location.ends_with('?') && !location.ends_with('&'))
    location += '&';
  location += answer.encode();
  if (hash != std::string_view::npos) location += redirect_uri.substr(hash);
  return http::Response::redirect(std::move(location));
}

}  // namespace gatehouse::oauth
