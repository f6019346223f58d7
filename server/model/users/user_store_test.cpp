#include "model/users/user_store.h"

#include <gtest/gtest.h>

#include "model/users/user_terms.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("gatehouse");
const Timestamp kNow = from_micros(1'800'000'000'000'000);

User make_user(const std::string& id, const std::string& email) {
  User user;
  user.id = UserId("auth0|" + id);
  user.tenant = kTenant;
  user.email = email;
  user.identities = {{"Username-Password-Authentication", "auth0", id, false, {}}};
  user.fill_defaults();
  return user;
}

class UserStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  Result<void> insert(User& user, std::optional<PasswordCredential> password = std::nullopt) {
    return db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, password, kNow); });
  }
  template <class F>
  auto read(F f) { return db_->read([&](storage::Reader& reader) { return f(reader); }); }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  UserStore users_{*db_};
};

INSTANTIATE_TEST_SUITE_P(Databases, UserStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(UserStoreTest, a_user_comes_back_as_it_was_stored) {
  User user = make_user("1", "ann@example.com");
  user.username = "Ann";
  user.phone_number = "+4912345";
  user.user_metadata = {{"theme", {{"dark", true}}}};
  user.app_metadata = {{"plan", "gold"}};
  ASSERT_TRUE(insert(user));
  const auto found = users_.find(kTenant, user.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->to_json(), user.to_json());
  EXPECT_EQ((*found)->attributes.at("name"), "ann@example.com");
  EXPECT_EQ((*found)->attributes.at("nickname"), "ann");
}

TEST_P(UserStoreTest, identifiers_are_unique_in_their_connection_and_free_again_after_a_change) {
  User ann = make_user("1", "ann@example.com"), bob = make_user("2", "bob@example.com"), late = make_user("3", "ann@example.com");
  ASSERT_TRUE(insert(ann));
  ASSERT_TRUE(insert(bob));
  EXPECT_EQ(insert(late).error().code, Errc::unique_violation);
  const auto replace = [&](User& user) { return db_->write([&](storage::Transaction& tx) { return users_.replace(tx, user, kNow); }); };
  bob.email = "ann@example.com";
  EXPECT_EQ(replace(bob).error().code, Errc::unique_violation);
  ann.email = "anna@example.com";
  ASSERT_TRUE(replace(ann));
  ASSERT_TRUE(replace(bob));
  const auto by_mail = read([&](storage::Reader& r) { return users_.find_by_identifier(r, kTenant, "Username-Password-Authentication", IdentifierKind::email, "ann@example.com"); });
  ASSERT_TRUE(by_mail && *by_mail);
  EXPECT_EQ((*by_mail)->id, bob.id);
}

TEST_P(UserStoreTest, usernames_compare_without_case) {
  User ann = make_user("1", "a@example.com"), bob = make_user("2", "b@example.com");
  ann.username = "Ann";
  bob.username = "aNN";
  ASSERT_TRUE(insert(ann));
  EXPECT_EQ(insert(bob).error().code, Errc::unique_violation);
}

TEST_P(UserStoreTest, the_counter_follows_and_removal_takes_everything) {
  User ann = make_user("1", "ann@example.com");
  ASSERT_TRUE(insert(ann, PasswordCredential{"hash", kNow, {}}));
  EXPECT_EQ(*read([&](storage::Reader& r) { return users_.count(r, kTenant); }), 1);
  const auto remove = [&] { return db_->write([&](storage::Transaction& tx) { return users_.remove(tx, kTenant, ann.id); }); };
  EXPECT_TRUE(*remove());
  EXPECT_FALSE(*remove());
  EXPECT_EQ(*read([&](storage::Reader& r) { return users_.count(r, kTenant); }), 0);
  EXPECT_FALSE(*read([&](storage::Reader& r) { return users_.password(r, kTenant, ann.id); }));
  for (const char* left : {"SELECT value FROM user_terms WHERE tenant = $1 AND path > ''", "SELECT value FROM user_identifiers WHERE tenant = $1 AND connection > ''"}) {
    const auto rows = read([&](storage::Reader& r) { return r.query(left, kTenant); });
    EXPECT_TRUE(rows && rows->empty()) << left;
  }
  ASSERT_TRUE(insert(ann));
}

TEST_P(UserStoreTest, earlier_passwords_move_into_a_bounded_history) {
  User ann = make_user("1", "ann@example.com");
  ASSERT_TRUE(insert(ann, PasswordCredential{"h0", kNow, {}}));
  for (const char* hash : {"h1", "h2", "h3"})
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.set_password(tx, kTenant, ann.id, hash, 2, kNow + seconds(5)); }));
  const auto password = *read([&](storage::Reader& r) { return users_.password(r, kTenant, ann.id); });
  EXPECT_EQ(password->hash, "h3");
  EXPECT_EQ(password->history, (std::vector<std::string>{"h2", "h1"}));
  EXPECT_TRUE((*users_.find(kTenant, ann.id))->last_password_reset);
}

