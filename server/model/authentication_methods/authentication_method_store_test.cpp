#include "model/authentication_methods/authentication_method_store.h"

#include <gtest/gtest.h>

#include "model/users/user_store.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

using Which = AuthenticationMethodStore::Which;
const TenantId kTenant("acme");
const UserId kAda("auth0|ada");
const Timestamp kNow = from_micros(1'800'000'000'000'000);

class AuthenticationMethodStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  AuthenticationMethod method(std::string id, std::string_view type = method_type::kTotp, bool confirmed = true, UserId user = kAda) {
    return {.id = std::move(id), .tenant = kTenant, .user = std::move(user), .type = std::string(type), .confirmed = confirmed, .created_at = kNow};
  }
  template <class F>
  auto write(F&& work) {
    return db_->write([&](storage::Transaction& tx) { return work(tx); });
  }
  Result<void> insert(const AuthenticationMethod& m) {
    return write([&](storage::Transaction& tx) { return store_.insert(tx, m); });
  }
  std::optional<AuthenticationMethod> find(std::string_view id, Timestamp now = kNow) {
    return *db_->read([&](storage::Reader& reader) { return store_.find(reader, kTenant, id, now); });
  }
  size_t count(Which which, Timestamp now = kNow) {
    return db_->read([&](storage::Reader& reader) { return store_.list(reader, kTenant, kAda, which, now); })->size();
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  AuthenticationMethodStore store_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, AuthenticationMethodStoreTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(AuthenticationMethodStoreTest, everything_of_a_method_is_read_back) {
  AuthenticationMethod m = method("webauthn-roaming|dev_1", method_type::kWebAuthnRoaming);
  m.name = "Key of the car";
  m.webauthn = WebAuthnCredential{.id = "Y3JlZA", .public_key = "cGs", .rp_id = "example.com", .user_handle = "dQ", .aaguid = "0000", .attestation_format = "none", .transports = {"usb", "nfc"}, .backup_eligible = true};
  m.counter = 7;
  m.data["user_agent"] = "Firefox";
  ASSERT_TRUE(insert(m));
  const auto found = *db_->read([&](storage::Reader& reader) { return store_.find_by_credential(reader, kTenant, "Y3JlZA", kNow); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, m.id);
  EXPECT_EQ(found->user, kAda);
  EXPECT_EQ(found->name, m.name);
  EXPECT_EQ(found->counter, 7);
  ASSERT_TRUE(found->webauthn);
  EXPECT_EQ(found->webauthn->public_key, "cGs");
  EXPECT_EQ(found->webauthn->transports, (std::vector<std::string>{"usb", "nfc"}));
  EXPECT_TRUE(found->webauthn->backup_eligible);
  EXPECT_FALSE(found->webauthn->backed_up);
  EXPECT_EQ(found->data, m.data);
  AuthenticationMethod again = method("passkey|dev_1", method_type::kPasskey);
  again.webauthn = m.webauthn;
  const auto refused = insert(again);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unique_violation);
}

TEST_P(AuthenticationMethodStoreTest, an_enrolment_counts_once_confirmed_and_is_forgotten_otherwise) {
  ASSERT_TRUE(insert(method("totp|dev_1", method_type::kTotp, false)));
  ASSERT_TRUE(insert(method("totp|dev_2", method_type::kTotp, false)));
  EXPECT_EQ(count(Which::confirmed), 0u);
  EXPECT_EQ(count(Which::all), 2u);
  const auto confirm = [&](std::string_view id, Timestamp now) { return *write([&](storage::Transaction& tx) { return store_.confirm(tx, kTenant, id, now); }); };
  EXPECT_FALSE(confirm("totp|dev_1", kNow + kEnrolmentLifetime));
  EXPECT_TRUE(confirm("totp|dev_1", kNow));
  EXPECT_FALSE(confirm("totp|dev_1", kNow));
  const Timestamp later = kNow + kEnrolmentLifetime;
  EXPECT_TRUE(find("totp|dev_1", later)->confirmed);
  EXPECT_FALSE(find("totp|dev_2", later));
  EXPECT_EQ(count(Which::all, later), 1u);
  EXPECT_EQ(*write([&](storage::Transaction& tx) { return store_.remove_expired(tx, later, 10); }), 1);
}

TEST_P(AuthenticationMethodStoreTest, a_counter_only_grows_unless_the_authenticator_never_counts) {
  ASSERT_TRUE(insert(method("totp|dev_1")));
  const auto advance = [&](int64_t counter) { return *write([&](storage::Transaction& tx) { return store_.advance(tx, kTenant, "totp|dev_1", counter, kNow); }); };
  EXPECT_TRUE(advance(0));
  EXPECT_TRUE(advance(0));
  EXPECT_TRUE(advance(60'000'000));
  EXPECT_FALSE(advance(60'000'000));
  EXPECT_FALSE(advance(59'999'999));
  EXPECT_FALSE(advance(0));
  EXPECT_TRUE(advance(60'000'001));
  EXPECT_EQ(find("totp|dev_1")->last_auth_at, kNow);
}

TEST_P(AuthenticationMethodStoreTest, of_many_who_use_a_recovery_code_at_a_time_one_wins) {
  AuthenticationMethod m = method("recovery-code|dev_1", method_type::kRecoveryCode);
  m.digest = "00ff";
  ASSERT_TRUE(insert(m));
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      if (*write([&](storage::Transaction& tx) { return store_.replace_digest(tx, kTenant, m.id, "00ff", "next" + std::to_string(i), kNow); })) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(AuthenticationMethodStoreTest, methods_are_changed_and_removed_as_those_of_their_user_only) {
  ASSERT_TRUE(insert(method("totp|dev_1")));
  ASSERT_TRUE(insert(method("totp|dev_2", method_type::kTotp, true, UserId("auth0|bob"))));
  AuthenticationMethod changed = *find("totp|dev_1");
  changed.name = "Phone";
  EXPECT_TRUE(*write([&](storage::Transaction& tx) { return store_.update(tx, changed); }));
  EXPECT_EQ(find("totp|dev_1")->name, "Phone");
  const auto remove = [&](const UserId& user) { return *write([&](storage::Transaction& tx) { return store_.remove(tx, kTenant, user, "totp|dev_1"); }); };
  EXPECT_FALSE(remove(UserId("auth0|bob")));
  EXPECT_TRUE(remove(kAda));
  EXPECT_FALSE(find("totp|dev_1"));
  EXPECT_TRUE(find("totp|dev_2"));
}

TEST_P(AuthenticationMethodStoreTest, a_user_has_a_bounded_number_and_takes_them_along) {
  UserStore users(*db_);
  User ada;
  ada.id = kAda;
  ada.tenant = kTenant;
  ada.email = "ada@example.com";
  ada.identities.push_back({.connection = "db", .provider = "auth0", .user_id = "ada", .profile_data = {}});
  ASSERT_TRUE(write([&](storage::Transaction& tx) { return users.insert(tx, ada, std::nullopt, kNow); }));
  for (size_t i = 0; i < kMaxMethods; ++i) ASSERT_TRUE(insert(method("totp|dev_" + std::to_string(i))));
  EXPECT_FALSE(insert(method("totp|dev_more")));
  ASSERT_TRUE(*write([&](storage::Transaction& tx) { return users.remove(tx, kTenant, kAda); }));
  EXPECT_EQ(count(Which::all), 0u);
}

}  // namespace
}  // namespace gatehouse::model
