#include "model/users/user_search.h"

#include <gtest/gtest.h>

#include "model/users/user_store.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("gatehouse");

class UserSearchTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    add("ann", "Ann@Example.com", "Ann Archer", {{"color", "Red"}, {"size", 13}, {"cities", {"Paris", "Seattle"}}}, {{"plan", "gold"}}, 0);
    add("bob", "bob@example.com", "Bob Example Jr", {{"color", "red"}}, {{"plan", "gold-plus"}}, 12);
    add("cid", "cid@other.org", "Cid_100%", {}, {}, 150);
  }
  void add(const std::string& id, const std::string& email, const std::string& name, json::object user_metadata, json::object app_metadata, int64_t logins) {
    User user;
    user.id = UserId("auth0|" + id);
    user.tenant = kTenant;
    user.email = normalize_email(email);
    user.attributes = {{"name", name}};
    user.user_metadata = std::move(user_metadata);
    user.app_metadata = std::move(app_metadata);
    user.identities = {{"Database", "auth0", id, false, {}}};
    user.fill_defaults();
    user.logins_count = logins;
    if (logins > 0) user.last_login = Timestamp(std::chrono::sys_days(std::chrono::year(2025) / 12 / 31)) + std::chrono::hours(23);
    const Timestamp created = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10);
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, std::nullopt, created); }));
  }
  std::string search(const std::string& q) {
    UserSearch s;
    s.q = q;
    const auto found = db_->read([&](storage::Reader& reader) { return find_users(reader, kTenant, s); });
    if (!found) return "error";
    std::string out;
    for (const UserId& id : *found) out += (out.empty() ? "" : " ") + id.str().substr(6);
    const auto count = db_->read([&](storage::Reader& reader) { return count_users(reader, kTenant, s); });
    EXPECT_EQ(*count, int64_t(found->size())) << q;
    return out;
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  UserStore users_{*db_};
};

INSTANTIATE_TEST_SUITE_P(EachDatabase, UserSearchTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(UserSearchTest, finds_what_the_query_says) {
  const std::pair<const char*, const char*> cases[] = {
      {"email:\"ann@example.com\"", "ann"},
      {"email:ANN@EXAMPLE.COM", "ann"},
      {"email.domain:\"example.com\"", "ann bob"},
      {"name:\"ann archer\"", "ann"},
      {"name:*example*", "bob"},
      {"name:*archer", "ann"},
      {"name:b*jr", "bob"},
      {"name:b*xx", ""},
      {"name:*ar", "error"},
      {"name:cid_1*", "cid"},
      {"name:*100%", "cid"},
      {"name:*1__%", ""},
      {"email:b*", "bob"},
      {"user_metadata.color:red", "bob"},
      {"user_metadata.color:Red", "ann"},
      {"user_metadata.size:13", "ann"},
      {"user_metadata.cities:\"Paris\"", "ann"},
      {"user_metadata.color:re*", "error"},
      {"user_metadata.size:[1 TO 20]", "error"},
      {"app_metadata.plan:gold*", "ann bob"},
      {"app_metadata.plan:GOLD", ""},
      {"_exists_:user_metadata.color", "ann bob"},
      {"_exists_:user_metadata", "ann bob"},
      {"NOT _exists_:app_metadata.plan", "cid"},
      {"logins_count:[* TO 10}", "ann"},
      {"logins_count:[10 TO 100}", "bob"},
      {"logins_count:>=100", "cid"},
      {"NOT _exists_:logins_count OR logins_count:0", "ann"},
      {"last_login:[* TO 2025-12-31]", "bob cid"},
      {"last_login:[* TO 2025-12-31}", ""},
      {"last_login:{2025-12-31 TO *]", ""},
      {"created_at:2026-01-10", "ann bob cid"},
      {"created_at:2026-01", "ann bob cid"},
      {"created_at:yesterday", "error"},
      {"email_verified:false", "ann bob cid"},
      {"identities.connection:\"Database\" AND email:b*", "bob"},
      {"name:(\"ann archer\" OR \"bob example jr\")", "ann bob"},
      {"(email:a* OR email:b*) AND NOT app_metadata.plan:gold", "bob"},
      {"email:a* email:b*", "ann bob"},
      {"-email:a*", "bob cid"},
      {"ann@example.com", "ann"},
      {"Red", ""},
      {"user_id:\"auth0|bob\"", "bob"},
      {"user_id:auth0|bob", "bob"},
      {"*", "ann bob cid"},
      {"name:", "error"},
      {"(name:a", "error"},
      {"name:[a", "error"},
      {"name:a~2", "error"},
      {"name:\"'; DROP TABLE users; --\"", ""},
  };
  for (const auto& [q, expected] : cases) EXPECT_EQ(search(q), expected) << q;
}

TEST_P(UserSearchTest, sorts_and_pages) {
  const auto ids = [&](UserSearch s) {
    std::string out;
    const auto found = db_->read([&](storage::Reader& reader) { return find_users(reader, kTenant, s); });
    for (const UserId& id : *found) out += id.str().substr(6) + " ";
    return out;
  };
  EXPECT_EQ(ids({.sort_field = "logins_count", .descending = true}), "cid bob ann ");
  EXPECT_EQ(ids({.sort_field = "name", .descending = true}), "cid bob ann ");
  EXPECT_EQ(ids({.sort_field = "email", .offset = 1, .limit = 1}), "bob ");
  EXPECT_EQ(ids({.connection = "Other"}), "");
}

}  // namespace
}  // namespace gatehouse::model
