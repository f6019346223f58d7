#include <atomic>
#include <latch>
#include <thread>

#include "storage/counters.h"
#include "storage/database_suite.h"

namespace gatehouse::storage {
namespace {

class ConcurrencyTest : public DatabaseSuite {
 protected:
  /// Runs `work(thread number)` on so many threads, all starting at once.
  template <class F>
  static void on_threads(int threads, F work) {
    std::latch start(threads);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        start.arrive_and_wait();
        work(i);
      });
    }
    for (std::thread& thread : running) thread.join();
  }
};

TEST_P(ConcurrencyTest, commits_the_work_of_64_writers) {
  std::atomic<int> failed{0};
  on_threads(64, [&](int thread) {
    for (int i = 0; i < 5; ++i) {
      const std::string id = std::to_string(thread) + "-" + std::to_string(i);
      if (!insert(id, id) || !exists(id)) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(count(), 64 * 5);
}

TEST_P(ConcurrencyTest, lets_a_failing_unit_disturb_none_of_those_it_shares_a_commit_with) {
  ASSERT_TRUE(insert("taken", "taken").ok());
  std::atomic<int> wrong{0};
  on_threads(48, [&](int thread) {
    const std::string id = std::to_string(thread);
    const bool fails = thread % 3 == 0, gives_up = thread % 3 == 1;
    const auto result = db_->write([&](Transaction& tx) -> Result<int64_t> {
      TRY_VOID(tx.execute("INSERT INTO things (id, number) VALUES ($1, 1)", id));
      if (fails) return tx.execute("INSERT INTO things (id, name) VALUES ($1, 'taken')", id + "x");
      if (gives_up) return Error{Errc::not_found, "gave up", ""};
      return tx.execute("UPDATE things SET number = 2 WHERE id = $1", id);
    });
    const bool as_expected = fails      ? !result && result.error().code == Errc::unique_violation
                             : gives_up ? !result && result.error().message == "gave up"
                                        : result.ok();
    if (!as_expected || exists(id) != result.ok()) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(count(), 1 + 16);
}

TEST_P(ConcurrencyTest, has_one_winner_when_many_redeem_one_code) {
  for (int round = 0; round < 5; ++round) {
    const std::string code = "code" + std::to_string(round);
    ASSERT_TRUE(insert(code, code).ok());
    std::atomic<int> won{0}, lost{0};
    on_threads(16, [&](int thread) {
      const auto row = db_->write([&](Transaction& tx) {
        return tx.query_one("UPDATE things SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id", code, thread + 1);
      });
      if (row.ok()) ++(row->has_value() ? won : lost);
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
  }
}

TEST_P(ConcurrencyTest, loses_no_update_of_one_hot_row) {
  ASSERT_TRUE(db_->write([](Transaction& tx) { return tx.execute("INSERT INTO things (id, number) VALUES ('hot', 0)"); }).ok());
  std::atomic<int> failed{0};
  on_threads(16, [&](int) {
    for (int i = 0; i < 10; ++i) {
      const auto result = db_->write([](Transaction& tx) -> Result<int64_t> {
        TRY(const auto row, tx.query_one("SELECT number FROM things WHERE id = 'hot'"));
        return tx.execute("UPDATE things SET number = $1 WHERE id = 'hot'", row->int64(0) + 1);
      });
      if (!result) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  const auto row = db_->read([](Reader& reader) { return reader.query_one("SELECT number FROM things WHERE id = 'hot'"); });
  EXPECT_EQ((*row)->int64(0), 160);
}

// Two on call, each may leave if the other stays: a decision over rows that are read but not written (write skew).
TEST_P(ConcurrencyTest, keeps_a_decision_true_that_rests_on_rows_it_only_read) {
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(db_->write([](Transaction& tx) -> Result<int64_t> {
                     TRY_VOID(tx.execute("DELETE FROM things"));
                     return tx.execute("INSERT INTO things (id, flag) VALUES ('0', TRUE), ('1', TRUE)");
                   })
                    .ok());
    on_threads(2, [&](int thread) {
      (void)db_->write([&](Transaction& tx) -> Result<int64_t> {
        TRY(const auto on_call, tx.query_one("SELECT COUNT(*) FROM things WHERE flag"));
        if (on_call->int64(0) < 2) return Error{Errc::not_found, "the last one stays", ""};
        return tx.execute("UPDATE things SET flag = FALSE WHERE id = $1", std::to_string(thread));
      });
    });
    const auto left = db_->read([](Reader& reader) { return reader.query_one("SELECT COUNT(*) FROM things WHERE flag"); });
    ASSERT_EQ((*left)->int64(0), 1);
  }
}

TEST_P(ConcurrencyTest, keeps_totals_exact_under_many_writers) {
  std::atomic<int> failed{0};
  on_threads(32, [&](int thread) {
    for (int i = 0; i < 5; ++i) {
      const auto result = db_->write([&](Transaction& tx) -> Result<void> {
        TRY_VOID(tx.execute("INSERT INTO things (id) VALUES ($1)", std::to_string(thread * 100 + i)));
        return counters::add(tx, TenantId("acme"), "things", 1);
      });
      if (!result) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(*db_->read([](Reader& reader) { return counters::get(reader, TenantId("acme"), "things"); }), count());
}

TEST_P(ConcurrencyTest, gives_the_result_of_the_run_that_was_committed) {
  ASSERT_TRUE(db_->write([](Transaction& tx) { return tx.execute("INSERT INTO things (id, number) VALUES ('n', 0)"); }).ok());
  std::mutex mutex;
  std::vector<int64_t> answers;
  on_threads(16, [&](int) {
    const auto result = db_->write([](Transaction& tx) -> Result<int64_t> {
      TRY(const auto row, tx.query_one("UPDATE things SET number = number + 1 WHERE id = 'n' RETURNING number"));
      return row->int64(0);
    });
    ASSERT_TRUE(result.ok());
    const std::lock_guard lock(mutex);
    answers.push_back(*result);
  });
  std::sort(answers.begin(), answers.end());
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i], static_cast<int64_t>(i + 1));
}

EACH_DATABASE(ConcurrencyTest);

}  // namespace
}  // namespace gatehouse::storage
