#include <atomic>
#include <thread>

#include "storage/database_suite.h"

namespace gatehouse::storage {
namespace {

class OwnRowsTest : public DatabaseSuite {};

TEST_P(OwnRowsTest, lets_one_of_many_take_a_row_from_one_state_to_the_next) {
  ASSERT_TRUE(insert("a", "0").ok());
  std::atomic<int> won{0}, failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int64_t number = 0; number < 20; ++number) {
        const auto taken = db_->write_own_rows([&](Transaction& tx) -> Result<int64_t> {
          TRY(const auto row, tx.query_one("SELECT number FROM things WHERE id = 'a'"));
          if (row->int64_or_null(0).value_or(0) != number) return 0;
          return tx.execute("UPDATE things SET number = $1 WHERE id = 'a'", number + 1);
        });
        if (!taken)
          ++failed;
        else
          won += static_cast<int>(*taken);
        while (*db_->read([](Reader& r) -> Result<int64_t> {
                 TRY(const auto row, r.query_one("SELECT number FROM things WHERE id = 'a'"));
                 return row->int64_or_null(0).value_or(0);
               }) <= number) {
          std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 20);
  EXPECT_EQ(failed, 0) << "who came second ran again";
}

TEST_P(OwnRowsTest, statements_that_nobody_waits_for_are_seen_by_the_next_and_commit_with_the_others) {
  const auto seen = db_->write([](Transaction& tx) -> Result<std::string> {
    tx.later("INSERT INTO things (id, name) VALUES ($1, $2)", "a", "first");
    tx.later("UPDATE things SET name = $2 WHERE id = $1", "a", "second");
    TRY(const auto row, tx.query_one("SELECT name FROM things WHERE id = 'a'"));
    tx.later("INSERT INTO things (id, name) VALUES ($1, $2)", "b", "with the commit");
    tx.later("INSERT INTO things (id, name) VALUES ($1, $2)", "c", "the same text twice");
    return row->text(0);
  });
  ASSERT_TRUE(seen.ok()) << seen.error().detail;
  EXPECT_EQ(*seen, "second");
  EXPECT_EQ(count(), 3);
}

TEST_P(OwnRowsTest, a_statement_that_nobody_waited_for_takes_its_unit_with_it_when_it_fails) {
  ASSERT_TRUE(insert("a", "there").ok());
  const auto clash = db_->write([](Transaction& tx) -> Result<int> {
    tx.later("INSERT INTO things (id) VALUES ($1)", "b");
    tx.later("INSERT INTO things (id) VALUES ($1)", "a");
    return 1;
  });
  ASSERT_FALSE(clash.ok());
  EXPECT_EQ(clash.error().code, Errc::unique_violation);
  const auto nonsense = db_->write([](Transaction& tx) -> Result<int> {
    tx.later("INSERT INTO things (id) VALUES ($1)", "b");
    tx.later("INSERT INTO nowhere (id) VALUES ($1)", "b");
    tx.later("INSERT INTO nowhere (id) VALUES ($1)", "c");
    TRY_VOID(tx.query("SELECT id FROM things"));
    return 1;
  });
  EXPECT_FALSE(nonsense.ok());
  const auto not_text = db_->write([](Transaction& tx) -> Result<int> {
    tx.later("INSERT INTO things (id) VALUES ($1)", std::string("\xff"));
    return 1;
  });
  ASSERT_FALSE(not_text.ok());
  EXPECT_EQ(not_text.error().code, Errc::invalid_argument);
  EXPECT_EQ(count(), 1) << "and the connection goes on";
  EXPECT_TRUE(insert("b", "free").ok());
}

EACH_DATABASE(OwnRowsTest);

}  // namespace
}  // namespace gatehouse::storage
