#include "oauth/authorize/response_modes/response_mode.h"

namespace gatehouse::oauth {

/// In the fragment, which no server sees (OAuth 2.0 Multiple Response Types §2.1).
http::Response respond_fragment(std::string_view redirect_uri, const http::Parameters& answer) {
  return http::Response::redirect(std::string(redirect_uri.substr(0, redirect_uri.find('#'))) + "#" + answer.encode());
}

}  // namespace gatehouse::oauth
