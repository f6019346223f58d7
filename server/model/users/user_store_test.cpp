#include "model/users/user_store.h"

#include <gtest/gtest.h>

#include "model/users/user_terms.h"
#include "storage/testing.h"
#include "model/refresh_tokens/refresh_token_store.h"

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

class LinkingTest : public UserStoreTest {
 protected:
  Result<void> link() {
    return db_->write([&](storage::Transaction& tx) -> Result<void> {
      TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
      TRY(const std::optional<User> secondary, users_.find(tx, kTenant, other_.id));
      return users_.link(tx, *primary, *secondary, kNow);
    });
  }
  Result<User> unlink() {
    return db_->write([&](storage::Transaction& tx) -> Result<User> {
      TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
      return users_.unlink(tx, *primary, "auth0", "2", kNow);
    });
  }
  std::optional<UserId> by_identity(const char* provider, const char* id) {
    const auto found = read([&](storage::Reader& reader) { return users_.find_by_identity(reader, kTenant, provider, id); });
    return found && *found ? std::optional((*found)->id) : std::nullopt;
  }
  std::optional<UserId> by_email(const char* email) {
    const auto found = read([&](storage::Reader& reader) {
      return users_.find_by_identifier(reader, kTenant, "Username-Password-Authentication", IdentifierKind::email, email);
    });
    return found && *found ? std::optional((*found)->id) : std::nullopt;
  }
  std::string hash(const char* id) {
    const auto found = read([&](storage::Reader& reader) { return users_.password(reader, kTenant, UserId(id)); });
    return found && *found ? (*found)->hash : "";
  }
  void SetUp() override {
    other_.attributes["given_name"] = "Bob";
    other_.user_metadata = {{"colour", "blue"}};
    ASSERT_TRUE(insert(ann_, PasswordCredential{"ann's", kNow, {}}));
    ASSERT_TRUE(insert(other_, PasswordCredential{"bob's", kNow, {}}));
  }
  User ann_ = make_user("1", "ann@example.com"), other_ = make_user("2", "bob@example.com");
};
INSTANTIATE_TEST_SUITE_P(Databases, LinkingTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(LinkingTest, a_linked_account_finds_its_primary_user_by_id_and_by_address) {
  ASSERT_TRUE(link());
  EXPECT_FALSE(*users_.find(kTenant, other_.id));
  EXPECT_EQ(by_identity("auth0", "2"), ann_.id);
  EXPECT_EQ(by_identity("auth0", "1"), ann_.id);
  EXPECT_EQ(by_identity("github", "2"), std::nullopt);
  EXPECT_EQ(by_email("bob@example.com"), ann_.id);
  EXPECT_EQ(*read([&](storage::Reader& reader) { return users_.count(reader, kTenant); }), 1);
  const auto user = *users_.find(kTenant, ann_.id);
  ASSERT_EQ(user->identities.size(), 2u);
  EXPECT_EQ(user->email, "ann@example.com");
  EXPECT_TRUE(user->user_metadata.empty());
  EXPECT_EQ(user->identities[1].profile_data.at("email"), "bob@example.com");
  EXPECT_EQ(user->identities[1].profile_data.at("given_name"), "Bob");
  EXPECT_EQ(user->identity_by("Username-Password-Authentication", "bob@example.com")->account(), other_.id);
  EXPECT_EQ(hash("auth0|2"), "bob's") << "its password stays its own";
}

TEST_P(LinkingTest, an_unlinked_account_is_the_user_it_was_without_metadata) {
  ASSERT_TRUE(link());
  const auto alone = unlink();
  ASSERT_TRUE(alone) << alone.error().detail;
  EXPECT_EQ(by_identity("auth0", "2"), other_.id);
  EXPECT_EQ(by_email("bob@example.com"), other_.id);
  const auto bob = *users_.find(kTenant, other_.id);
  ASSERT_TRUE(bob);
  EXPECT_EQ(bob->email, "bob@example.com");
  EXPECT_EQ(bob->attributes.at("given_name"), "Bob");
  EXPECT_TRUE(bob->user_metadata.empty());
  EXPECT_EQ(bob->identities.size(), 1u);
  EXPECT_EQ((*users_.find(kTenant, ann_.id))->identities.size(), 1u);
  EXPECT_EQ(hash("auth0|2"), "bob's");
  EXPECT_EQ(unlink().error().code, Errc::not_found);
}

TEST_P(LinkingTest, the_first_account_stays) {
  const auto done = db_->write([&](storage::Transaction& tx) -> Result<User> {
    TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
    return users_.unlink(tx, *primary, "auth0", "1", kNow);
  });
  EXPECT_EQ(done.error().code, Errc::invalid_argument);
}

TEST_P(LinkingTest, a_removed_user_takes_its_accounts_along) {
  ASSERT_TRUE(link());
  ASSERT_TRUE(*db_->write([&](storage::Transaction& tx) { return users_.remove(tx, kTenant, ann_.id); }));
  EXPECT_EQ(by_identity("auth0", "2"), std::nullopt);
  EXPECT_EQ(by_email("bob@example.com"), std::nullopt);
  EXPECT_EQ(hash("auth0|2"), "");
  User again = make_user("2", "bob@example.com");
  EXPECT_TRUE(insert(again)) << "nothing is left of it";
}

TEST_P(LinkingTest, a_removed_connection_takes_only_its_own_accounts) {
  User hub;
  hub.id = UserId("github|7");
  hub.tenant = kTenant;
  hub.email = "ann@example.com";
  hub.identities = {{"github", "github", "7", true, {}}};
  ASSERT_TRUE(insert(hub));
  User same_address = hub;
  same_address.id = UserId("github|8");
  same_address.identities = {{"github", "github", "8", true, {}}};
  ASSERT_TRUE(insert(same_address)) << "a provider may have two accounts of one address";
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
    TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
    return users_.link(tx, *primary, hub, kNow);
  }));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.remove_of_connection(tx, kTenant, "github", 10); }));
  EXPECT_EQ(by_identity("github", "7"), std::nullopt);
  EXPECT_EQ(by_identity("github", "8"), std::nullopt);
  EXPECT_EQ((*users_.find(kTenant, ann_.id))->identities.size(), 1u);
}

