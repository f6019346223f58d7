#include "storage/sqlite/sqlite_database.h"

#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "storage/child_process.h"
#include "storage/database_suite.h"

namespace gatehouse::storage {
namespace {

using ::testing::HasSubstr;

class SqliteDatabaseTest : public DatabaseSuite {
 protected:
  [[nodiscard]] std::string path() const { return sqlite_path(db_.options().url); }
};

constexpr auto endless_select = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
constexpr auto endless_insert =
    "INSERT INTO things (id, number) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'endless', i FROM n WHERE i < "
    "0";

/// Keeps the writer busy for a while, so that what is written meanwhile shares the next batch. Returns once it is busy.
std::thread keep_writer_busy(Database& db, milliseconds time) {
  std::promise<void> busy;
  std::future<void> begun = busy.get_future();
  std::thread thread([&db, time, busy = std::move(busy)]() mutable {
    (void)db.write([&](Transaction&) -> Result<void> {
      busy.set_value();
      std::this_thread::sleep_for(time);
      return {};
    });
  });
  begun.wait();
  return thread;
}

TEST(SqlitePath, is_what_follows_the_scheme) {
  EXPECT_EQ(sqlite_path("sqlite:/var/lib/gatehouse/gatehouse.db"), "/var/lib/gatehouse/gatehouse.db");
  EXPECT_EQ(sqlite_path("sqlite:///var/lib/gatehouse.db"), "/var/lib/gatehouse.db");
  EXPECT_EQ(sqlite_path("sqlite:data/gatehouse.db"), "data/gatehouse.db");
}

TEST_P(SqliteDatabaseTest, makes_files_that_only_the_owner_may_read) {
  ASSERT_TRUE(insert("a", "a").ok());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(SqliteChild, opens_a_database_in_use) {
  if (ChildProcess::argument().empty()) return;
  const auto db = open_database({.url = ChildProcess::argument()});
  std::printf("%s\n", db.ok() ? "opened" : db.error().message.c_str());
}

TEST_P(SqliteDatabaseTest, refuses_a_second_process_and_says_so) {
  const auto [output, code] = ChildProcess("SqliteChild.opens_a_database_in_use", db_.options().url).finish();
  EXPECT_THAT(output, HasSubstr("in use by another Gatehouse process"));
  EXPECT_EQ(code, 0);
  EXPECT_TRUE(insert("a", "the first one goes on").ok());
  db_.close();
  EXPECT_THAT(ChildProcess("SqliteChild.opens_a_database_in_use", db_.options().url).finish().first, HasSubstr("opened"));
}

TEST_P(SqliteDatabaseTest, says_what_is_wrong_with_a_path) {
  for (const char* url : {"sqlite:", "sqlite:/nowhere/at/all.db", "mysql://x"}) EXPECT_FALSE(open_database({.url = url}).ok()) << url;
}

TEST_P(SqliteDatabaseTest, interrupts_a_statement_that_takes_too_long_and_goes_on) {
  db_.options().statement_timeout = milliseconds(50);
  db_.reopen();
  const auto endless = db_->read([](Reader& reader) { return reader.query(endless_select); });
  ASSERT_FALSE(endless.ok());
  EXPECT_EQ(endless.error().code, Errc::timeout);
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(insert("a", "a").ok());
}

// An interrupted write makes SQLite drop the whole transaction, and with it what others had written in the same batch.
TEST_P(SqliteDatabaseTest, runs_every_unit_of_a_lost_batch_again_alone) {
  db_.options().statement_timeout = milliseconds(50);
  db_.reopen();
  std::atomic<int> runs{0}, wrong{0};
  std::vector<std::thread> threads;
  threads.push_back(keep_writer_busy(*db_, milliseconds(100)));
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&, i] {
      const std::string id = std::to_string(i);
      const auto result = db_->write([&](Transaction& tx) -> Result<int64_t> {
        ++runs;
        if (i == 5) return tx.execute(endless_insert);
        return tx.execute("INSERT INTO things (id) VALUES ($1)", id);
      });
      const bool as_expected = i == 5 ? !result && result.error().code == Errc::timeout : result.ok();
      if (!as_expected) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(runs, 10) << "the batch was not shared, or not run again";
  EXPECT_EQ(count(), 9);
}

TEST_P(SqliteDatabaseTest, keeps_nothing_of_a_unit_that_fails_late_and_all_of_its_neighbours) {
  for (int round = 0; round < 3; ++round) {  // the first one finds out that savepoints are needed, the others have them at once
    std::vector<std::thread> threads;
    threads.push_back(keep_writer_busy(*db_, milliseconds(50)));
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&, i] {
        const std::string id = std::to_string(round) + "-" + std::to_string(i);
        const auto result = db_->write([&](Transaction& tx) -> Result<int64_t> {
          if (i % 4 == 1) return Error{Errc::not_found, "before anything was written"};
          TRY(const int64_t inserted, tx.execute("INSERT INTO things (id) VALUES ($1)", id));
          if (i % 4 == 2) return Error{Errc::not_found, "after something was written"};
          if (i % 4 == 3) return tx.execute("INSERT INTO things (id) VALUES ($1)", id);
          return inserted;
        });
        EXPECT_EQ(result.ok(), i % 4 == 0) << id;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count(), 3 * (round + 1));
    for (const int i : {0, 4, 8}) EXPECT_TRUE(exists(std::to_string(round) + "-" + std::to_string(i)));
  }
}

TEST_P(SqliteDatabaseTest, waits_for_the_disk_unless_every_unit_of_a_batch_can_do_without) {
  constexpr int64_t normal = 1, full = 2;
  std::atomic<int> asked{0};
  const auto level = [&](Transaction& tx) -> Result<int64_t> {
    // Every time another text: SQLite answers when it prepares the statement.
    TRY(const auto row, tx.query_one("PRAGMA synchronous /* " + std::to_string(++asked) + " */"));
    return row->int64(0);
  };
  EXPECT_EQ(*db_->write(level), full);
  EXPECT_EQ(*db_->write_unsynced(level), normal);
  EXPECT_EQ(*db_->write(level), full);

  std::vector<std::thread> threads;
  threads.push_back(keep_writer_busy(*db_, milliseconds(100)));
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] { EXPECT_EQ(i == 2 ? *db_->write(level) : *db_->write_unsynced(level), full) << i; });
  for (std::thread& thread : threads) thread.join();
}

