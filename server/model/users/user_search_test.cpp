#include "model/users/user_search.h"

#include <gtest/gtest.h>

#include "model/users/user_batch.h"
#include "model/users/user_condition.h"
#include "model/users/user_store.h"
#include "model/users/user_terms.h"
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
    s.with_total = true;
    const auto found = db_->read([&](storage::Reader& reader) { return search_users(reader, users_, kTenant, s); });
    if (!found) {
      EXPECT_EQ(found.error().code, Errc::invalid_argument) << q << ": " << found.error().detail;
      return "error";
    }
    EXPECT_EQ(found->total, int64_t(found->users.size())) << q;
    return names(found->users);
  }
  static std::string names(const std::vector<User>& users) {
    std::string out;
    for (const User& user : users) out += (out.empty() ? "" : " ") + user.id.str().substr(6);
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
    return names(db_->read([&](storage::Reader& reader) { return search_users(reader, users_, kTenant, s); })->users);
  };
  EXPECT_EQ(ids({.sort_field = "logins_count", .descending = true}), "cid bob ann");
  EXPECT_EQ(ids({.sort_field = "name", .descending = true}), "cid bob ann");
  EXPECT_EQ(ids({.sort_field = "email", .offset = 1, .limit = 1}), "bob");
  EXPECT_EQ(ids({.connection = "Other"}), "");
}

