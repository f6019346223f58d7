#include "management/jobs/users_import_job.h"

#include <chrono>
#include <future>

#include "management/jobs/imported_factors.h"
#include "model/objects/position.h"
#include "model/user_imports/import_clashes.h"
#include "model/user_imports/import_row.h"
#include "model/user_imports/import_window.h"

namespace gatehouse::management {
namespace {

using model::ImportRow;
using model::NewUser;
using model::RowError;

constexpr size_t first_rows = 64;              // rows in a unit of work, to begin with
constexpr size_t least_rows = 16;
constexpr size_t most_rows = 512;
constexpr milliseconds wanted_writer_time{6};  // of a unit of work: what others may wait for it
constexpr int64_t most_errors = 10'000;        // kept for GET /jobs/{id}/errors; the others are counted
constexpr int64_t position_slot = 999;
constexpr int64_t pieces_at_once = 2;          // of the file, removed in one unit of work
constexpr std::string_view connection_gone = "The connection does not exist any more";

/// Where a job stands: its `state`, as numbers.
struct Progress {
  int64_t done = 0;    ///< bytes of the file
  int64_t window = 0;  ///< where the window in work begins in the file …
  int64_t rows = 0;    ///< … and how many of its rows are done
  int64_t inserted = 0, updated = 0, failed = 0, errors = 0;
  int64_t batches = 0;

  static Progress of(const json::object& state) {
    const auto number = [&](std::string_view key) { return get_int(state, key).value_or(0); };
    return {number("done"), number("window"), number("rows"), number("inserted"), number("updated"), number("failed"), number("errors"), number("batches")};
  }
  void write(json::object& state) const {
    state["done"] = done;
    state["window"] = window;
    state["rows"] = rows;
    state["inserted"] = inserted;
    state["updated"] = updated;
    state["failed"] = failed;
    state["errors"] = errors;
    state["batches"] = batches;
  }
};

/// Rows of one unit of work.
struct Batch {
  std::vector<json::value> rows;  ///< as they stand in the file, for errors
  std::vector<ImportRow> fresh;   ///< those that can be imported
  std::vector<size_t> row_of;     ///< fresh → rows
  std::vector<std::vector<model::AuthenticationMethod>> factors;  ///< of fresh
  std::vector<std::pair<size_t, RowError>> errors;
  std::optional<model::UserBatch> inserts;  ///< all of `fresh`, ready
  int64_t done = 0, window = 0, window_rows = 0;  ///< as in Progress, once the batch is stored
  bool last = false;
};

/// The pieces of a job's file from an offset on.
model::ImportWindow::Source pieces_of(storage::Database& db, const jobs::JobFiles& files, const jobs::Job& job, int64_t offset) {
  constexpr auto size = int64_t(jobs::JobFiles::piece_size);
  return [&db, &files, &job, number = offset / size, skip = size_t(offset % size)]() mutable -> Result<std::optional<std::string>> {
    TRY(std::optional<std::string> piece, db.read([&](storage::Reader& reader) { return files.read(reader, job.tenant, job.id, number); }));
    if (piece) piece->erase(0, std::exchange(skip, 0));
    ++number;
    return piece;
  };
}

RowError already_there(const model::Clash& clash) {
  if (clash.kind == "username") return {"CONFLICT_USERNAME", "The specified new username already exists", "username"};
  if (clash.kind == "phone_number") return {"CONFLICT", "The specified new phone number already exists", "phone_number"};
  return {"DUPLICATED_USER", "The user already exists.", clash.kind};
}

RowError already_provided(const std::string& kind) { return {"DUPLICATED_USER", "A user with this " + kind + " was already provided.", kind}; }

/// The rest of the run is one object, so that its methods need no list of arguments.
class Run {
 public:
  Run(const UsersImportJob::Parts& parts, const jobs::Job& job)
      : parts_(parts), job_(job), state_(job.state), progress_(Progress::of(state_)),
        started_(from_micros(get_int(state_, "started_at").value_or(to_micros(parts.clock.now())))),
        rows_(pieces_of(parts.db, parts.files, job, progress_.window), progress_.window, size_t(progress_.rows)),
        ids_(parts.random, started_),
        factors_(parts.sealer, parts.random) {
    upsert_ = get_bool(state_, "upsert").value_or(false);
    target_.tenant = job.tenant;
    target_.connection = get_string(state_, "connection").value_or("");
    state_["started_at"] = to_micros(started_);
  }

