// What the disk and the databases alone can make durable, in the current folder (and the PostgreSQL that BENCH_POSTGRES names).
#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "primitives.h"

namespace bench {
namespace {

constexpr double seconds = 0.5;
constexpr int writers = 64;
const std::string payload(470, 'x');  // with its key a row of about 500 bytes

double now() { return clock_us(CLOCK_MONOTONIC) / 1e6; }

/// Runs `write(thread, n)` again and again on 64 threads; how often it returned a second.
double per_second(const std::function<void(int, int64_t)>& write) {
  std::atomic<int64_t> done = 0;
  const double begun = now();
  std::vector<std::thread> threads;
  for (int t = 0; t < writers; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t n = 0; now() - begun < seconds; ++n) {
        write(t, n);
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return double(done) / (now() - begun);
}

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

/// One writer thread that commits whatever queued while the last commit was synced.
class GroupCommit {
 public:
  explicit GroupCommit(const char* file) {
    need(sqlite3_open(file, &database_) == SQLITE_OK, "sqlite3_open");
    exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows (key INTEGER PRIMARY KEY, payload TEXT NOT NULL) STRICT");
    savepoint_ = prepare("SAVEPOINT unit");
    insert_ = prepare("INSERT INTO rows (payload) VALUES (?)");
    release_ = prepare("RELEASE unit");
    sqlite3_bind_text(insert_, 1, payload.data(), int(payload.size()), SQLITE_STATIC);
    thread_ = std::thread([this] { run(); });
  }
  ~GroupCommit() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    queued_.notify_one();
    thread_.join();
    for (sqlite3_stmt* statement : {savepoint_, insert_, release_}) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }

  /// Returns when the row is durable.
  void write() {
    std::unique_lock lock(mutex_);
    const int64_t mine = ++wanted_;
    queued_.notify_one();
    synced_.wait(lock, [&] { return done_ >= mine; });
  }

 private:
  void exec(const char* sql) { need(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }

  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    need(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) == SQLITE_OK, sql);
    return statement;
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      queued_.wait(lock, [&] { return ending_ || wanted_ > done_; });
      if (ending_) return;
      const int64_t last = wanted_, count = last - done_;
      lock.unlock();
      exec("BEGIN IMMEDIATE");
      for (int64_t i = 0; i < count; ++i) {  // a savepoint each: a unit that fails must not take its neighbours along
        for (sqlite3_stmt* statement : {savepoint_, insert_, release_}) {
          sqlite3_step(statement);
          sqlite3_reset(statement);
        }
      }
      exec("COMMIT");
      lock.lock();
      done_ = last;
      synced_.notify_all();
    }
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt *savepoint_ = nullptr, *insert_ = nullptr, *release_ = nullptr;
  std::mutex mutex_;
  std::condition_variable queued_, synced_;
  int64_t wanted_ = 0, done_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

using Postgres = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Postgres connect() {
  const char* url = std::getenv("BENCH_POSTGRES");
  need(url, "BENCH_POSTGRES is not set");
  Postgres connection(PQconnectdb(url), &PQfinish);
  need(PQstatus(connection.get()) == CONNECTION_OK, PQerrorMessage(connection.get()));
  return connection;
}

void exec(PGconn* connection, const char* sql) {
  PGresult* result = PQexec(connection, sql);
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  need(status == PGRES_COMMAND_OK, sql);
}

}  // namespace

double fdatasyncs_per_second() {
  const char* name = "fdatasync.bin";
  const int file = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  need(file >= 0, "open");
  const std::string block(4096, 'x');
  const double begun = now();
  int count = 0;
  for (; now() - begun < seconds; ++count) need(write(file, block.data(), block.size()) == ssize_t(block.size()) && fdatasync(file) == 0, "fdatasync");
  const double rate = count / (now() - begun);
  close(file);
  unlink(name);
  return rate;
}

double sqlite_commits_per_second() {
  double rate = 0;
  {
    GroupCommit commits("commits.db");
    rate = per_second([&](int, int64_t) { commits.write(); });
  }
  for (const char* name : {"commits.db", "commits.db-wal", "commits.db-shm"}) unlink(name);
  return rate;
}

double postgres_commits_per_second() {
  const Postgres first = connect();
  exec(first.get(), "DROP TABLE IF EXISTS bench_rows");
  exec(first.get(), "CREATE TABLE bench_rows (key BIGINT PRIMARY KEY, payload TEXT NOT NULL)");
  std::vector<Postgres> connections;
  for (int i = 0; i < writers; ++i) {
    connections.push_back(connect());
    PQclear(PQprepare(connections.back().get(), "insert", "INSERT INTO bench_rows VALUES ($1, $2)", 2, nullptr));
  }
  const double rate = per_second([&](int thread, int64_t n) {
    const std::string key = std::to_string(n * writers + thread);  // grows with time
    const char* values[] = {key.c_str(), payload.c_str()};
    PGresult* result = PQexecPrepared(connections[size_t(thread)].get(), "insert", 2, values, nullptr, nullptr, 0);
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK) std::abort();
  });
  exec(first.get(), "DROP TABLE bench_rows");
  return rate;
}

}  // namespace bench
