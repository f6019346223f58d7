#include "storage/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>

#include "storage/errors.h"
#include "storage/postgres/wire.h"

namespace gatehouse::storage::postgres {
namespace {

constexpr size_t max_statements = 400;  // as on SQLite: a server's constants fit
constexpr milliseconds longest_grace{5'000};
constexpr int oldest_server = 130000;

constexpr auto begin_write_sql = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
constexpr auto begin_read_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Session-level advisory locks, freed by the server when the connection ends: each connection takes the first free number.
constexpr auto slot_sql = "SELECT n FROM generate_series(0, 9999) AS n WHERE pg_try_advisory_lock(1734440293, n) LIMIT 1";

/// How long to wait for an answer: the server's own timeout comes first, a dead network later.
milliseconds patience_for(const DatabaseOptions& options) {
  return options.statement_timeout + std::min(options.statement_timeout, longest_grace);
}

}  // namespace

void Connection::ResultDeleter::operator()(pg_result* result) const { PQclear(result); }

Result<std::unique_ptr<Connection>> Connection::open(const DatabaseOptions& options) {
  std::unique_ptr<Connection> connection(new Connection());
  const std::string timeout = std::to_string(std::max<int64_t>(2, (options.connect_timeout.count() + 999) / 1000));
  const std::string patience = std::to_string(patience_for(options).count());
  // What the URL says comes after our defaults and wins.
  const char* const names[] = {"application_name",     "connect_timeout",
                               "target_session_attrs", "keepalives_idle",
                               "keepalives_interval",  "keepalives_count",
                               "tcp_user_timeout",     "dbname",
                               "client_encoding",      nullptr};
  const char* const values[] = {"gatehouse", timeout.c_str(),  "read-write",        "10",   "5",
                                "3",         patience.c_str(), options.url.c_str(), "UTF8", nullptr};
  connection->handle_ = PQconnectdbParams(names, values, 1);
  if (PQstatus(connection->handle_) != CONNECTION_OK) return connection->lost("connect");
  connection->patience_ = patience_for(options);
  PQsetNoticeProcessor(
      connection->handle_, [](void*, const char*) {}, nullptr);  // libpq would print them on our standard error
  TRY_VOID(connection->set_up(options));
  return connection;
}

Connection::~Connection() { PQfinish(handle_); }

Result<void> Connection::set_up(const DatabaseOptions& options) {
  if (PQserverVersion(handle_) < oldest_server) return database_error(Errc::unavailable, "PostgreSQL is older than version 13");
  const char* encoding = PQparameterStatus(handle_, "server_encoding");
  if (!encoding || std::string_view(encoding) != "UTF8") return database_error(Errc::unavailable, "the database's encoding is not UTF8");
  if (PQsetnonblocking(handle_, 1) != 0) return lost("set nonblocking");
  const std::string timeout = std::to_string(options.statement_timeout.count());
  // Sequential scans would make serializable transactions collide on whole (small) tables. Durability is not ours to lower:
  // a server that answers before the disk has it is told to wait.
  TRY_VOID(script("SET statement_timeout=" + timeout + "; SET lock_timeout=" + timeout +
                  "; SET idle_in_transaction_session_timeout=60000; SET enable_seqscan=off; SET jit=off; SET bytea_output=hex; "
                  "SET standard_conforming_strings=on; SET client_min_messages=warning; "
                  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')"));
  TRY(const std::vector<std::string> slot, script(slot_sql));
  if (slot.empty()) return database_error(Errc::unavailable, "too many connections");
  slot_ = std::stoll(slot.front());
  if (PQenterPipelineMode(handle_) != 1) return lost("enter pipeline mode");
  return {};
}

bool Connection::broken() const { return lost_ || PQstatus(handle_) != CONNECTION_OK; }

Error Connection::lost(std::string_view what) {
  lost_ = true;
  const char* message = handle_ ? PQerrorMessage(handle_) : "out of memory";
  return database_error(Errc::unavailable, "postgresql: " + std::string(what) + ": " + message);
}

Error Connection::failure(const PGresult* result, std::string_view sql) {
  if (!result) return lost(sql);
  const char* state_field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = state_field ? state_field : "";
  Errc code = code_of_sqlstate(state);
  if (code == Errc::unique_violation) return database_error(code, violated_columns(result));
  if (state == "40001" || state == "40P01") collided_ = true;
  // Shut down, or no longer the primary: this connection is of no more use.
  if (state == "57P01" || state == "57P02" || state == "57P03") lost_ = true;
  if (state == "25006" && transaction_ == Begin::write) {
    lost_ = true;
    code = Errc::unavailable;
  }
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return database_error(code, "postgresql " + std::string(state) + ": " + (message ? message : PQerrorMessage(handle_)) +
                                  " in: " + std::string(sql.substr(0, 200)));
}

// --- waiting -----------------------------------------------------------------------------------------------------------

Result<void> Connection::wait(short events) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      lost_ = true;
      return database_error(Errc::timeout, "postgresql: no answer in time");
    }
    pollfd descriptor{PQsocket(handle_), events, 0};
    const int ready = ::poll(&descriptor, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return lost("poll");
  }
}

Result<void> Connection::flush() {
  for (;;) {
    const int pending = PQflush(handle_);
    if (pending == 0) return {};
    if (pending < 0) return lost("send");
    TRY_VOID(wait(POLLIN | POLLOUT));
    if (PQconsumeInput(handle_) != 1) return lost("receive");  // the server may wait for us to read before it reads on
  }
}

Result<Connection::ResultPtr> Connection::next_result() {
  while (PQisBusy(handle_)) {
    TRY_VOID(wait(POLLIN));
    if (PQconsumeInput(handle_) != 1) return lost("receive");
  }
  return ResultPtr(PQgetResult(handle_));
}

/// The one result of a command and the null that ends it.
Result<Connection::ResultPtr> Connection::command_result(std::string_view sql) {
  TRY(ResultPtr result, next_result());
  if (!result) return lost(sql);
  for (;;) {
    TRY(const ResultPtr more, next_result());
    if (!more) break;
  }
  return result;
}

Result<void> Connection::expect_sync() {
  TRY(const ResultPtr result, next_result());
  if (!result || PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) return lost("out of step");
  return {};
}

/// Takes the answers that nobody waited for.
Result<void> Connection::drain() {
  int nulls = 0;  // one ends each command; two in a row mean that nothing is under way
  while (owed_syncs_ > 0) {
    TRY(const ResultPtr result, next_result());
    nulls = result ? 0 : nulls + 1;
    if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) --owed_syncs_;
    if (broken() || nulls > 1) return lost("drain");
  }
  return {};
}

// --- sending -----------------------------------------------------------------------------------------------------------

Result<void> Connection::send_plain(const char* sql) {
  if (PQsendQueryParams(handle_, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1) return lost(sql);
  return {};
}

/// Sends the statement, and its preparation before it where this connection does not know it yet.
Result<void> Connection::send_statement(std::string_view sql, const std::vector<Value>& arguments) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_.emplace(std::string(sql), Statement{.name = "s" + std::to_string(uses_)}).first;
  }
  Statement& statement = found->second;
  statement.last_used = ++uses_;
  if (!statement.prepared) {
    if (PQsendPrepare(handle_, statement.name.c_str(), found->first.c_str(), 0, nullptr) != 1) return lost(sql);
  }
  const Parameters parameters(arguments);
  if (PQsendQueryPrepared(handle_, statement.name.c_str(), parameters.count(), parameters.values(), parameters.lengths(),
                          parameters.formats(), 0) != 1) {
    return lost(sql);
  }
  return {};
}