TEST_P(UserStoreTest, standing_tells_of_a_block_and_of_the_password) {
  User ann = make_user("1", "ann@example.com"), bob = make_user("2", "bob@example.com");
  ASSERT_TRUE(insert(ann, PasswordCredential{"h0", kNow, {}}));
  bob.blocked = true;
  ASSERT_TRUE(insert(bob));
  const auto standing = [&](const UserId& id) { return *read([&](storage::Reader& r) { return users_.standing(r, kTenant, id); }); };
  EXPECT_FALSE(standing(ann.id)->blocked);
  EXPECT_EQ(standing(ann.id)->password_set_at, kNow);
  EXPECT_TRUE(standing(bob.id)->blocked);
  EXPECT_FALSE(standing(bob.id)->password_set_at);
  EXPECT_FALSE(standing(UserId("auth0|nobody")));
}

TEST_P(UserStoreTest, search_terms_are_kept_in_step) {
  User ann = make_user("1", "ann@example.com");
  ann.user_metadata = {{"color", "red"}};
  ASSERT_TRUE(insert(ann));
  const auto holders = [&](std::string_view value) {
    return read([&](storage::Reader& r) { return r.query("SELECT position FROM user_terms WHERE tenant = $1 AND path = $2 AND value = $3", kTenant, "user_metadata.color", value); })->size();
  };
  EXPECT_EQ(holders("red"), 1u);
  ann.user_metadata["color"] = "blue";
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.replace(tx, ann, kNow); }));
  EXPECT_EQ(holders("red"), 0u);
  EXPECT_EQ(holders("blue"), 1u);
}

TEST(User, addresses_that_look_alike_are_one) {
  EXPECT_EQ(normalize_email("Ann@Example.COM"), "ann@example.com");
  EXPECT_EQ(normalize_email("a\xcc\x88@x.de"), normalize_email("\xc3\xa4@x.de"));  // a + combining diaeresis, ä
  for (const char* bad : {"", "a", "@x.de", "a@", "a b@x.de", "a@x.de\r\nBcc: c@x.de", "a\xe2\x80\x8b@x.de", "a@b@x.de", "<a@x.de>", "a@.de", "a@x..de"})
    EXPECT_FALSE(normalize_email(bad)) << bad;
  EXPECT_EQ(normalize_phone("+491234"), "+491234");
  for (const char* bad : {"491234", "+0123", "+49 12", "+12345678901234567"}) EXPECT_FALSE(normalize_phone(bad)) << bad;
}

TEST(UserTerms, nested_values_are_found_by_dotted_paths_and_nothing_empty_is_indexed) {
  User user = make_user("1", "Ann@Example.com");
  user.app_metadata = {{"roles", {"a", "b"}}, {"none", nullptr}, {"empty", json::array{}}, {"deep", {{"n", 13}, {"ok", true}}}};
  const auto listed = terms_of(user);
  const std::set<Term> terms(listed.begin(), listed.end());
  EXPECT_TRUE(terms.contains({"app_metadata.roles", "a"}));
  EXPECT_TRUE(terms.contains({"app_metadata.roles", "b"}));
  EXPECT_TRUE(terms.contains({"app_metadata.deep.n", "13"}));
  EXPECT_TRUE(terms.contains({"app_metadata.deep.ok", "true"}));
  EXPECT_TRUE(terms.contains({"email.domain", "example.com"}));
  EXPECT_TRUE(terms.contains({"identities.connection", "Username-Password-Authentication"}));
  for (const auto& [path, value] : terms) EXPECT_FALSE(path == "app_metadata.none" || path == "app_metadata.empty");
}

}  // namespace
}  // namespace gatehouse::model
