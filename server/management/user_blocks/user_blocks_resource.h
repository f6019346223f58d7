#pragma once
#include "attack_protection/attack_protection.h"
#include "management/api.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// /user-blocks: what brute-force protection keeps out, by identifier or by user. Blocks that an administrator set on a user
/// (`blocked`) are another matter.
class UserBlocksResource {
 public:
  UserBlocksResource(Api& api, const model::UserStore& users, const attack_protection::AttackProtection& protection)
      : api_(api), users_(users), protection_(protection) {}
  void mount();

 private:
  /// The identifiers that the query or the path names. Errors: invalid_query_string; inexistent_user.
  [[nodiscard]] ApiResult<std::vector<std::string>> by_identifier(storage::Reader& reader, const Call& call) const;
  [[nodiscard]] ApiResult<std::vector<std::string>> by_user(storage::Reader& reader, const Call& call) const;
  ApiResult<http::Response> show(const Call& call, bool of_user) const;
  ApiResult<http::Response> remove(const Call& call, bool of_user) const;

  Api& api_;
  const model::UserStore& users_;
  const attack_protection::AttackProtection& protection_;
};

}  // namespace gatehouse::management
