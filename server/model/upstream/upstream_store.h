#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "base/secret_string.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A login that is at another identity provider. What has to stay between us and the browser stands sealed in the database, and the
/// `state` that finds it only as a digest.
struct UpstreamRequest {
  TenantId tenant;
  ConnectionId connection;
  std::string login_state;  ///< the `state` of the login's pages; with the browser's cookie it finds the login
  std::string nonce;        ///< the ID token has to carry it; empty: none was sent
  std::string verifier;     ///< of PKCE; empty: none was sent
  std::string issuer;       ///< who was asked; empty: the provider names none
  std::string redirect_uri;
  json::object answer;  ///< parameters that came by POST
  Timestamp created_at{};
  Timestamp expires_at{};
};

/// What a provider gave for an account.
struct UpstreamTokens {
  SecretString access_token;
  SecretString refresh_token;
  std::optional<int64_t> expires_in;  ///< seconds, as the provider said
};

class UpstreamStore {
 public:
  explicit UpstreamStore(const crypto::Sealer& sealer) : sealer_(sealer) {}

  static std::string make_state(crypto::Random& random);  ///< 256 bits, base64url: for the provider
  Result<void> insert(storage::Transaction& tx, std::string_view state, const UpstreamRequest& request) const;
  /// The live one with this state; nullopt: unknown, expired or used.
  [[nodiscard]] Result<std::optional<UpstreamRequest>> find(storage::Reader& reader, const TenantId& tenant, std::string_view state,
                                                            Timestamp now) const;
  /// Keeps what a provider answered by POST, until the browser comes with its cookie. The first answer stays. Whether one was kept.
  Result<bool> put_answer(storage::Transaction& tx, const TenantId& tenant, std::string_view state, const json::object& answer,
                          Timestamp now) const;
  /// Marks it used; false when somebody was quicker (one statement).
  Result<bool> consume(storage::Transaction& tx, const TenantId& tenant, std::string_view state, Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;

  /// `account`: Identity::account() of the one they belong to. A provider that sends no new refresh token leaves the old one.
  Result<void> put_tokens(storage::Transaction& tx, const TenantId& tenant, const UserId& account, const UpstreamTokens& tokens,
                          Timestamp now) const;
  [[nodiscard]] Result<std::optional<UpstreamTokens>> tokens(storage::Reader& reader, const TenantId& tenant, const UserId& account) const;

 private:
  const crypto::Sealer& sealer_;
};

}  // namespace gatehouse::model
