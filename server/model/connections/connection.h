#pragma once
#include <string>
#include <vector>

#include "base/id.h"
#include "base/json.h"

namespace gatehouse::model {

/// A way to sign in. `options` is Auth0's own, per strategy.
struct Connection {
  ConnectionId id;
  TenantId tenant;
  std::string name;      ///< also its realm unless `realms` says otherwise
  std::string strategy;  ///< auth0 = database
  std::string display_name;
  std::vector<std::string> realms;
  std::vector<std::string> enabled_clients;  ///< client ids
  bool is_domain_connection = false;
  json::object options;  ///< secrets sealed
  json::object properties;

  [[nodiscard]] bool is_database() const { return strategy == "auth0"; }
  [[nodiscard]] bool is_enabled_for(const ClientId& client) const;
  // database options, with Auth0's defaults
  [[nodiscard]] std::string password_policy() const;  ///< none, low, fair, good, excellent; default good
  [[nodiscard]] bool disable_signup() const;
  [[nodiscard]] bool requires_username() const;
  [[nodiscard]] bool brute_force_protection() const;  ///< default true
  [[nodiscard]] bool disable_self_service_change_password() const;
  /// `authentication_methods.passkey` and `passkey_options`.
  struct Passkeys {
    bool enabled = false;
    bool button = true, autofill = true;  ///< how the login page offers them
    bool progressive_enrollment = true;   ///< offered after a login with a password
    bool local_enrollment = true;         ///< offered after a login with a passkey of another device
  };
  [[nodiscard]] Passkeys passkeys() const;
};

}  // namespace gatehouse::model
