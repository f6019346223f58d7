#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

Result<void> check_client(AuthorizeRequest& request, const CheckParts& parts) {
  const std::string_view client_id = request.get("client_id");
  if (client_id.empty()) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: client_id"};
  TRY(request.client, parts.clients.find(request.tenant.id, ClientId(std::string(client_id))));
  if (!request.client || request.client->global) {
    request.client = nullptr;
    return OAuthError{OAuthErrc::invalid_request, "Unknown client: " + std::string(client_id)};
  }
  return {};
}

}  // namespace gatehouse::oauth
