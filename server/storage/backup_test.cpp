#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "storage/database_suite.h"
#include "storage/sqlite/sqlite_database.h"

namespace gatehouse::storage {
namespace {

class BackupTest : public DatabaseSuite {
 protected:
  void SetUp() override {
    DatabaseSuite::SetUp();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    file_ = folder_ + "/it's a backup";
  }
  ~BackupTest() override {
    ::unlink(file_.c_str());
    ::unlink((file_ + ".lock").c_str());
    ::rmdir(folder_.c_str());
  }

  /// Ids in the table `things` of a backup.
  [[nodiscard]] std::vector<std::string> ids_in_backup() const {
    std::vector<std::string> ids;
    if (GetParam() == "sqlite") {
      const auto copy = open_database({.url = "sqlite:" + file_});
      EXPECT_TRUE(copy.ok()) << copy.error().detail;
      const auto rows = (*copy)->read([](Reader& reader) { return reader.query("SELECT id FROM things ORDER BY id"); });
      for (const Row& row : *rows) ids.push_back(row.text(0));
      return ids;
    }
    std::ifstream lines(file_);
    bool in_things = false;
    for (std::string line; std::getline(lines, line);) {
      const json::value value = json::parse(line);
      if (value.is_object())
        in_things = value.as_object().contains("table") && value.at("table") == "things";
      else if (in_things)
        ids.emplace_back(value.as_array().at(0).as_string());
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::string folder_ = "/tmp/gatehouse-test-XXXXXX";
  std::string file_;
};

TEST_P(BackupTest, holds_everything_and_may_be_read_by_the_owner_only) {
  ASSERT_TRUE(insert("a", "Zoë").ok());
  ASSERT_TRUE(db_->write([](Transaction& tx) {
                   return tx.execute("INSERT INTO things (id, data, flag, number) VALUES ('b', $1, TRUE, 7)",
                                     Bytes{std::string("\x00\xff", 2)});
                 })
                  .ok());
  const Result<void> done = db_->backup(file_);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(ids_in_backup(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(BackupTest, overwrites_nothing) {
  std::ofstream(file_) << "precious";
  EXPECT_FALSE(db_->backup(file_).ok());
  std::ifstream file(file_);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "precious");
}

TEST_P(BackupTest, is_one_consistent_moment_of_a_database_that_goes_on_writing) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {  // pairs that always belong together
    for (int i = 0; !stop; ++i) {
      (void)db_->write([&](Transaction& tx) -> Result<int64_t> {
        TRY_VOID(tx.execute("INSERT INTO things (id) VALUES ($1)", "left-" + std::to_string(i)));
        return tx.execute("INSERT INTO things (id) VALUES ($1)", "right-" + std::to_string(i));
      });
    }
  });
  std::this_thread::sleep_for(milliseconds(50));
  const Result<void> done = db_->backup(file_);
  stop = true;
  writer.join();
  ASSERT_TRUE(done.ok()) << done.error().detail;
  const std::vector<std::string> ids = ids_in_backup();
  EXPECT_GT(ids.size(), 0u);
  EXPECT_EQ(std::count_if(ids.begin(), ids.end(), [](const std::string& id) { return id.starts_with("left"); }) * 2,
            static_cast<std::ptrdiff_t>(ids.size()));
}

EACH_DATABASE(BackupTest);

TEST(SqliteBackup, needs_no_ownership_of_the_file) {
  TestDatabase db = make_test_database("sqlite");
  const std::string file = sqlite_path(db.options().url) + ".copy";
  const Result<void> done = backup_sqlite(db.options(), file);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_TRUE(open_database({.url = "sqlite:" + file}).ok());
  EXPECT_TRUE(db->ping().ok());
}

}  // namespace
}  // namespace gatehouse::storage