  Result<void> all() {
    if (get_bool(state_, "over").value_or(false)) return finish();  // it was interrupted after its end
    TRY(tenant_, parts_.tenants.find(job_.tenant));
    if (!tenant_) return Error{Errc::invalid_argument, "The tenant is gone."};
    TRY(const auto connection, parts_.connections.find_by_name(job_.tenant, target_.connection));
    if (!connection) return fail(std::string(connection_gone));
    target_.requires_username = connection->requires_username();
    Result<Batch> next = prepare();
    for (;;) {
      if (!next) {
        if (next.error().code != Errc::invalid_argument) return next.error();
        return fail("Failed to parse users file JSON when importing users. Make sure it is valid JSON. " + next.error().message);
      }
      const Batch batch = *std::move(next);
      std::future<Result<Batch>> coming;
      if (!batch.last) coming = std::async(std::launch::async, [this] { return prepare(); });
      const Result<void> stored = store(batch);
      if (!batch.last) next = coming.get();
      if (!stored && stored.error().code == Errc::not_found) return fail(stored.error().message);
      TRY_VOID(stored);
      if (batch.last) return finish();
      if (parts_.jobs.stopping()) return Error{Errc::unavailable, "The server stops; the import goes on later."};
    }
  }

 private:
  /// Reads, checks and serialises the next rows. Runs beside store().
  Result<Batch> prepare() {
    Batch batch;
    std::map<std::string, std::set<std::string>> seen;  // kind → values of this batch
    std::vector<NewUser> users;
    const size_t wanted = rows_at_once_;
    while (batch.rows.size() < wanted) {
      TRY(const auto text, rows_.next());
      if (!text) {
        batch.last = true;
        break;
      }
      const size_t index = batch.rows.size();
      TRY(json::value row, parse_json(*text));
      batch.rows.push_back(std::move(row));
      Result<ImportRow, RowError> read = model::read_import_row(batch.rows.back(), target_, ids_, started_);
      std::optional<RowError> wrong;
      if (!read) wrong = read.error();
      if (read) wrong = repeated(seen, read->fresh.user);
      if (wrong) {
        batch.errors.emplace_back(index, *std::move(wrong));
        continue;
      }
      bool all_factors = true;
      batch.factors.push_back(factors_.make(read->fresh.user, read->factors, started_, all_factors));
      if (!all_factors) batch.errors.emplace_back(index, RowError{"MFA_FACTORS_FAILED", "Unable to import factors", "mfa_factors"});
      read->fresh.user.position = model::next_position(parts_.clock.now(), position_slot);
      users.push_back(read->fresh);
      batch.fresh.push_back(*std::move(read));
      batch.row_of.push_back(index);
    }
    batch.inserts.emplace(users);
    batch.window = rows_.begin();
    batch.window_rows = int64_t(rows_.returned());
    const double part = rows_.rows() == 0 ? 1 : double(rows_.returned()) / double(rows_.rows());
    batch.done = batch.window + int64_t(part * double(rows_.end() - batch.window));
    return batch;
  }

  static std::optional<RowError> repeated(std::map<std::string, std::set<std::string>>& seen, const model::User& user) {
    auto identifiers = model::identifiers_of(user);
    identifiers.push_back({"", "user_id", user.id.str()});
    for (const auto& identifier : identifiers)
      if (seen[identifier.kind].contains(identifier.value)) return already_provided(identifier.kind);
    for (auto& identifier : identifiers) seen[identifier.kind].insert(std::move(identifier.value));
    return std::nullopt;
  }

