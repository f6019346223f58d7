#include "oauth/token/grant.h"

namespace gatehouse::oauth {

logs::Event TokenRequest::event(const model::Client& client, std::string_view type, std::string_view description) const {
  logs::Event event = logs::Event::from(http, type, description);
  event.client = client.id;
  event.client_name = client.name;
  return event;
}

json::object TokenResponse::to_json() const {
  json::object body;
  body["access_token"] = access_token;
  if (!refresh_token.empty()) body["refresh_token"] = refresh_token;
  if (!id_token.empty()) body["id_token"] = id_token;
  if (!scope.empty()) body["scope"] = scope;
  body["expires_in"] = expires_in.count();
  body["token_type"] = "Bearer";
  return body;
}

}  // namespace gatehouse::oauth