void Connection::forget_oldest_statement() {
  const auto oldest = std::min_element(statements_.begin(), statements_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  // Its own little pipeline before the next one; the answer is skipped like that of end_read().
  if (oldest->second.prepared && send_plain(("DEALLOCATE " + oldest->second.name).c_str()) && sync()) ++owed_syncs_;
  statements_.erase(oldest);
}

Result<void> Connection::sync() {
  if (PQpipelineSync(handle_) != 1) return lost("sync");
  return {};
}

Result<void> Connection::send_begin() {
  TRY_VOID(send_statement(change_sum_sql, {}));
  TRY_VOID(sync());  // a transaction of its own, so that BEGIN may still set the isolation level
  return send_plain(begin_pending_ == Begin::write ? begin_write_sql : begin_read_sql);
}

Result<void> Connection::take_begin() {
  TRY(const ResultPtr changes, take_statement(change_sum_sql));
  TRY_VOID(expect_sync());
  TRY(const ResultPtr begun, command_result("BEGIN"));
  if (PQresultStatus(changes.get()) != PGRES_TUPLES_OK) return failure(changes.get(), change_sum_sql);
  if (PQresultStatus(begun.get()) != PGRES_COMMAND_OK) return failure(begun.get(), "BEGIN");
  TRY(const Rows rows, rows_of(changes.get()));
  changes_seen_ = rows.at(0).int64(0);
  return {};
}

/// The answer of send_statement(): of the preparation, if there was one, and of the run.
Result<Connection::ResultPtr> Connection::take_statement(std::string_view sql) {
  Statement& statement = statements_.find(sql)->second;
  if (!statement.prepared) {
    TRY(ResultPtr prepared, command_result(sql));
    if (PQresultStatus(prepared.get()) == PGRES_COMMAND_OK) {
      statement.prepared = true;
    } else {
      TRY(const ResultPtr skipped, command_result(sql));
      statements_.erase(statements_.find(sql));
      return prepared;
    }
  }
  return command_result(sql);
}

// --- what the driver calls -----------------------------------------------------------------------------------------------

void Connection::begin(Begin kind) {
  begin_pending_ = kind;
  transaction_.reset();
  collided_ = commit_sent_ = false;
  changes_seen_.reset();
  before_commit_.clear();
}

Result<Connection::ResultPtr> Connection::run(std::string_view sql, const std::vector<Value>& arguments) {
  TRY_VOID(check_arguments(arguments));
  if (sql.find('\0') != sql.npos) return database_error(Errc::internal, "a statement with NUL");
  deadline_ = std::chrono::steady_clock::now() + patience_;
  if (statements_.size() >= max_statements && !statements_.contains(sql)) forget_oldest_statement();
  const bool beginning = begin_pending_.has_value();
  if (beginning) {
    TRY_VOID(send_begin());
    transaction_ = std::exchange(begin_pending_, std::nullopt);
  }
  TRY_VOID(send_statement(sql, arguments));
  TRY_VOID(sync());
  TRY_VOID(flush());
  TRY_VOID(drain());
  std::optional<Error> not_begun;
  if (beginning) {
    if (Result<void> begun = take_begin(); !begun) not_begun = std::move(begun).error();
    if (broken()) return *not_begun;
  }
  TRY(ResultPtr result, take_statement(sql));
  TRY_VOID(expect_sync());
  if (not_begun) return *not_begun;
  switch (PQresultStatus(result.get())) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      return result;
    case PGRES_EMPTY_QUERY:
      return database_error(Errc::internal, "an empty statement");
    default:
      return failure(result.get(), sql);
  }
}

