#pragma once
#include "connections/upstream/provider.h"
#include "model/upstream/upstream_store.h"

namespace gatehouse::connections {

/// Proof that an identity provider has authenticated somebody, for us and just now. Only the engine makes one.
class UpstreamIdentity {
 public:
  [[nodiscard]] const TenantId& tenant() const { return tenant_; }
  [[nodiscard]] const ConnectionId& connection() const { return connection_; }
  [[nodiscard]] const std::string& strategy() const { return strategy_; }
  [[nodiscard]] bool is_social() const { return is_social_; }
  [[nodiscard]] bool id_names_connection() const { return id_names_connection_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] const model::UpstreamTokens& tokens() const { return tokens_; }

 private:
  friend class UpstreamEngine;
  UpstreamIdentity() = default;
  TenantId tenant_;
  ConnectionId connection_;
  std::string strategy_;
  bool is_social_ = true;
  bool id_names_connection_ = false;
  Profile profile_;
  model::UpstreamTokens tokens_;
};

}  // namespace gatehouse::connections
