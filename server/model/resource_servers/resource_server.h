#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace gatehouse::model {

/// An API (Auth0: resource server). `identifier` is its audience, compared byte for byte.
struct ResourceServer {
  ResourceServerId id;
  TenantId tenant;
  std::string identifier;
  std::string name;
  struct Scope {
    std::string value, description;
  };
  std::vector<Scope> scopes;
  std::string signing_alg = "RS256";
  std::string sealed_signing_secret;  ///< HS256 only
  seconds token_lifetime{86'400};
  seconds token_lifetime_for_web{7'200};
  bool allow_offline_access = false;
  bool skip_consent_for_verifiable_first_party_clients = false;
  bool enforce_policies = false;               ///< RBAC
  std::string token_dialect = "access_token";  ///< …_authz adds `permissions`; rfc9068_profile[_authz]
  bool is_system = false;
  std::string client_policy = "require_client_grant";  ///< subject_type_authorization.client.policy
  std::string user_policy = "allow_all";               ///< subject_type_authorization.user.policy
  json::object properties;

  [[nodiscard]] bool adds_permissions() const { return enforce_policies && token_dialect.ends_with("_authz"); }
  [[nodiscard]] bool has_scope(std::string_view value) const;
};

}  // namespace gatehouse::model
