#pragma once
#include <vector>

#include "model/users/user_store.h"

namespace gatehouse::model {

/// Which users are wanted, in the order of their creation.
struct UserPage {
  std::string connection{};  ///< those with an account there; empty: all
  int64_t after = 0;         ///< position of the last one that is known already
  int64_t until = 0;         ///< who came at this position or later is left out
  int64_t limit = 100;
};

struct UsersOfPage {
  std::vector<User> users;
  bool last = false;  ///< none follow
};

/// Goes through all users page by page, at the same cost wherever it stands: for exports. A page is one consistent read.
Result<UsersOfPage> read_page(storage::Reader& reader, const UserStore& store, const TenantId& tenant, const UserPage& page);

}  // namespace gatehouse::model