  /// Stores a batch and how far the job has come with it.
  Result<void> store(const Batch& batch) {
    if (!clashes_expected_) {
      Outcome outcome{progress_};
      const Result<void> stored = write(batch, [&](storage::Transaction& tx) -> Result<void> {
        const auto begun = std::chrono::steady_clock::now();
        outcome = Outcome{progress_};
        TRY_VOID(batch.inserts->insert(tx));
        for (const auto& factors : batch.factors) TRY_VOID(ImportedFactors::insert(tx, factors));
        outcome.progress.inserted += int64_t(batch.fresh.size());
        TRY_VOID(save(tx, batch, outcome));
        outcome.took = std::chrono::steady_clock::now() - begun;
        return {};
      });
      if (stored) return accept(batch, outcome);
      if (stored.error().code != Errc::unique_violation) return stored;
    }
    Outcome outcome{progress_};
    TRY_VOID(write(batch, [&](storage::Transaction& tx) -> Result<void> {
      const auto begun = std::chrono::steady_clock::now();
      outcome = Outcome{progress_};
      TRY_VOID(store_carefully(tx, batch, outcome));
      TRY_VOID(save(tx, batch, outcome));
      outcome.took = std::chrono::steady_clock::now() - begun;
      return {};
    }));
    clashes_expected_ = outcome.clashes > 0;  // where some are there already, more will be
    return accept(batch, outcome);
  }

  /// Only the end waits for the disk: what a power cut takes before, it takes together with the state, and is done again.
  template <class F>
  Result<void> write(const Batch& batch, F work) {
    return batch.last ? parts_.db.write(work) : parts_.db.write_unsynced(work);
  }

  struct Outcome {
    explicit Outcome(const Progress& before) : progress(before) {}
    Progress progress;
    std::vector<std::pair<size_t, RowError>> errors{};
    size_t clashes = 0;
    std::chrono::steady_clock::duration took{};
  };

  /// Looks first who is there already.
  Result<void> store_carefully(storage::Transaction& tx, const Batch& batch, Outcome& outcome) const {
    std::vector<const NewUser*> all;
    for (const ImportRow& row : batch.fresh) all.push_back(&row.fresh);
    TRY(const auto clashes, model::find_clashes(tx, all));
    std::vector<NewUser> users;
    std::vector<size_t> inserted;
    for (size_t i = 0; i < batch.fresh.size(); ++i) {
      const auto [begin, end] = clashes.equal_range(i);
      if (begin == end) {
        users.push_back(batch.fresh[i].fresh);
        users.back().user.position = model::next_position(parts_.clock.now(), tx.slot());
        inserted.push_back(i);
        continue;
      }
      ++outcome.clashes;
      const auto by_email = std::find_if(begin, end, [](const auto& clash) { return clash.second.kind == "email"; });
      TRY(std::optional<model::User> user, parts_.users.find(tx, job_.tenant, (by_email == end ? begin : by_email)->second.owner));
      if (!user) return Error{Errc::internal, "", "an identifier without a user"};
      std::optional<RowError> wrong;
      if (user->updated_at == started_)  // what this job wrote bears the time it began at
        wrong = already_provided(begin->second.kind);
      else if (!upsert_ || by_email == end || user->email != batch.fresh[i].fresh.user.email)  // or a linked account's address
        wrong = already_there(begin->second);
      else
        TRY_VOID(update(tx, batch.fresh[i], batch.factors[i], *user));
      if (wrong)
        outcome.errors.emplace_back(batch.row_of[i], *std::move(wrong));
      else
        ++outcome.progress.updated;
    }
    outcome.progress.inserted += int64_t(users.size());
    TRY_VOID(model::UserBatch(users).insert(tx));
    for (const size_t i : inserted) TRY_VOID(ImportedFactors::insert(tx, batch.factors[i]));
    return {};
  }

  Result<void> update(storage::Transaction& tx, const ImportRow& row, const std::vector<model::AuthenticationMethod>& factors,
                      model::User& user) const {
    const std::optional<std::string> hash = model::apply_upsert(row, user);
    TRY_VOID(parts_.users.replace(tx, user, started_));
    if (hash) TRY_VOID(parts_.users.replace_hash(tx, job_.tenant, user.id, *hash, started_));
    return ImportedFactors::add_missing(tx, user, factors, parts_.clock.now());
  }

