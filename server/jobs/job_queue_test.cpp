#include "jobs/job_queue.h"

#include <gtest/gtest.h>

#include <future>

#include "crypto/testing.h"
#include "storage/testing.h"

namespace gatehouse::jobs {
namespace {

const TenantId kAcme("acme");

class JobQueueTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string add(DatabaseJobQueue& queue, std::string_view type, const json::object& payload = {}) {
    Result<std::string> id = db_->write([&](storage::Transaction& tx) { return queue.add(tx, kAcme, type, payload, clock_.now()); });
    EXPECT_TRUE(id) << id.error().detail;
    return id ? *id : "";
  }
  Job job(DatabaseJobQueue& queue, const std::string& id) {
    Result<std::optional<Job>> found = db_->read([&](storage::Reader& reader) { return queue.find(reader, kAcme, id); });
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : Job{};
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_;
  DatabaseJobQueue queue_{*db_, clock_, random_};
};

TEST_P(JobQueueTest, DoesWhatIsDueOnceAndWipesWhatItCarried) {
  std::vector<std::string> seen;
  queue_.handle("greet", [&](const Job& job) -> Result<void> {
    seen.push_back(job.tenant.str() + ":" + std::string(*get_string(job.payload, "name")));
    return {};
  });
  const std::string id = add(queue_, "greet", {{"name", "Ada"}});
  EXPECT_TRUE(id.starts_with("job_") && id.size() == 20) << id;
  EXPECT_EQ(job(queue_, id).status, "pending");
  EXPECT_EQ(*queue_.run_due(), 1u);
  EXPECT_EQ(*queue_.run_due(), 0u);
  EXPECT_EQ(seen, std::vector<std::string>{"acme:Ada"});
  EXPECT_EQ(job(queue_, id).status, "completed");
  EXPECT_EQ(job(queue_, id).payload, json::object{});
}

TEST_P(JobQueueTest, RemovesRowsOfJobsThatAreOverHoweverManyThereAre) {
  const auto rows = [&] {
    return (*db_->read([](storage::Reader& reader) { return reader.query_one("SELECT COUNT(*) FROM (SELECT id FROM jobs) everything"); }))->int64(0);
  };
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) {
    return tx.execute("INSERT INTO jobs (tenant, id, type, payload, status, attempts, due_at, created_at, updated_at) "
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) "
                      "SELECT 'acme', 'job_' || i, 'mail', '{}', 'completed', 1, NULL, CAST($1 AS BIGINT), CAST($1 AS BIGINT) FROM n", clock_.now());
  }));
  ASSERT_EQ(rows(), 12'000);
  clock_.advance(std::chrono::hours(25));
  ASSERT_TRUE(queue_.run_periodic());
  EXPECT_EQ(rows(), 0);
}

TEST_P(JobQueueTest, KeepsNothingOfAUnitOfWorkThatIsRolledBack) {
  queue_.handle("greet", [](const Job&) -> Result<void> { return {}; });
  const Result<void> failed = db_->write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(queue_.add(tx, kAcme, "greet", {}, clock_.now()));
    return Error{Errc::invalid_argument, "changed my mind"};
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(*queue_.run_due(), 0u);
}

TEST_P(JobQueueTest, RetriesWithGrowingPausesAndGivesUpInTheEnd) {
  int attempts = 0;
  queue_.handle("fragile", [&](const Job&) -> Result<void> {
    if (++attempts == 3) throw std::runtime_error("worse");
    return Error{Errc::unavailable, "no luck"};
  });
  const std::string id = add(queue_, "fragile");
  EXPECT_EQ(*queue_.run_due(), 1u);
  EXPECT_EQ(*queue_.run_due(), 0u) << "not again at once";
  clock_.advance(seconds(5));
  EXPECT_EQ(*queue_.run_due(), 1u);
  clock_.advance(seconds(5));
  EXPECT_EQ(*queue_.run_due(), 0u) << "the second pause is longer";
  for (int i = 0; i < 20; ++i) {
    clock_.advance(std::chrono::hours(2));
    ASSERT_TRUE(queue_.run_due());
  }
  EXPECT_EQ(attempts, 8);
  EXPECT_EQ(job(queue_, id).status, "failed");
}

