#include "oauth/grants/password_realm.h"

#include <algorithm>

namespace gatehouse::oauth {

Result<TokenResponse> PasswordRealmGrant::handle(const TokenRequest& request, const AuthenticatedClient& client) const {
  TRY(const std::string realm, request.body.require("realm"));
  // A connection's realms are its name unless it says otherwise.
  TRY(const std::vector<std::shared_ptr<const model::Connection>> enabled,
      exchange_.connections().enabled_for(request.tenant.id, client.client->id));
  const auto found = std::find_if(enabled.begin(), enabled.end(), [&](const std::shared_ptr<const model::Connection>& connection) {
    return connection->name == realm || std::find(connection->realms.begin(), connection->realms.end(), realm) != connection->realms.end();
  });
  return exchange_.exchange(request, client, found == enabled.end() ? realm : (*found)->name);
}

}  // namespace gatehouse::oauth