Result<Rows> Connection::query(std::string_view sql, const std::vector<Value>& arguments) {
  TRY(const ResultPtr result, run(sql, arguments));
  return rows_of(result.get());
}

Result<int64_t> Connection::execute(std::string_view sql, const std::vector<Value>& arguments) {
  TRY(const ResultPtr result, run(sql, arguments));
  const char* changed = PQcmdTuples(result.get());
  return *changed ? std::stoll(changed) : 0;
}

void Connection::queue_before_commit(std::string_view sql, std::vector<Value> arguments) {
  before_commit_.push_back({std::string(sql), std::move(arguments)});
}

Result<std::vector<Rows>> Connection::commit() {
  if (begin_pending_ && before_commit_.empty()) {
    begin_pending_.reset();
    return std::vector<Rows>();
  }
  deadline_ = std::chrono::steady_clock::now() + patience_;
  const bool beginning = begin_pending_.has_value();
  if (beginning) {
    TRY_VOID(send_begin());
    transaction_ = std::exchange(begin_pending_, std::nullopt);
  }
  for (const Queued& queued : before_commit_) {
    // The same text twice must not be prepared twice before its first answer is in: not prepared at all, these are rare.
    const Parameters parameters(queued.arguments);
    if (PQsendQueryParams(handle_, queued.sql.c_str(), parameters.count(), nullptr, parameters.values(), parameters.lengths(),
                          parameters.formats(), 0) != 1) {
      return lost(queued.sql);
    }
  }
  TRY_VOID(send_plain("COMMIT"));
  TRY_VOID(sync());
  commit_sent_ = true;
  TRY_VOID(flush());
  TRY_VOID(drain());
  std::optional<Error> not_begun;
  if (beginning) {
    if (Result<void> begun = take_begin(); !begun) not_begun = std::move(begun).error();
    if (broken()) return *not_begun;
  }
  Result<std::vector<Rows>> answers = take_queued();
  if (broken()) return lost("COMMIT");
  TRY(const ResultPtr result, command_result("COMMIT"));
  TRY_VOID(expect_sync());
  if (not_begun) return *not_begun;
  if (!answers) return answers;  // the server has skipped COMMIT: still to be rolled back
  transaction_.reset();          // a COMMIT that fails has rolled back by itself
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return failure(result.get(), "COMMIT");
  if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") return database_error(Errc::internal, "COMMIT became ROLLBACK");
  return answers;
}

