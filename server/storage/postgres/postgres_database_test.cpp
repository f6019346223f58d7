#include "storage/postgres/postgres_database.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include "storage/database_suite.h"
#include "storage/postgres/connection.h"

namespace gatehouse::storage {
namespace {

using std::chrono::steady_clock;
using ::testing::Contains;
using ::testing::Pair;

class PostgresDatabaseTest : public DatabaseSuite {
 protected:
  static std::unique_ptr<Database> another_node(const DatabaseOptions& options) {
    auto opened = open_database(options);
    EXPECT_TRUE(opened.ok()) << opened.error().detail;
    return std::move(opened).value();
  }

  template <class F>
  static bool soon(F condition, milliseconds at_most) {
    for (const auto end = steady_clock::now() + at_most; steady_clock::now() < end; std::this_thread::sleep_for(milliseconds(5))) {
      if (condition()) return true;
    }
    return condition();
  }
};

TEST_P(PostgresDatabaseTest, tells_other_nodes_what_changed_within_a_second) {
  const auto other = another_node(db_.options());
  const auto heard = std::make_shared<Heard>();
  other->subscribe([heard](const TenantId& tenant, std::string_view what) { heard->add(tenant, what); });
  ASSERT_TRUE(soon([&] { return other->hears_other_nodes(); }, seconds(5)));
  ASSERT_TRUE(db_->write([](Transaction& tx) -> Result<int64_t> {
                   tx.invalidate(TenantId("acme"), "clients");
                   return tx.execute("INSERT INTO things (id) VALUES ('a')");
                 })
                  .ok());
  EXPECT_TRUE(soon([&] { return !heard->all().empty(); }, seconds(1)));
  EXPECT_THAT(heard->all(), Contains(Pair("acme", "clients")));
}

TEST_P(PostgresDatabaseTest, shows_a_change_by_another_node_to_the_next_transaction_at_the_latest) {
  const auto other = another_node(db_.options());
  const auto heard = std::make_shared<Heard>();
  other->subscribe([heard](const TenantId& tenant, std::string_view what) { heard->add(tenant, what); });
  for (int i = 0; i < 20; ++i) {
    const std::string tenant = "tenant" + std::to_string(i);
    ASSERT_TRUE(db_->write([&](Transaction& tx) -> Result<int> {
                     tx.invalidate(TenantId(tenant), "clients");  // the only thing in its transaction
                     return 1;
                   })
                    .ok());
    bool known_inside = false;
    (void)other->read([&](Reader& reader) -> Result<void> {
      TRY_VOID(reader.query("SELECT 1"));
      for (const auto& [name, what] : heard->all()) known_inside |= name == tenant;
      return {};
    });
    EXPECT_TRUE(known_inside) << i;
  }
}

TEST_P(PostgresDatabaseTest, says_that_a_query_timed_out) {
  db_.options().statement_timeout = milliseconds(100);
  db_.reopen();
  const auto result = db_->read([](Reader& reader) { return reader.query("SELECT pg_sleep(5)"); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Errc::timeout);
  EXPECT_TRUE(insert("a", "goes on").ok());
}

TEST_P(PostgresDatabaseTest, keeps_working_when_more_statements_than_it_remembers_come_by) {
  const auto done = db_->write([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 900; ++i) {
      TRY(const auto row, tx.query_one("SELECT " + std::to_string(i) + " + CAST($1 AS BIGINT)", 1));
      if (row->int64(0) != i + 1) return Error{Errc::internal, "wrong answer", std::to_string(i)};
    }
    return {};
  });
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

TEST_P(PostgresDatabaseTest, answers_overloaded_when_no_connection_comes_free) {
  db_.options().pool_size = 1;
  db_.options().connect_timeout = milliseconds(100);
  db_.reopen();
  std::atomic<bool> holding{false}, release{false};
  std::thread holder([&] {
    (void)db_->read([&](Reader& reader) -> Result<void> {
      TRY_VOID(reader.query("SELECT 1"));
      holding = true;
      while (!release) std::this_thread::yield();
      return {};
    });
  });
  while (!holding) std::this_thread::yield();
  const Result<void> refused = db_->ping();
  release = true;
  holder.join();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_TRUE(db_->ping().ok());
}

TEST_P(PostgresDatabaseTest, lets_several_nodes_start_on_an_empty_database_at_once) {
  TestDatabase empty = make_empty_database("postgresql");
  std::atomic<int> opened{0};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] {
      const auto db = open_database(empty.options());
      EXPECT_TRUE(db.ok()) << db.error().detail;
      if (db.ok() && (*db)->ping().ok()) ++opened;
    });
  }
  for (std::thread& node : nodes) node.join();
  EXPECT_EQ(opened, 4);
}

