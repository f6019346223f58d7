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
constexpr auto begin_write_own_rows_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE";
constexpr std::string_view commit_sql = "COMMIT";
constexpr auto begin_read_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Session-level advisory locks, freed by the server when the connection ends: each connection takes the first free number.
constexpr auto slot_sql = "SELECT n FROM generate_series(0, 9999) AS n WHERE pg_try_advisory_lock(1734440293, n) LIMIT 1";

std::string_view begin_sql(Connection::Begin kind) {
  switch (kind) {
    case Connection::Begin::write:
      return begin_write_sql;
    case Connection::Begin::write_own_rows:
      return begin_write_own_rows_sql;
    case Connection::Begin::read:
      return begin_read_sql;
  }
  return begin_write_sql;
}

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
  if (state == "26000") lost_ = true;  // a preparation that nobody waited for had failed
  // Shut down, or no longer the primary: this connection is of no more use.
  if (state == "57P01" || state == "57P02" || state == "57P03") lost_ = true;
  if (state == "25006" && transaction_ && transaction_ != Begin::read) {
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
  const bool is_new = found == statements_.end();
  if (is_new) found = statements_.emplace(std::string(sql), Statement{.name = "s" + std::to_string(uses_)}).first;
  Statement& statement = found->second;
  statement.last_used = ++uses_;
  // Known from here on: what follows in the pipeline may use it already.
  if (is_new && PQsendPrepare(handle_, statement.name.c_str(), found->first.c_str(), 0, nullptr) != 1) return lost(sql);
  const Parameters parameters(arguments);
  if (PQsendQueryPrepared(handle_, statement.name.c_str(), parameters.count(), parameters.values(), parameters.lengths(),
                          parameters.formats(), 0) != 1) {
    return lost(sql);
  }
  sent_.push_back({found->first, is_new});
  return {};
}

/// Before a pipeline begins: statements are forgotten in a pipeline of their own.
void Connection::make_room(std::string_view next_sql) {
  size_t wanted = statements_.size() + (statements_.contains(next_sql) ? 0 : 1);
  for (const Queued& queued : queued_) wanted += statements_.contains(queued.sql) ? 0 : 1;
  for (; wanted > max_statements; --wanted) forget_oldest_statement();
}

void Connection::forget_oldest_statement() {
  const auto oldest = std::min_element(statements_.begin(), statements_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  if (send_plain(("DEALLOCATE " + oldest->second.name).c_str()) && sync()) ++owed_syncs_;  // the answer is skipped like that of end_read()
  statements_.erase(oldest);
}

Result<void> Connection::sync() {
  if (PQpipelineSync(handle_) != 1) return lost("sync");
  return {};
}

Result<void> Connection::send_begin() {
  TRY_VOID(send_statement(change_sum_sql, {}));
  TRY_VOID(sync());  // a transaction of its own, so that BEGIN may still set the isolation level
  TRY_VOID(send_statement(begin_sql(*begin_pending_), {}));
  transaction_ = std::exchange(begin_pending_, std::nullopt);
  return {};
}

Result<void> Connection::take_begin() {
  TRY(const ResultPtr changes, take_statement());
  TRY_VOID(expect_sync());
  TRY(const ResultPtr begun, take_statement());
  if (PQresultStatus(changes.get()) != PGRES_TUPLES_OK) return failure(changes.get(), change_sum_sql);
  if (PQresultStatus(begun.get()) != PGRES_COMMAND_OK) return failure(begun.get(), "BEGIN");
  TRY(const Rows rows, rows_of(changes.get()));
  changes_seen_ = rows.at(0).int64(0);
  return {};
}

/// The answer of send_statement(): of the preparation, if there was one, and of the run.
Result<Connection::ResultPtr> Connection::take_statement() {
  const Sent sent = sent_.front();
  sent_.pop_front();
  if (sent.with_preparation) {
    TRY(ResultPtr prepared, command_result(sent.sql));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
      TRY(const ResultPtr skipped, command_result(sent.sql));
      unprepared_.push_back(sent.sql);  // others in this pipeline may bear the same text: forgotten when all are answered
      return prepared;
    }
  }
  return command_result(sent.sql);
}

