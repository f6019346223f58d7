#include "model/transactions/transaction_store.h"

#include <gtest/gtest.h>

#include "crypto/testing.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("acme");
const Timestamp kNow = from_micros(1'800'000'000'000'000);

class TransactionStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  LoginTransaction insert(const std::string& state, const std::string& browser) {
    LoginTransaction t{.id = TransactionStore::digest(state), .tenant = kTenant, .client = ClientId("shop"), .browser_digest = TransactionStore::digest(browser),
                       .request = {{"state", "\u2713 \"<&"}}, .step = "login", .flow = {{"identifier", "ada"}}, .created_at = kNow, .expires_at = kNow + seconds(3600)};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.insert(tx, t); }));
    return t;
  }
  std::optional<LoginTransaction> find(const std::string& state, const std::string& browser, Timestamp now = kNow, const TenantId& tenant = kTenant) {
    return *db_->read([&](storage::Reader& reader) { return store_.find(reader, tenant, state, browser, now); });
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  TransactionStore store_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, TransactionStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(TransactionStoreTest, a_login_comes_back_as_it_was_stored_and_changed) {
  LoginTransaction t = insert("state", "browser");
  t.step = "resume";
  t.flow["consent"] = "accept";
  t.user = UserId("auth0|1");
  t.session = SessionId("session");
  t.rounds = 2;
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.update(tx, t); }));
  const auto found = find("state", "browser");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->request, t.request);
  EXPECT_EQ(found->flow, t.flow);
  EXPECT_EQ(found->step, "resume");
  EXPECT_EQ(found->user, t.user);
  EXPECT_EQ(found->session, t.session);
  EXPECT_EQ(found->rounds, 2);
}

TEST_P(TransactionStoreTest, it_is_known_only_by_its_state_in_its_browser_in_time_and_tenant) {
  insert("state", "browser");
  EXPECT_TRUE(find("state", "browser"));
  EXPECT_FALSE(find("state", "another"));
  EXPECT_FALSE(find("state", ""));
  EXPECT_FALSE(find("", "browser"));
  EXPECT_FALSE(find(TransactionStore::digest("state"), "browser")) << "what is stored opens nothing";
  EXPECT_FALSE(find("state", "browser", kNow + seconds(3600)));
  EXPECT_FALSE(find("state", "browser", kNow, TenantId("other")));
}

TEST_P(TransactionStoreTest, the_client_is_known_to_whoever_has_the_state) {
  insert("state", "browser");
  const auto client_of = [&](std::string_view state) { return *db_->read([&](storage::Reader& reader) { return store_.client_of(reader, kTenant, state); }); };
  EXPECT_EQ(client_of("state"), ClientId("shop"));
  EXPECT_FALSE(client_of("other"));
}

TEST_P(TransactionStoreTest, removal_happens_once_and_expired_ones_go) {
  const LoginTransaction t = insert("one", "browser");
  insert("two", "browser");
  const auto remove = [&] { return *db_->write([&](storage::Transaction& tx) { return store_.remove(tx, kTenant, t.id); }); };
  EXPECT_TRUE(remove());
  EXPECT_FALSE(remove());
  const auto expire = [&](Timestamp now) { return *db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now, 10); }); };
  EXPECT_EQ(expire(kNow), 0);
  EXPECT_EQ(expire(kNow + seconds(3600)), 1);
}

}  // namespace
}  // namespace gatehouse::model
