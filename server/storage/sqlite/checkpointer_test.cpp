#include "storage/sqlite/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/database.h"

namespace gatehouse::storage {
namespace {

class CheckpointerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    open();
    ASSERT_TRUE(db_->write([](Transaction& tx) { return tx.execute("CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, data TEXT) STRICT"); }));
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    auto opened = open_database({.url = "sqlite:" + folder_ + "/x.db"});
    ASSERT_TRUE(opened) << opened.error().detail;
    db_ = std::move(opened).value();
  }
  void write(int64_t from, int64_t to) {
    static const std::string data(16'000, 'x');
    for (int64_t i = from; i < to; ++i)
      ASSERT_TRUE(db_->write_unsynced([&](Transaction& tx) { return tx.execute("INSERT INTO things (id, data) VALUES ($1, $2)", i, data); }));
  }
  int64_t count() {
    return *db_->read([](Reader& reader) -> Result<int64_t> {
      TRY(const auto row, reader.query_one("SELECT COUNT(*) FROM things"));
      return row->int64(0);
    });
  }
  size_t log_bytes() const { return std::filesystem::file_size(folder_ + "/x.db-wal"); }

  std::string folder_ = "/tmp/gatehouse-test-XXXXXX";
  std::unique_ptr<Database> db_;
};

TEST_F(CheckpointerTest, the_log_stays_small_while_much_is_written_and_read) {
  std::atomic<bool> over{false};
  std::thread reader([&] {  // always one, none of them long: how long a scan of it all takes depends on the machine
    while (!over)
      (void)db_->read([](Reader& reader) { return reader.query_one("SELECT COUNT(*) FROM (SELECT id FROM things LIMIT 1000)"); });
  });
  write(0, 16'000);  // 260 MB, 390 MB of log if it were never started over
  over = true;
  reader.join();
  EXPECT_LT(log_bytes(), 250u << 20);  // on a machine that is busy with other things, too
  EXPECT_EQ(count(), 16'000);
  db_.reset();
  open();
  EXPECT_EQ(count(), 16'000);
}

TEST_F(CheckpointerTest, a_reader_that_stays_does_not_stop_the_writer) {
  write(0, 10);
  std::atomic<bool> reading{false}, over{false};
  std::thread reader([&] {
    (void)db_->read([&](Reader& r) -> Result<int64_t> {
      TRY(const auto before, r.query_one("SELECT COUNT(*) FROM things"));
      reading = true;
      while (!over) std::this_thread::sleep_for(milliseconds(1));
      TRY(const auto after, r.query_one("SELECT COUNT(*) FROM things"));
      EXPECT_EQ(before->int64(0), after->int64(0)) << "one snapshot";
      return after->int64(0);
    });
  });
  while (!reading) std::this_thread::yield();
  write(10, 1'000);
  over = true;
  reader.join();
  EXPECT_EQ(count(), 1'000);
}

}  // namespace
}  // namespace gatehouse::storage