// --- what the driver calls -----------------------------------------------------------------------------------------------

void Connection::begin(Begin kind) {
  begin_pending_ = kind;
  transaction_.reset();
  collided_ = commit_sent_ = false;
  changes_seen_.reset();
  queued_.clear();
}

/// Sends what is pending (BEGIN, the queued statements) and one statement more, and takes all the answers, also after one failed.
Result<std::vector<Connection::ResultPtr>> Connection::exchange(std::string_view sql, const std::vector<Value>& arguments) {
  deadline_ = std::chrono::steady_clock::now() + patience_;
  make_room(sql);
  const bool beginning = begin_pending_.has_value();
  if (beginning) TRY_VOID(send_begin());
  for (const Queued& queued : std::exchange(queued_, {})) TRY_VOID(send_statement(queued.sql, queued.arguments));
  TRY_VOID(send_statement(sql, arguments));
  TRY_VOID(sync());
  if (sql == commit_sql) commit_sent_ = true;
  TRY_VOID(flush());
  TRY_VOID(drain());
  std::optional<Error> failed;
  if (beginning) {
    if (Result<void> begun = take_begin(); !begun) failed = std::move(begun).error();
    if (broken()) return *failed;
  }
  std::vector<ResultPtr> answers;
  while (!sent_.empty()) {
    const std::string_view text = sent_.front().sql;
    TRY(ResultPtr result, take_statement());
    const ExecStatusType status = PQresultStatus(result.get());
    if (!failed && status == PGRES_EMPTY_QUERY) failed = database_error(Errc::internal, "an empty statement");
    if (!failed && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) failed = failure(result.get(), text);
    answers.push_back(std::move(result));
  }
  TRY_VOID(expect_sync());
  for (const std::string_view text : std::exchange(unprepared_, {}))
    if (const auto found = statements_.find(text); found != statements_.end()) statements_.erase(found);
  if (failed) return *failed;
  return answers;
}

Result<Connection::ResultPtr> Connection::run(std::string_view sql, const std::vector<Value>& arguments) {
  TRY_VOID(check_arguments(arguments));
  if (sql.find('\0') != sql.npos) return database_error(Errc::internal, "a statement with NUL");
  TRY(std::vector<ResultPtr> answers, exchange(sql, arguments));
  return std::move(answers.back());
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

void Connection::queue(std::string_view sql, std::vector<Value> arguments) { queued_.push_back({std::string(sql), std::move(arguments)}); }

Result<std::vector<Rows>> Connection::commit() {
  if (begin_pending_ && queued_.empty()) {
    begin_pending_.reset();
    return std::vector<Rows>();
  }
  Result<std::vector<ResultPtr>> answers = exchange(commit_sql, {});
  if (!answers) {
    if (PQtransactionStatus(handle_) == PQTRANS_IDLE) transaction_.reset();  // a COMMIT that fails has rolled back by itself
    return std::move(answers).error();
  }
  transaction_.reset();
  if (std::string_view(PQcmdStatus(answers->back().get())) != "COMMIT") return database_error(Errc::internal, "COMMIT became ROLLBACK");
  answers->pop_back();
  std::vector<Rows> all;
  for (const ResultPtr& answer : *answers) {
    TRY(Rows rows, rows_of(answer.get()));
    all.push_back(std::move(rows));
  }
  return all;
}

/// Sends the end of a transaction without waiting for its answer.
void Connection::end_with(std::string_view sql) {
  begin_pending_.reset();
  queued_.clear();
  if (!transaction_ || broken()) return;
  transaction_.reset();
  deadline_ = std::chrono::steady_clock::now() + patience_;
  make_room(sql);
  if (!send_statement(sql, {}) || !sync()) return;
  sent_.clear();
  ++owed_syncs_;
  (void)flush();
}

void Connection::rollback() { end_with("ROLLBACK"); }
void Connection::end_read() { end_with(commit_sql); }

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