/// More users than any list that counts as short, of few values each.
class ManyUsersTest : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int64_t kUsers = 650;
  void SetUp() override {
    const char* names[] = {"Jim", "jane", "Olga", "Zoe", "Ann_a", "Ännchen"};
    const char* countries[] = {"DE", "FR", "US"};
    std::vector<NewUser> fresh;
    for (int64_t i = 0; i < kUsers; ++i) {
      User user;
      user.tenant = kTenant;
      user.id = UserId("auth0|" + std::to_string(i * 7919 % 10'007));
      user.position = 1000 + i;
      if (i % 11 != 0) user.email = "u" + std::to_string(i * 31 % kUsers) + "@" + (i % 2 ? "a" : "b") + ".example";
      if (i % 11 == 0) user.username = "user" + std::to_string(i);
      user.email_verified = i % 3 == 0;
      user.blocked = i % 200 == 0;
      if (i % 5 != 0) user.attributes = {{"name", std::string(names[i % 6]) + (i % 4 ? "" : " Smith")}};
      user.user_metadata = {{"country", countries[i % 3]}};
      user.app_metadata = {{"account", i / 3}, {"tags", {"t" + std::to_string(i % 7), "t" + std::to_string(i % 5)}}};
      if (i % 50 == 0) user.app_metadata["rare"] = {{"deep", i}};
      user.identities = {{i % 10 ? "Database" : "Other", "auth0", user.id.str().substr(6), false, {}}};
      user.logins_count = i % 40;
      if (user.logins_count > 0) user.last_login = from_micros(1'700'000'000'000'000 + i * 977 % 500 * 86'400'000'000);
      user.last_ip = i % 2 ? "203.0.113.1" : "";
      user.created_at = user.updated_at = from_micros(1'600'000'000'000'000 + i * 86'400'000'000);
      users_.push_back(user);
      fresh.push_back({user, {}});
    }
    const UserBatch batch(fresh);
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return batch.insert(tx); }));
  }
  UsersFound found(UserSearch search) {
    search.with_total = true;
    auto result = db_->read([&](storage::Reader& reader) { return search_users(reader, store_, kTenant, search); });
    EXPECT_TRUE(result) << search.q << ": " << result.error().message << result.error().detail;
    return result ? std::move(result).value() : UsersFound{};
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  UserStore store_{*db_};
  std::vector<User> users_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ManyUsersTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

constexpr const char* kQueries[] = {
    "email_verified:true",
    "blocked:true",
    "NOT blocked:true",
    "name:j*",
    "name:*smith*",
    "name:*hen",
    "name:\xC3\xA4*",
    "NOT name:j*",
    "NOT name:*",
    "email:u12*",
    "user_metadata.country:DE AND email_verified:true",
    "app_metadata.account:17 AND name:j*",
    "app_metadata.account:17 OR app_metadata.account:18 OR email:u3@a.example",
    "user_metadata.country:DE OR user_metadata.country:FR",
    "(user_metadata.country:DE AND name:o*) OR app_metadata.tags:t3",
    "(user_metadata.country:DE AND NOT name:o*) OR app_metadata.account:3",
    "app_metadata.tags:t1 AND app_metadata.tags:t2",
    "app_metadata.tags:t*",
    "app_metadata.tags:[t2 TO t4}",
    "app_metadata.tags:[t2 TO t4} AND NOT app_metadata.tags:t5",
    "_exists_:app_metadata.rare",
    "_exists_:app_metadata.rare AND user_metadata.country:DE",
    "NOT _exists_:app_metadata.rare AND user_metadata.country:US",
    "_exists_:app_metadata",
    "_exists_:last_login",
    "NOT _exists_:last_login",
    "logins_count:[3 TO 5]",
    "logins_count:>37 AND name:z*",
    "NOT logins_count:[1 TO 39]",
    "NOT last_login:[2020-01-01 TO *]",
    "created_at:[2023-01-01 TO *]",
    "created_at:{* TO 2021-01} AND NOT email_verified:true AND identities.connection:Other",
    "last_ip:203.0.113.1 AND user_metadata.country:US",
    "NOT last_ip:203.0.113.1",
    "zoe",
    "zo*",
    "zoe OR olga",
    "*",
    "name:nobody",
    "(name:j* OR name:z*) AND (user_metadata.country:US OR logins_count:7)",
    "NOT (name:j* OR user_metadata.country:US)",
};

TEST_P(ManyUsersTest, every_way_through_the_indexes_finds_what_the_users_themselves_say) {
  for (const char* q : kQueries) {
    const UserCondition condition = *parse_user_query(q);
    std::set<std::string> expected, seen;
    for (const User& user : users_)
      if (fulfils(user, condition)) expected.insert(user.id.str());
    for (int64_t offset = 0; offset < kMaxSearchResults; offset += 250) {
      const UsersFound page = found({.q = q, .offset = offset, .limit = 250});
      for (const User& user : page.users) EXPECT_TRUE(expected.contains(user.id.str()) && seen.insert(user.id.str()).second) << q;
      if (page.total > 0 || offset == 0) {
        EXPECT_EQ(page.total, std::min<int64_t>(int64_t(expected.size()), kMaxSearchResults)) << q;
      }
    }
    EXPECT_EQ(seen.size(), std::min<size_t>(expected.size(), kMaxSearchResults)) << q;
  }
}

TEST_P(ManyUsersTest, sorted_searches_page_through_all_and_put_those_without_a_value_last) {
  const auto value = [](const User& user, std::string_view field, bool descending) -> std::optional<UserCondition::End> {
    if (const UserColumn* column = user_column(field)) return column_value(user, *column);
    std::optional<UserCondition::End> value;
    for (const auto& [path, text] : terms_of(user))
      if (path == field && (!value || descending)) value = text;
    return value;
  };
  for (const char* field : {"last_login", "logins_count", "name", "app_metadata.tags", "app_metadata.rare.deep"}) {
    for (const bool descending : {false, true}) {
      for (const char* q : {"", "app_metadata.account:17", "app_metadata.tags:t3", "NOT name:j*"}) {
        std::vector<std::pair<std::optional<UserCondition::End>, const User*>> expected;
        for (const User& user : users_)
          if (!*q || fulfils(user, *parse_user_query(q))) expected.emplace_back(value(user, field, descending), &user);
        std::sort(expected.begin(), expected.end(), [&](const auto& a, const auto& b) {
          if (!a.first || !b.first) return a.first ? true : b.first ? false : a.second->position < b.second->position;
          const auto left = std::tie(*a.first, a.second->position), right = std::tie(*b.first, b.second->position);
          return descending ? right < left : left < right;
        });
        for (const int64_t offset : {0, 590}) {
          const UsersFound page = found({.q = q, .sort_field = field, .descending = descending, .offset = offset, .limit = 60});
          std::string got, wanted;
          for (const User& user : page.users) got += user.id.str() + " ";
          for (size_t i = size_t(offset); i < std::min(expected.size(), size_t(offset) + 60); ++i) wanted += expected[i].second->id.str() + " ";
          EXPECT_EQ(got, wanted) << q << " by " << field << descending << " from " << offset;
          if (*q) {
            EXPECT_EQ(page.total, std::min<int64_t>(int64_t(expected.size()), kMaxSearchResults)) << q;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::model
