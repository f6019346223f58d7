#include "model/tickets/ticket_store.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("acme");
const Timestamp kNow = from_micros(1'800'000'000'000'000);

class TicketStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void insert(const std::string& secret, const std::string& kind = "verify_email", const std::string& user = "auth0|1") {
    const Ticket ticket{.kind = kind, .tenant = kTenant, .user = UserId(user), .data = {{"email", "ada@example.com"}}, .created_at = kNow, .expires_at = kNow + seconds(60)};
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.insert(tx, secret, ticket); }));
  }
  TicketStore::State state(const std::string& secret, Timestamp now = kNow, const std::string& kind = "verify_email") {
    return (*db_->read([&](storage::Reader& reader) { return store_.find(reader, kTenant, kind, secret, now); })).state;
  }
  bool consume(const std::string& secret, Timestamp now = kNow, const std::string& kind = "verify_email") {
    return *db_->write([&](storage::Transaction& tx) { return store_.consume(tx, kTenant, kind, secret, now); });
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  TicketStore store_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, TicketStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

using State = TicketStore::State;

TEST_P(TicketStoreTest, a_ticket_works_once_for_its_kind_and_time) {
  insert("secret");
  EXPECT_EQ(state("secret"), State::valid);
  EXPECT_EQ(state("secret", kNow, "change_password"), State::unknown);
  EXPECT_EQ(state("other"), State::unknown);
  EXPECT_EQ(state(""), State::unknown);
  EXPECT_EQ(state("secret", kNow + seconds(60)), State::expired);
  EXPECT_FALSE(consume("secret", kNow, "change_password"));
  EXPECT_FALSE(consume("secret", kNow + seconds(60)));
  EXPECT_TRUE(consume("secret"));
  EXPECT_FALSE(consume("secret"));
  EXPECT_EQ(state("secret"), State::used);
}

TEST_P(TicketStoreTest, of_many_who_redeem_one_at_a_time_one_wins) {
  insert("secret");
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      if (consume("secret")) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(TicketStoreTest, a_newer_one_voids_the_older_of_the_same_kind_and_user_only) {
  insert("first");
  insert("another kind", "change_password");
  insert("another user", "verify_email", "auth0|2");
  insert("second");
  EXPECT_EQ(state("first"), State::used);
  EXPECT_EQ(state("second"), State::valid);
  EXPECT_EQ(state("another kind", kNow, "change_password"), State::valid);
  EXPECT_EQ(state("another user"), State::valid);
}

TEST_P(TicketStoreTest, an_expired_one_is_kept_for_a_day_to_say_so) {
  insert("secret");
  const auto expire = [&](Timestamp now) { return *db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now, 10); }); };
  EXPECT_EQ(expire(kNow + std::chrono::hours(23)), 0);
  EXPECT_EQ(expire(kNow + std::chrono::hours(25)), 1);
}

}  // namespace
}  // namespace gatehouse::model
