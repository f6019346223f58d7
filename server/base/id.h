#pragma once
#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse {

/// An identifier as it stands on the wire. Each kind is a type of its own, so that swapped arguments do not compile.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  std::string value_;
};

using TenantId = Id<struct TenantTag>;                  ///< the tenant's name, as in Auth0's `tenant`
using ClientId = Id<struct ClientTag>;                  ///< 32 × [A-Za-z0-9]
using ClientGrantId = Id<struct ClientGrantTag>;        ///< cgr_…
using ResourceServerId = Id<struct ResourceServerTag>;  ///< 24 hex digits
using ConnectionId = Id<struct ConnectionTag>;          ///< con_…
using UserId = Id<struct UserTag>;                      ///< provider|id, e.g. auth0|6581…
using RoleId = Id<struct RoleTag>;                      ///< rol_…
using SessionId = Id<struct SessionTag>;                ///< the public id (`sid`); the cookie's value is another secret

}  // namespace gatehouse

template <class Tag>
struct std::hash<gatehouse::Id<Tag>> {
  size_t operator()(const gatehouse::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
