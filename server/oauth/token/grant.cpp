#include "oauth/token/grant.h"

#include "base/json_text.h"

namespace gatehouse::oauth {

logs::Event TokenRequest::event(const model::Client& client, std::string_view type, std::string_view description) const {
  logs::Event event = logs::Event::from(http, type, description);
  event.client = client.id;
  event.client_name = client.name;
  return event;
}

std::string TokenResponse::to_json() const {
  std::string text;
  text.reserve(access_token.size() + refresh_token.size() + id_token.size() + scope.size() + 128);
  JsonObjectText body(text);
  body.add("access_token", access_token);
  if (!refresh_token.empty()) body.add("refresh_token", refresh_token);
  if (!id_token.empty()) body.add("id_token", id_token);
  if (!scope.empty()) body.add("scope", scope);
  if (!recovery_code.empty()) body.add("recovery_code", recovery_code);
  body.add("expires_in", expires_in.count()).add("token_type", "Bearer").close();
  return text;
}

}  // namespace gatehouse::oauth
