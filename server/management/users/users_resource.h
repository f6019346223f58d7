#pragma once
#include "connections/database/database_connection.h"
#include "management/api.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/upstream/upstream_store.h"
#include "model/users/user_search.h"

namespace gatehouse::management {

/// /api/v2/users and /api/v2/users-by-email: people. They are not described objects with a JSON column like the others: they have
/// passwords, identifiers that must be unique, and an index of their own (model/users).
class UsersResource {
 public:
  struct Parts {
    const model::UserStore& users;
    const model::RoleStore& roles;
    const model::ResourceServerStore& resource_servers;
    const model::ConnectionStore& connections;
    const model::ClientStore& clients;
    const model::TenantStore& tenants;
    const model::SessionStore& sessions;
    const model::RefreshTokenStore& refresh_tokens;
    const connections::DatabaseConnection& database_connection;
    crypto::PasswordHasher& hasher;
    const model::UpstreamStore* upstream = nullptr;  ///< null: nobody has tokens of other providers
  };
  UsersResource(Api& api, Parts parts) : api_(api), parts_(parts) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  ApiResult<http::Response> by_email(const Call& call) const;

  /// Puts the tokens that other providers gave for this user's accounts into `identities`.
  Result<void> show_tokens(storage::Reader& reader, const model::User& user, json::object& shown) const;

  // user_roles.cpp
  ApiResult<http::Response> list_roles(const Call& call) const;
  ApiResult<http::Response> assign_roles(const Call& call) const;
  ApiResult<http::Response> unassign_roles(const Call& call) const;

  // user_permissions.cpp
  ApiResult<http::Response> list_permissions(const Call& call) const;
  ApiResult<http::Response> add_permissions(const Call& call) const;
  ApiResult<http::Response> remove_permissions(const Call& call) const;

  // user_identities.cpp
  ApiResult<http::Response> link_identity(const Call& call) const;
  ApiResult<http::Response> unlink_identity(const Call& call) const;
  [[nodiscard]] ApiResult<void> check_own_identities(const Call& call) const;
  [[nodiscard]] ApiResult<UserId> user_of_token(const Call& call, std::string_view token) const;

  /// The user of the path. Errors: inexistent_user.
  [[nodiscard]] ApiResult<model::User> existing(storage::Reader& reader, const Call& call) const;
  [[nodiscard]] ApiResult<model::UsersFound> searched(storage::Reader& reader, const Call& call, const model::UserSearch& search) const;
  /// A database connection by name. Errors: 400.
  [[nodiscard]] ApiResult<std::shared_ptr<const model::Connection>> database_connection(const Call& call, std::string_view name) const;
  /// Checks the policy and hashes. Blocks for a hash.
  [[nodiscard]] ApiResult<std::string> hash_password(const model::Connection& connection, std::string_view password,
                                                     const model::User& user, const model::PasswordCredential* current) const;
  /// Ends the user's sessions and refresh tokens.
  Result<void> end_access(storage::Transaction& tx, const model::User& user) const;

  Api& api_;
  Parts parts_;
};

}  // namespace gatehouse::management
