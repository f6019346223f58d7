#include "logs/event_log.h"

#include <gtest/gtest.h>

#include "crypto/testing.h"
#include "jobs/job_queue.h"
#include "logs/codes.h"
#include "logs/redaction.h"
#include "storage/testing.h"

namespace gatehouse::logs {
namespace {

const TenantId kAcme("acme");

class EventLogTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::vector<json::object> all() {
    const auto found = db_->read([&](storage::Reader& reader) { return store_.list(reader, kAcme, {}, {.limit = 1'000, .ascending = true}); });
    EXPECT_TRUE(found) << found.error().detail;
    std::vector<json::object> out;
    for (const model::LogEntry& entry : *found) out.push_back(entry.to_json(kAcme));
    return out;
  }
  static Event event(std::string type) {
    Event event;
    event.tenant = kAcme;
    event.type = std::move(type);
    return event;
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_;
  DatabaseEventLog log_{*db_, clock_, random_};
  model::LogStore store_;
};

TEST_P(EventLogTest, WritesInTheUnitOfWorkOrNotAtAll) {
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, event("s")); }));
  const Result<void> failed = db_->write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(log_.write(tx, event("f")));
    return Error{Errc::invalid_argument, "no"};
  });
  EXPECT_FALSE(failed);
  const auto logs = all();
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_EQ(logs[0].at("type"), "s");
  EXPECT_EQ(logs[0].at("description"), "Success Login");
}

TEST_P(EventLogTest, IdsGrowEvenWhenTheClockIsSetBack) {
  for (const int step : {0, 10, -30, 5}) {
    clock_.advance(seconds(step));
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, event(std::to_string(step))); }));
  }
  std::string order;
  for (const json::object& one : all()) order += std::string(*get_string(one, "type")) + " ";
  EXPECT_EQ(order, "0 10 -30 5 ");
  EXPECT_EQ(all()[0].at("log_id").as_string().size(), 56u);
}

