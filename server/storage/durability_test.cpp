#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/child_process.h"
#include "storage/database_suite.h"

namespace gatehouse::storage {
namespace {

class DurabilityTest : public DatabaseSuite {};

/// The child that is killed: eight threads write and say each id once write() or write_unsynced() has returned.
TEST(DurabilityChild, writes_and_tells) {
  if (ChildProcess::argument().empty()) return;
  auto db = open_database({.url = ChildProcess::argument()});
  ASSERT_TRUE(db.ok()) << db.error().detail;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 1'000'000; ++i) {
        const std::string id = "id-" + std::to_string(thread) + "-" + std::to_string(i);
        const auto insert = [&](Transaction& tx) { return tx.execute("INSERT INTO things (id) VALUES ($1)", id); };
        const auto result = i % 2 == 0 ? (*db)->write(insert) : (*db)->write_unsynced(insert);
        const std::string line = id + "\n";
        if (!result || ::write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(DurabilityTest, loses_nothing_that_was_answered_when_the_process_is_killed) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(db_->write([](Transaction& tx) { return tx.execute("DELETE FROM things"); }).ok());
    db_.close();
    std::vector<std::string> told;
    {
      ChildProcess child("DurabilityChild.writes_and_tells", db_.options().url);
      while (told.size() < 200u) {
        const std::string line = child.line();
        ASSERT_FALSE(line.empty()) << "the child ended early";
        if (line.starts_with("id-")) told.push_back(line);
      }
      child.kill_hard();
      for (std::string line = child.line(); !line.empty(); line = child.line()) {
        if (line.starts_with("id-")) told.push_back(line);
      }
    }
    db_.reopen();
    for (const std::string& id : told) ASSERT_TRUE(exists(id)) << id << " was answered and is lost";
  }
}

EACH_DATABASE(DurabilityTest);

/// The child on a full disk: a small file system, where DIR/ballast can be deleted to make room, or, where this machine lets
/// nobody mount one, a limit on the size of files, which SQLite takes for an I/O error.
TEST(DiskFullChild, survives) {
  if (ChildProcess::argument().empty()) return;
  const bool limited = ChildProcess::argument().starts_with("limited ");
  const std::string folder = ChildProcess::argument().substr(limited ? std::string_view("limited ").size() : 0);
  const Errc expected = limited ? Errc::unavailable : Errc::storage_full;
  const auto limit_files = [](rlim_t size) {
    const rlimit limit{size, RLIM_INFINITY};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  };
  if (limited) {
    ::signal(SIGXFSZ, SIG_IGN);
    limit_files(2 << 20);
  } else {
    ASSERT_EQ(std::system(("mount -t tmpfs -o size=3m none " + folder).c_str()), 0);
  }
  auto opened = open_database({.url = "sqlite:" + folder + "/full.db"});
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  Database& db = **opened;
  ASSERT_TRUE(
      db.write([](Transaction& tx) { return tx.execute("CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY, data BLOB) STRICT"); }).ok());
  if (!limited) std::ofstream(folder + "/ballast") << std::string(1 << 20, 'b') << std::flush;

  const auto insert = [&](const std::string& id, size_t size) {
    return db.write(
        [&](Transaction& tx) { return tx.execute("INSERT INTO things (id, data) VALUES ($1, $2)", id, Bytes{std::string(size, 'x')}); });
  };
  const auto exists = [&](const std::string& id) {
    const auto row = db.read([&](Reader& reader) { return reader.query_one("SELECT 1 FROM things WHERE id = $1", id); });
    EXPECT_TRUE(row.ok()) << row.error().detail;
    return row.ok() && row->has_value();
  };

  // Sixteen writers fill it, so that whole batches meet the full disk.
  std::atomic<int> full{0}, wrong{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 16; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0, seen = 0; i < 1000 && seen < 5; ++i) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        const auto result = insert(id, 20'000);
        if (!result && result.error().code == expected)
          ++full, ++seen;
        else if (!result)
          ++wrong, std::fprintf(stderr, "%s\n", result.error().detail.c_str());
        if (exists(id) != result.ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(full, 16 * 5);
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(exists("0-0")) << "reads go on";
  EXPECT_TRUE(db.ping().ok());
  std::thread([&] { EXPECT_TRUE(exists("0-0")) << "also on a new connection"; }).join();

  if (limited)
    limit_files(RLIM_INFINITY);
  else
    ASSERT_EQ(::unlink((folder + "/ballast").c_str()), 0);
  const auto again = insert("again", 20'000);
  EXPECT_TRUE(again.ok()) << again.error().detail;
  EXPECT_TRUE(exists("again"));
}

TEST(DiskFull, answers_storage_full_goes_on_reading_and_resumes_without_a_restart) {
  std::string folder = "/tmp/gatehouse-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::string argument = "limited " + folder;
  std::vector<std::string> before;
  for (const char* options : {"-m", "-Urm"}) {
    if (std::system(("unshare " + std::string(options) + " mount -t tmpfs none /mnt 2>/dev/null").c_str()) != 0) continue;
    before = {"unshare", options};
    argument = folder;
    break;
  }
  const auto [output, code] = ChildProcess("DiskFullChild.survives", argument, before).finish();
  EXPECT_EQ(code, 0) << output;
  std::filesystem::remove_all(folder);
}

TEST(DiskFull, is_survived_when_it_looks_like_an_io_error) {
  std::string folder = "/tmp/gatehouse-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto [output, code] = ChildProcess("DiskFullChild.survives", "limited " + folder).finish();
  EXPECT_EQ(code, 0) << output;
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gatehouse::storage