TEST_P(PostgresDatabaseTest, gives_each_connection_a_slot_of_its_own) {
  std::mutex mutex;
  std::set<int64_t> slots;
  std::vector<std::unique_ptr<postgres::Connection>> connections;
  for (int i = 0; i < 5; ++i) {
    auto connection = postgres::Connection::open(db_.options());
    ASSERT_TRUE(connection.ok());
    slots.insert((*connection)->slot());
    connections.push_back(std::move(connection).value());
  }
  EXPECT_EQ(slots.size(), 5u);
}

TEST_P(PostgresDatabaseTest, runs_a_unit_again_whose_connection_was_cut) {
  ASSERT_TRUE(insert("a", "a").ok());
  int runs = 0;
  const auto result = db_->write([&](Transaction& tx) -> Result<int64_t> {
    ++runs;
    TRY(const auto row, tx.query_one("SELECT pg_backend_pid()"));
    if (runs == 1) {
      std::thread([&] {
        (void)db_->read([&](Reader& reader) { return reader.query("SELECT pg_terminate_backend(CAST($1 AS INTEGER))", row->int64(0)); });
      }).join();
    }
    return tx.execute("UPDATE things SET number = 1 WHERE id = 'a'");
  });
  EXPECT_TRUE(result.ok()) << result.error().detail;
  EXPECT_EQ(runs, 2);
}

EACH_POSTGRES(PostgresDatabaseTest);

/// A server of its own, because it is restarted.
TEST(PostgresRestart, is_survived_without_help) {
  const std::string file = __FILE__;
  const std::string script = file.substr(0, file.rfind("server/storage")) + "tests/support/postgres.sh";
  std::string folder = "/tmp/gatehouse-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto run = [&](const std::string& command) {
    std::string line;
    FILE* pipe =
        ::popen(("'" + script + "' " + command + " " + folder + (command == "start" ? " " + std::to_string(::getpid()) : "")).c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe)) line.push_back(static_cast<char>(c));
    ::pclose(pipe);
    return line;
  };
  const std::string url = run("start");
  ASSERT_FALSE(url.empty());
  {
    const auto opened = open_database({.url = url});
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    Database& db = **opened;
    const auto write = [&](int64_t n) {
      return db.write([&](Transaction& tx) { return tx.execute("INSERT INTO meta (name, value) VALUES ($1, 'x')", std::to_string(n)); });
    };
    // Four writers all the while; each answered row must be there afterwards.
    std::atomic<bool> stop{false};
    std::atomic<int64_t> next{0};
    std::mutex mutex;
    std::vector<int64_t> answered;
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        while (!stop) {
          const int64_t n = ++next;
          if (write(n)) {
            const std::lock_guard lock(mutex);
            answered.push_back(n);
          } else {
            std::this_thread::sleep_for(milliseconds(10));
          }
        }
      });
    }
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_EQ(run("restart"), url);
    const auto restarted = steady_clock::now();
    int64_t probe = 1'000'000;
    while (!write(++probe) && steady_clock::now() - restarted < seconds(30)) std::this_thread::sleep_for(milliseconds(50));
    EXPECT_LT(steady_clock::now() - restarted, seconds(5));
    stop = true;
    for (std::thread& writer : writers) writer.join();
    while (!db.hears_other_nodes() && steady_clock::now() - restarted < seconds(30)) std::this_thread::sleep_for(milliseconds(20));
    EXPECT_TRUE(db.hears_other_nodes()) << "listens again";
    for (const int64_t n : answered) {
      const auto row = db.read([&](Reader& reader) { return reader.query_one("SELECT 1 FROM meta WHERE name = $1", std::to_string(n)); });
      ASSERT_TRUE(row.ok() && row->has_value()) << n << " was answered and is lost";
    }
    EXPECT_GT(answered.size(), 10u);

    run("stop");
    const Result<void> down = db.ping();
    ASSERT_FALSE(down.ok());
    EXPECT_EQ(down.error().code, Errc::unavailable);
    for (const auto end = steady_clock::now() + seconds(3); db.hears_other_nodes() && steady_clock::now() < end;) std::this_thread::yield();
    EXPECT_FALSE(db.hears_other_nodes());
  }
}

TEST(PostgresUrl, that_nobody_answers_is_unavailable) {
  const auto opened = open_database({.url = "postgresql://nobody@127.0.0.1:1/nothing", .connect_timeout = milliseconds(500)});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace gatehouse::storage