TEST_P(JobQueueTest, DoesNotRetryWhatCanNeverSucceed) {
  queue_.handle("hopeless", [&](const Job&) -> Result<void> { return Error{Errc::invalid_argument, "no such address"}; });
  const std::string id = add(queue_, "hopeless");
  EXPECT_EQ(*queue_.run_due(), 1u);
  EXPECT_EQ(job(queue_, id).status, "failed");
}

TEST_P(JobQueueTest, AnotherNodeTakesOverWhenALeaseEnds) {
  DatabaseJobQueue dead(*db_, clock_, random_);
  dead.handle("mail", [&](const Job&) -> Result<void> {
    DatabaseJobQueue other(*db_, clock_, random_);
    int done = 0;
    other.handle("mail", [&](const Job& job) -> Result<void> { done += int(job.attempts); return {}; });
    EXPECT_EQ(*other.run_due(), 0u) << "the lease still holds";
    clock_.advance(seconds(61));
    EXPECT_EQ(*other.run_due(), 1u);
    EXPECT_EQ(done, 2);
    return Error{Errc::unavailable, "the first node comes back from the dead"};
  });
  const std::string id = add(dead, "mail");
  EXPECT_TRUE(dead.run_due());
  EXPECT_EQ(job(dead, id).status, "completed") << "the late node must not undo what the other one did";
}

TEST_P(JobQueueTest, LeavesJobsOfUnknownTypesForLater) {
  const std::string id = add(queue_, "from_the_future");
  EXPECT_EQ(*queue_.run_due(), 1u);
  EXPECT_EQ(job(queue_, id).status, "pending");
}

TEST_P(JobQueueTest, DoesPeriodicWorkOncePerPeriodOnOneNode) {
  int runs = 0;
  DatabaseJobQueue other(*db_, clock_, random_);
  for (DatabaseJobQueue* node : {&queue_, &other}) node->every("sweep", std::chrono::minutes(10), [&]() -> Result<void> { ++runs; return {}; });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(queue_.run_periodic());
    ASSERT_TRUE(other.run_periodic());
  }
  EXPECT_EQ(runs, 1);
  clock_.advance(std::chrono::minutes(10));
  ASSERT_TRUE(other.run_periodic());
  ASSERT_TRUE(queue_.run_periodic());
  EXPECT_EQ(runs, 2);
}

TEST_P(JobQueueTest, RemovesJobsThatWereOverForADay) {
  queue_.handle("greet", [](const Job&) -> Result<void> { return {}; });
  const std::string id = add(queue_, "greet");
  ASSERT_TRUE(queue_.run_due());
  clock_.advance(std::chrono::hours(25));
  ASSERT_TRUE(queue_.run_periodic());
  const auto found = db_->read([&](storage::Reader& reader) { return queue_.find(reader, kAcme, id); });
  EXPECT_FALSE(*found);
}

TEST_P(JobQueueTest, ThreadsTakeAJobSoonAfterItsCommitAndFinishItBeforeTheyStop) {
  const SystemClock clock;
  DatabaseJobQueue queue(*db_, clock, random_, {.poll = std::chrono::minutes(10)});
  std::promise<void> begun;
  std::atomic<bool> finished = false;
  queue.handle("slow", [&](const Job&) -> Result<void> {
    begun.set_value();
    std::this_thread::sleep_for(milliseconds(100));
    finished = true;
    return {};
  });
  queue.start();
  std::this_thread::sleep_for(milliseconds(50));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return queue.add(tx, kAcme, "slow", {}, clock.now()); }));
  ASSERT_EQ(begun.get_future().wait_for(seconds(5)), std::future_status::ready);
  queue.stop();
  EXPECT_TRUE(finished);
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, JobQueueTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::jobs