TEST_P(EventLogTest, FlushesTheQueueInTheBackgroundAndAtTheEnd) {
  log_.start();
  for (int i = 0; i < 2'500; ++i) log_.enqueue(event("seccft"));
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  while (std::chrono::steady_clock::now() < deadline && *db_->read([&](storage::Reader& r) { return store_.count(r, kAcme, {}, 10'000); }) < 2'500)
    std::this_thread::sleep_for(milliseconds(10));
  log_.enqueue(event("feccft"));
  log_.stop();
  EXPECT_EQ(*db_->read([&](storage::Reader& r) { return store_.count(r, kAcme, {}, 10'000); }), 2'501);
  EXPECT_EQ(log_.dropped(), 0u);
}

TEST_P(EventLogTest, DropsAndCountsWhatDoesNotFit) {
  DatabaseEventLog small(*db_, clock_, random_, {.queue = 2});
  for (int i = 0; i < 5; ++i) small.enqueue(event("seccft"));
  EXPECT_EQ(small.dropped(), 3u);
  ASSERT_TRUE(small.flush());
  EXPECT_EQ(all().size(), 2u);
}

/// A database that is away for a while.
class Flaky final : public storage::Database {
 public:
  explicit Flaky(storage::Database& real) : real_(real) {}
  bool away = false;
  void subscribe(Subscriber subscriber) override { real_.subscribe(std::move(subscriber)); }
  [[nodiscard]] std::string_view kind() const override { return real_.kind(); }
  [[nodiscard]] Result<void> ping() override { return real_.ping(); }
  [[nodiscard]] Result<void> backup(const std::string& file) override { return real_.backup(file); }
  Result<void> run_write(const std::function<bool(storage::Transaction&)>& work) override {
    if (away) return Error{Errc::unavailable, "away"};
    return real_.run_write(work);
  }
  Result<void> run_read(const std::function<void(storage::Reader&)>& work) override { return real_.run_read(work); }

 private:
  storage::Database& real_;
};

TEST_P(EventLogTest, KeepsEventsWhileTheDatabaseIsAway) {
  Flaky flaky(*db_);
  DatabaseEventLog log(flaky, clock_, random_, {.queue = 3});
  flaky.away = true;
  for (const char* type : {"a", "b"}) log.enqueue(event(type));
  EXPECT_FALSE(log.flush());
  for (const char* type : {"c", "d"}) log.enqueue(event(type));
  EXPECT_FALSE(log.flush());
  EXPECT_EQ(log.dropped(), 1u);
  flaky.away = false;
  ASSERT_TRUE(log.flush());
  std::string types;
  for (const json::object& one : all()) types += *get_string(one, "type");
  EXPECT_EQ(types, "abc");
}

TEST_P(EventLogTest, NeverStoresAMarkedSecret) {
  Event planted = event("fapi");
  planted.details = {{"request", {{"body", {{"password", "MARK1"}, {"new_password", "MARK2"}, {"client_secret", "MARK3"}, {"refresh_token", "MARK4"},
                                            {"nested", json::array{json::object{{"code_verifier", "MARK5"}, {"otp", 123454321}, {"client_assertion", "MARK6"}}}},
                                            {"signing_secrets", json::array{"MARK7"}}, {"smtp_pass", "MARK8"}, {"private_key", "MARK9"}}},
                                  {"headers", {{"Authorization", "Bearer MARKA"}, {"Cookie", "MARKB"}}}}},
                     {"refresh_token", {{"rotation_type", "rotating"}}},
                     {"token_endpoint_auth_method", "none"}};
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, planted); }));
  log_.enqueue(planted);
  ASSERT_TRUE(log_.flush());
  for (const json::object& one : all()) {
    const std::string text = json::serialize(one);
    EXPECT_EQ(text.find("MARK"), std::string::npos) << text;
    EXPECT_EQ(text.find("123454321"), std::string::npos) << text;
    EXPECT_NE(text.find("rotating"), std::string::npos) << "a setting is no secret";
    EXPECT_NE(text.find("\"none\""), std::string::npos);
  }
}

TEST_P(EventLogTest, TakesWhateverClientsSend) {
  Event strange = event("f");
  strange.user_agent = std::string("Mozilla \xff\xfe \0 x", 15) + std::string(10'000, 'a');
  strange.user_name = "\xc3\x28";
  strange.details = {{"q", std::string("\xf0\x28\x8c\xbc", 4)}, {"big", json::array()}};
  for (int i = 0; i < 10'000; ++i) strange.details["big"].as_array().push_back("0123456789");
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, strange); }));
  const auto logs = all();
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_LE(logs[0].at("user_agent").as_string().size(), 500u);
  EXPECT_EQ(logs[0].at("user_name"), "\xef\xbf\xbd(");
  EXPECT_EQ(logs[0].at("details").at("truncated"), true);
}

TEST_P(EventLogTest, ForgetsAfterTheTimeThatIsSet) {
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tx.execute("INSERT INTO tenants (id, issuer, host, created_at) VALUES ('acme', 'i', 'h', 0)"); }));
  jobs::DatabaseJobQueue jobs(*db_, clock_, random_);
  log_.keep_for(jobs, std::chrono::days(30));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, event("old")); }));
  clock_.advance(std::chrono::days(20));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return log_.write(tx, event("young")); }));
  clock_.advance(std::chrono::days(11));
  ASSERT_TRUE(jobs.run_periodic());
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].at("type"), "young");
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, EventLogTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST(Event, KnowsTheRequestItComesFrom) {
  http::Request request;
  request.tenant = kAcme;
  request.client_ip = "192.0.2.7";
  request.issuer = "https://localhost:8443/";
  request.id = "req-1";
  request.headers = {{"user-agent", "curl/8"}, {"auth0-client", "eyJuYW1lIjoiYXV0aDAiLCJ2ZXJzaW9uIjoiNC4wIn0="}};
  const Event event = Event::from(request, "s", "ok");
  EXPECT_EQ(event.hostname, "localhost:8443");
  EXPECT_EQ(event.tracking_id, "req-1");
  EXPECT_EQ(event.auth0_client.at("name"), "auth0");
  request.headers.back().second = "!!";
  EXPECT_TRUE(Event::from(request, "s", "ok").auth0_client.empty());
}

TEST(EventCodes, AreSortedAndFound) {
  EXPECT_TRUE(std::is_sorted(event_codes().begin(), event_codes().end(), [](const EventCode& a, const EventCode& b) { return a.code < b.code; }));
  EXPECT_GE(event_codes().size(), 170u);
  EXPECT_EQ(find_event_code("seccft")->category, "auth.token_exchange.success");
  EXPECT_EQ(find_event_code("nonsense"), nullptr);
}

}  // namespace
}  // namespace gatehouse::logs