TEST_P(SqliteDatabaseTest, keeps_working_when_more_statements_than_it_remembers_come_by) {
  for (int i = 0; i < 1000; ++i) {
    const auto row =
        db_->read([&](Reader& reader) { return reader.query_one("SELECT " + std::to_string(i) + " + CAST($1 AS BIGINT)", 1); });
    ASSERT_TRUE(row.ok());
    ASSERT_EQ((*row)->int64(0), i + 1);
  }
}

TEST_P(SqliteDatabaseTest, needs_no_connection_for_every_thread_that_reads) {
  std::atomic<bool> over{false};
  std::atomic<int> have_read{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      EXPECT_TRUE(db_->ping().ok());
      ++have_read;
      while (!over) std::this_thread::sleep_for(milliseconds(1));
    });
    while (have_read <= i) std::this_thread::yield();
  }
  size_t open_files = 0;
  for (int fd = 0; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) ++open_files;
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(open_files, 40u);
}

TEST_P(SqliteDatabaseTest, may_die_before_the_threads_that_read_it) {
  std::atomic<int> step{0};
  std::thread reader([&] {
    EXPECT_TRUE(db_->ping().ok());
    step = 1;
    while (step != 2) std::this_thread::yield();
    EXPECT_TRUE(db_->ping().ok());  // another database by now, and this thread still remembers the first
  });
  while (step != 1) std::this_thread::yield();
  db_.reopen();
  step = 2;
  reader.join();
}

EACH_SQLITE(SqliteDatabaseTest);

}  // namespace
}  // namespace gatehouse::storage