TEST_P(LinkingTest, refresh_tokens_of_logins_through_an_account_end_when_it_is_unlinked) {
  User third = make_user("3", "cat@example.com");
  third.id = UserId("github|3");
  third.identities.front() = {"github", "github", "3", true, {}};
  ASSERT_TRUE(insert(third, std::nullopt));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
    TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
    return users_.link(tx, *primary, third, kNow);
  }));
  const RefreshTokenStore tokens;
  const std::string connections[] = {"github", ann_.connection()};
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
    for (const std::string& connection : connections) {
      const RefreshTokenFamily family{.id = "through " + connection, .tenant = kTenant, .client = ClientId("shop"), .user = ann_.id, .connection = connection,
                                      .authenticated_at = kNow, .created_at = kNow, .last_used_at = kNow};
      TRY_VOID(tokens.insert(tx, family));
    }
    return {};
  }));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<User> {
    TRY(std::optional<User> primary, users_.find(tx, kTenant, ann_.id));
    return users_.unlink(tx, *primary, "github", "3", kNow);
  }));
  const auto lives = [&](const std::string& connection) {
    return (*read([&](storage::Reader& reader) { return tokens.find(reader, kTenant, "through " + connection); })).has_value();
  };
  EXPECT_FALSE(lives(connections[0]));
  EXPECT_TRUE(lives(connections[1]));
}

TEST_P(LinkingTest, what_a_password_proved_holds_no_longer_once_its_account_is_unlinked) {
  ASSERT_TRUE(link());
  const auto standing = [&] { return *read([&](storage::Reader& reader) { return users_.standing(reader, kTenant, ann_.id, other_.id); }); };
  ASSERT_TRUE(standing());
  EXPECT_EQ(standing()->password_set_at, kNow);
  ASSERT_TRUE(unlink());
  EXPECT_FALSE(standing());
}

}  // namespace
}  // namespace gatehouse::model
