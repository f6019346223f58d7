#include "model/upstream/upstream_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "crypto/testing.h"
#include "model/transactions/transaction_store.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("acme");
const Timestamp kNow = from_micros(1'800'000'000'000'000);

class UpstreamStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void insert(const std::string& state) {
    const UpstreamRequest request{.tenant = kTenant, .connection = ConnectionId("con_1"), .login_state = "login", .nonce = "the-nonce",
                                  .verifier = "the-verifier", .issuer = "https://idp.example.com", .redirect_uri = "https://a/login/callback",
                                  .created_at = kNow, .expires_at = kNow + seconds(60)};
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.insert(tx, state, request); }));
  }
  std::optional<UpstreamRequest> find(const std::string& state, Timestamp now = kNow, const TenantId& tenant = kTenant) {
    return *db_->read([&](storage::Reader& reader) { return store_.find(reader, tenant, state, now); });
  }
  bool consume(const std::string& state) {
    return *db_->write([&](storage::Transaction& tx) { return store_.consume(tx, kTenant, state, kNow); });
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), random_};
  UpstreamStore store_{sealer_};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, UpstreamStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(UpstreamStoreTest, a_request_is_found_by_its_state_in_its_tenant_and_time) {
  insert("state");
  const auto found = find("state");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->login_state, "login");
  EXPECT_EQ(found->nonce, "the-nonce");
  EXPECT_EQ(found->verifier, "the-verifier");
  EXPECT_EQ(found->connection, ConnectionId("con_1"));
  EXPECT_FALSE(find("other"));
  EXPECT_FALSE(find(""));
  EXPECT_FALSE(find("state", kNow + seconds(60)));
  EXPECT_FALSE(find("state", kNow, TenantId("other")));
}

TEST_P(UpstreamStoreTest, neither_state_nor_verifier_stand_in_the_database_as_they_are) {
  insert("the-state-itself");
  const auto row = *db_->read([&](storage::Reader& reader) {
    return reader.query_one("SELECT digest, request FROM upstream_requests WHERE tenant = $1 AND digest = $2", kTenant, TransactionStore::digest("the-state-itself"));
  });
  ASSERT_TRUE(row);
  EXPECT_EQ(row->text(0).find("the-state"), std::string::npos);
  EXPECT_TRUE(row->text(1).starts_with("v1."));
}

TEST_P(UpstreamStoreTest, of_many_who_redeem_one_at_a_time_one_wins) {
  insert("state");
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      if (consume("state")) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_FALSE(find("state"));
}

TEST_P(UpstreamStoreTest, the_first_posted_answer_stays) {
  insert("state");
  const auto put = [&](const std::string& code) {
    return *db_->write([&](storage::Transaction& tx) { return store_.put_answer(tx, kTenant, "state", {{"code", code}}, kNow); });
  };
  EXPECT_TRUE(put("first"));
  EXPECT_FALSE(put("second"));
  EXPECT_EQ(find("state")->answer.at("code"), "first");
}

TEST_P(UpstreamStoreTest, tokens_are_sealed_and_keep_the_refresh_token_that_is_not_sent_again) {
  const UserId account("github|1");
  const auto put = [&](std::string access, std::string refresh) {
    const UpstreamTokens tokens{SecretString(std::move(access)), SecretString(std::move(refresh)), 3600};
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.put_tokens(tx, kTenant, account, tokens, kNow); }));
  };
  const auto get = [&] { return *db_->read([&](storage::Reader& reader) { return store_.tokens(reader, kTenant, account); }); };
  EXPECT_FALSE(get());
  put("access-1", "refresh-1");
  put("access-2", "");
  const auto tokens = get();
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->access_token.reveal(), "access-2");
  EXPECT_EQ(tokens->refresh_token.reveal(), "refresh-1");
  EXPECT_EQ(tokens->expires_in, 3600);
  const auto row = *db_->read([&](storage::Reader& reader) {
    return reader.query_one("SELECT tokens FROM upstream_tokens WHERE tenant = $1 AND account = $2", kTenant, account);
  });
  EXPECT_EQ(row->text(0).find("access-2"), std::string::npos);
}

TEST_P(UpstreamStoreTest, what_has_expired_is_removed) {
  insert("state");
  const auto expire = [&](Timestamp now) { return *db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now, 10); }); };
  EXPECT_EQ(expire(kNow), 0);
  EXPECT_EQ(expire(kNow + seconds(60)), 1);
}

}  // namespace
}  // namespace gatehouse::model
