#pragma once
#include <string_view>

#include "crypto/random.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/authorize/authorize_request.h"

namespace gatehouse::oauth {

// One file a mode. `answer` are the response parameters in order; `redirect_uri` has been proved.
http::Response respond_query(std::string_view redirect_uri, const http::Parameters& answer);
http::Response respond_fragment(std::string_view redirect_uri, const http::Parameters& answer);
http::Response respond_form_post(std::string_view redirect_uri, const http::Parameters& answer, std::string_view nonce);
http::Response respond_web_message(std::string_view redirect_uri, const http::Parameters& answer, std::string_view nonce);

/// Sends the answer in the request's mode. 303 after a POST, so that a form never travels on.
http::Response respond(const AuthorizeRequest& request, const http::Parameters& answer, crypto::Random& random);

}  // namespace gatehouse::oauth
