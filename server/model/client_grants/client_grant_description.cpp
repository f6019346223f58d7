#include "model/client_grants/client_grant_description.h"

namespace gatehouse::model {
using namespace description;

const Description& client_grant_description() {
  static const Description client_grants = describe("client-grants")
    .field("client_id", string().length(1, 64).create_only().about("ID of the client."))
    .field("audience", string().required().length(1, 600).create_only().about("The audience (API identifier) of this client grant"))
    .field("scope", array(string().length(1, 280)).items(0, 1000).nullable().about("Scopes allowed for this client grant."))
    .field("default_for", one_of({"third_party_clients"}).create_only().not_enforced())
    .field("organization_usage", one_of({"deny", "allow", "require"}).nullable().not_enforced())
    .field("allow_any_organization", boolean().nullable().not_enforced())
    .field("subject_type", one_of({"client", "user", "anonymous_user"}).create_only().by_default("client"))
    .field("authorization_details_types", array(string().length(1, 255)).items(0, 100).not_enforced())
    .field("allow_all_scopes", boolean().nullable())
    .field("is_system", boolean().read_only())
    .missing("The client grant does not exist", "inexistent_client_grant")
    .taken("A resource server with the same identifier is already granted to this client", "client_grant_conflict");
  return client_grants;
}

}  // namespace gatehouse::model
