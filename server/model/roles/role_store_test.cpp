#include "model/roles/role_store.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace gatehouse::model {

class RoleStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  template <class F>
  void write(F work) {
    const auto done = db_->write([&](storage::Transaction& tx) -> Result<void> { return work(tx); });
    ASSERT_TRUE(done) << done.error().message << done.error().detail;
  }
  void make_role(const std::string& id) {
    write([&](storage::Transaction& tx) {
      StoredObject role;
      role.id = id;
      role.properties["name"] = "name of " + id;
      return roles_.objects().insert(tx, tenant_, role, now_);
    });
  }
  template <class F>
  auto read(F work) { return *db_->read([&](storage::Reader& reader) { return work(reader); }); }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  TenantId tenant_{"t"};
  UserId user_{"auth0|1"};
  Timestamp now_ = from_micros(1'800'000'000'000'000);
  RoleStore roles_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, RoleStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(RoleStoreTest, a_user_may_do_what_is_given_directly_and_through_roles) {
  make_role("r1");
  make_role("r2");
  write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(roles_.add_permissions_to_role(tx, tenant_, RoleId("r1"), {{"https://a", "read"}, {"https://b", "read"}}));
    TRY_VOID(roles_.add_permissions_to_role(tx, tenant_, RoleId("r2"), {{"https://a", "read"}, {"https://a", "write"}}));
    TRY_VOID(roles_.assign(tx, tenant_, user_, {RoleId("r1"), RoleId("r2")}, now_));
    return roles_.add_direct_permissions(tx, tenant_, user_, {{"https://a", "delete"}});
  });
  const auto at_a = read([&](storage::Reader& reader) { return roles_.effective_permissions(reader, tenant_, user_, "https://a"); });
  EXPECT_EQ(at_a, (std::set<std::string>{"delete", "read", "write"}));
  EXPECT_TRUE(read([&](storage::Reader& reader) { return roles_.effective_permissions(reader, tenant_, UserId("auth0|2"), "https://a"); }).empty());
  EXPECT_TRUE(read([&](storage::Reader& reader) { return roles_.effective_permissions(reader, TenantId("other"), user_, "https://a"); }).empty());

  const auto sources = read([&](storage::Reader& reader) { return roles_.permissions_of_user(reader, tenant_, user_); });
  ASSERT_EQ(sources.size(), 4u);
  EXPECT_EQ(sources[0].permission.permission_name, "delete");
  EXPECT_TRUE(sources[0].direct);
  EXPECT_FALSE(sources[1].direct);
  EXPECT_EQ(sources[1].roles.size(), 2u) << "read comes from both roles";
  EXPECT_EQ(sources[1].roles[0].second, "name of r1");
}

TEST_P(RoleStoreTest, giving_and_taking_twice_is_no_error) {
  make_role("r1");
  for (int i = 0; i < 2; ++i)
    write([&](storage::Transaction& tx) -> Result<void> {
      TRY_VOID(roles_.assign(tx, tenant_, user_, {RoleId("r1")}, now_));
      return roles_.add_permissions_to_role(tx, tenant_, RoleId("r1"), {{"https://a", "read"}});
    });
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.count_roles_of_user(reader, tenant_, user_); }), 1);
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.count_permissions_of_role(reader, tenant_, RoleId("r1")); }), 1);
  for (int i = 0; i < 2; ++i) write([&](storage::Transaction& tx) { return roles_.unassign(tx, tenant_, user_, {RoleId("r1")}); });
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.count_roles_of_user(reader, tenant_, user_); }), 0);
}

TEST_P(RoleStoreTest, a_removed_role_leaves_nothing_behind) {
  make_role("r1");
  write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(roles_.add_permissions_to_role(tx, tenant_, RoleId("r1"), {{"https://a", "read"}}));
    TRY_VOID(roles_.assign(tx, tenant_, user_, {RoleId("r1")}, now_));
    return roles_.remove(tx, tenant_, RoleId("r1"));
  });
  make_role("r1");
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.count_users_of_role(reader, tenant_, RoleId("r1")); }), 0);
  EXPECT_TRUE(read([&](storage::Reader& reader) { return roles_.effective_permissions(reader, tenant_, user_, "https://a"); }).empty());
}

TEST_P(RoleStoreTest, an_apis_end_takes_its_permissions_from_everybody) {
  make_role("r1");
  write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(roles_.add_permissions_to_role(tx, tenant_, RoleId("r1"), {{"https://a", "read"}, {"https://b", "read"}}));
    TRY_VOID(roles_.add_direct_permissions(tx, tenant_, user_, {{"https://a", "read"}, {"https://a", "write"}}));
    return roles_.forget_permission(tx, tenant_, {"https://a", "write"});
  });
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.direct_permissions(reader, tenant_, user_); }).size(), 1u);
  write([&](storage::Transaction& tx) { return roles_.forget_api(tx, tenant_, "https://a"); });
  EXPECT_TRUE(read([&](storage::Reader& reader) { return roles_.direct_permissions(reader, tenant_, user_); }).empty());
  EXPECT_EQ(read([&](storage::Reader& reader) { return roles_.permissions_of_role(reader, tenant_, RoleId("r1"), {}); }).size(), 1u);
}

TEST_P(RoleStoreTest, users_of_a_role_are_paged_in_the_order_of_assignment) {
  make_role("r1");
  for (const char* id : {"auth0|z", "auth0|a", "auth0|m"})
    write([&](storage::Transaction& tx) { return roles_.assign(tx, tenant_, UserId(id), {RoleId("r1")}, now_); });
  const auto first = read([&](storage::Reader& reader) { return roles_.users_of_role(reader, tenant_, RoleId("r1"), 0, 0, 2); });
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].user.str(), "auth0|z");
  const auto rest = read([&](storage::Reader& reader) { return roles_.users_of_role(reader, tenant_, RoleId("r1"), first[1].position, 0, 2); });
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].user.str(), "auth0|m");
}

}  // namespace gatehouse::model
