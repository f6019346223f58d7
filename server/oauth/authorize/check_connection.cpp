#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// Auth0: the connection to sign in with, without a choice on the page. Without one it is any that is enabled for the client.
Result<void> check_connection(AuthorizeRequest& request, const CheckParts& parts) {
  TRY(const auto enabled, parts.connections.enabled_for(request.tenant.id, request.client->id));
  for (const auto& connection : enabled) request.enabled_connections.push_back(connection->name);
  const std::string_view name = request.get("connection");
  if (name.empty()) return {};
  TRY(const std::shared_ptr<const model::Connection> connection, parts.connections.find_by_name(request.tenant.id, name));
  if (!connection)
    return OAuthError{OAuthErrc::invalid_request, "The connection was not found.", "There is no connection \"" + std::string(name) + "\"."};
  if (!connection->is_enabled_for(request.client->id))
    return OAuthError{OAuthErrc::invalid_request, "The connection is not enabled for this client.",
                      "Enable \"" + connection->name + "\" for the application \"" + request.client->name + "\"."};
  request.connection = connection->name;
  return {};
}

}  // namespace gatehouse::oauth
