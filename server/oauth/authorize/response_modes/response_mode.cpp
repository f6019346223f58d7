#include "oauth/authorize/response_modes/response_mode.h"

namespace gatehouse::oauth {

http::Response respond(const AuthorizeRequest& request, const http::Parameters& answer, crypto::Random& random) {
  http::Response response;
  switch (request.response_mode) {
    case ResponseMode::query:
      response = respond_query(request.redirect_uri, answer);
      break;
    case ResponseMode::fragment:
      response = respond_fragment(request.redirect_uri, answer);
      break;
    case ResponseMode::form_post:
      response = respond_form_post(request.redirect_uri, answer, random.base64url(16));
      break;
    case ResponseMode::web_message:
      response = respond_web_message(request.redirect_uri, answer, random.base64url(16));
      break;
  }
  if (response.status == 302 && request.http.method == http::Method::POST) response.status = 303;
  response.no_store();
  return response;
}

}  // namespace gatehouse::oauth