  /// The batch's errors and the job's state, in the batch's unit of work. Errors: not_found, when the connection was deleted meanwhile.
  Result<void> save(storage::Transaction& tx, const Batch& batch, Outcome& outcome) const {
    TRY(const auto connection, parts_.connections.objects().find(tx, job_.tenant, get_string(state_, "connection_id").value_or("")));
    if (!connection) return Error{Errc::not_found, std::string(connection_gone)};
    std::vector<std::pair<size_t, RowError>> errors = batch.errors;
    errors.insert(errors.end(), outcome.errors.begin(), outcome.errors.end());
    std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Progress& progress = outcome.progress;
    json::array shown;
    for (const auto& [row, error] : errors) {
      if (error.code != "MFA_FACTORS_FAILED") ++progress.failed;
      if (++progress.errors > most_errors) continue;
      json::object one{{"code", error.code}, {"message", error.message}};
      if (!error.path.empty()) one["path"] = error.path;
      shown.push_back(json::object{{"user", model::shown_row(batch.rows[row])}, {"errors", json::array{std::move(one)}}});
    }
    if (!shown.empty()) TRY_VOID(jobs::JobErrors::add(tx, job_.tenant, job_.id, progress.batches, json::serialize(shown), parts_.clock.now()));
    progress.done = batch.done;
    progress.window = batch.window;
    progress.rows = batch.window_rows;
    ++progress.batches;
    json::object state = state_;
    progress.write(state);
    if (batch.last) {
      state["over"] = true;
      TRY_VOID(parts_.log.write(tx, event("sui", "Successfully imported users", state)));
      TRY_VOID(tell(tx, "completed", state));
    }
    return parts_.jobs.save(tx, job_, state);
  }

  Result<void> accept(const Batch& batch, const Outcome& outcome) {
    progress_ = outcome.progress;
    // Rows in a unit of work follow what the writer needs for them.
    if (batch.rows.size() >= least_rows && outcome.took.count() > 0) {
      const double a_row = std::chrono::duration<double, std::milli>(outcome.took).count() / double(batch.rows.size());
      const auto fitting = size_t(double(wanted_writer_time.count()) / a_row);
      rows_at_once_ = std::clamp((rows_at_once_ * 3 + fitting) / 4, least_rows, most_rows);
    }
    return {};
  }

  /// The job as a whole cannot be done.
  Result<void> fail(const std::string& why) {
    json::object state = state_;
    progress_.write(state);
    state["status_details"] = why;
    TRY_VOID(parts_.db.write([&](storage::Transaction& tx) -> Result<void> {
      TRY_VOID(parts_.log.write(tx, event("fui", why, state)));
      TRY_VOID(tell(tx, "failed", state));
      return parts_.jobs.save(tx, job_, state);
    }));
    TRY_VOID(finish());
    return Error{Errc::invalid_argument, why};
  }

  Result<void> finish() const {
    return jobs::remove_in_batches(
        parts_.db,
        [&](storage::Transaction& tx, int64_t batch) {
          return jobs::JobFiles::remove_before(tx, job_.tenant, job_.id, std::numeric_limits<int64_t>::max(), batch);
        },
        pieces_at_once);
  }

  Result<void> tell(storage::Transaction& tx, std::string_view status, const json::object& state) const {
    const Progress progress = Progress::of(state);
    const json::object summary{{"inserted", progress.inserted}, {"updated", progress.updated}, {"failed", progress.failed}};
    return parts_.mail.queue(tx, *tenant_, job_, state, {{"status", status}, {"summary", summary}});
  }

  logs::Event event(std::string_view code, std::string description, const json::object& state) const {
    logs::Event out;
    out.tenant = job_.tenant;
    out.type = code;
    out.description = std::move(description);
    out.connection = target_.connection;
    out.connection_id = get_string(state, "connection_id").value_or("");
    out.strategy = "auth0";
    out.strategy_type = "database";
    const Progress progress = Progress::of(state);
    out.details = {{"job_id", job_.id}, {"inserted", progress.inserted}, {"updated", progress.updated}, {"failed", progress.failed}};
    return out;
  }

  const UsersImportJob::Parts& parts_;
  const jobs::Job& job_;
  json::object state_;
  Progress progress_;
  const Timestamp started_;
  std::shared_ptr<const model::Tenant> tenant_;
  model::ImportWindow rows_;  ///< this and the next two are prepare()'s alone
  model::ImportIds ids_;
  const ImportedFactors factors_;
  model::ImportTarget target_;
  bool upsert_ = false;
  bool clashes_expected_ = false;
  std::atomic<size_t> rows_at_once_{first_rows};
};

}  // namespace

json::object UsersImportJob::first_state(const json::object& options, int64_t file_bytes) {
  json::object state = options;
  state["file_bytes"] = file_bytes;
  Progress{}.write(state);
  return state;
}

Result<void> UsersImportJob::run(const jobs::Job& job) const { return Run(parts_, job).all(); }

}  // namespace gatehouse::management