/// Takes the answers of all queued statements, even after one failed, so that the connection stays in step.
Result<std::vector<Rows>> Connection::take_queued() {
  std::vector<Rows> answers;
  std::optional<Error> failed;
  for (const Queued& queued : std::exchange(before_commit_, {})) {
    TRY(const ResultPtr result, command_result(queued.sql));
    if (failed) continue;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      failed = failure(result.get(), queued.sql);
      continue;
    }
    Result<Rows> rows = rows_of(result.get());
    if (rows)
      answers.push_back(std::move(rows).value());
    else
      failed = std::move(rows).error();
  }
  if (failed) return *failed;
  return answers;
}

void Connection::rollback() {
  begin_pending_.reset();
  before_commit_.clear();
  if (!transaction_ || broken()) return;
  transaction_.reset();
  deadline_ = std::chrono::steady_clock::now() + patience_;
  if (!send_plain("ROLLBACK") || !sync()) return;
  ++owed_syncs_;
  (void)flush();
}

void Connection::end_read() {
  begin_pending_.reset();
  if (!transaction_ || broken()) return;
  transaction_.reset();
  deadline_ = std::chrono::steady_clock::now() + patience_;
  if (!send_plain("COMMIT") || !sync()) return;
  ++owed_syncs_;
  (void)flush();
}

Result<std::vector<std::string>> Connection::script(const std::string& sql) {
  const bool pipeline = PQpipelineStatus(handle_) != PQ_PIPELINE_OFF;
  deadline_ = std::chrono::steady_clock::now() + patience_;
  TRY_VOID(drain());
  if (pipeline && PQexitPipelineMode(handle_) != 1) return lost("exit pipeline mode");
  if (PQsendQuery(handle_, sql.c_str()) != 1) return lost(sql);
  TRY_VOID(flush());
  std::vector<std::string> strings;
  std::optional<Error> failed;
  for (;;) {
    TRY(const ResultPtr result, next_result());
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK) {
      strings.clear();
      for (int row = 0; row < PQntuples(result.get()); ++row) strings.emplace_back(PQgetvalue(result.get(), row, 0));
    } else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY && !failed) {
      failed = failure(result.get(), sql);
    }
  }
  if (pipeline && !broken() && PQenterPipelineMode(handle_) != 1) return lost("enter pipeline mode");
  if (failed) return *failed;
  return strings;
}

Result<void> Connection::listen(std::string_view channel) {
  TRY_VOID(script("LISTEN " + std::string(channel)));
  return {};
}

Result<std::vector<std::string>> Connection::wait_for_notifications(milliseconds at_most, int wake) {
  std::vector<std::string> payloads;
  const auto take = [&] {
    while (PGnotify* notification = PQnotifies(handle_)) {
      payloads.emplace_back(notification->extra);
      PQfreemem(notification);
    }
  };
  take();
  if (!payloads.empty()) return payloads;
  pollfd descriptors[] = {{PQsocket(handle_), POLLIN, 0}, {wake, POLLIN, 0}};
  if (::poll(descriptors, 2, static_cast<int>(at_most.count())) < 0 && errno != EINTR) return lost("poll");
  if (descriptors[0].revents != 0 && PQconsumeInput(handle_) != 1) return lost("receive");
  take();
  return payloads;
}

}  // namespace gatehouse::storage::postgres
