#include "management/jobs/users_export_job.h"

#include "jobs/gzip.h"
#include "management/jobs/export_format.h"
#include "model/objects/position.h"
#include "model/users/user_pages.h"

namespace gatehouse::management {
namespace {

constexpr size_t content_of_piece = 512 * 1024;  // bytes before they are compressed
constexpr int64_t users_at_once = 200;
constexpr int64_t last_slot = 999;
constexpr int64_t everybody = std::numeric_limits<int64_t>::max();

/// Where a job stands: its `state`, as numbers.
struct Progress {
  int64_t until = 0, expected = 0;  ///< who is exported, and how many those may be
  int64_t after = 0, rows = 0;      ///< the last one that was, and how many
  int64_t pieces = 0, file_bytes = 0, content_bytes = 0, crc = 0;

  static Progress of(const json::object& state) {
    const auto number = [&](std::string_view key) { return get_int(state, key).value_or(0); };
    return {number("until"),  number("expected"),   number("after"),         number("rows"),
            number("pieces"), number("file_bytes"), number("content_bytes"), number("crc")};
  }
  void write(json::object& state) const {
    state["until"] = until;
    state["expected"] = expected;
    state["after"] = after;
    state["rows"] = rows;
    state["pieces"] = pieces;
    state["file_bytes"] = file_bytes;
    state["content_bytes"] = content_bytes;
    state["crc"] = crc;
  }
};

class Run {
 public:
  Run(const UsersExportJob::Parts& parts, const jobs::Job& job, const ExportFormat& format)
      : parts_(parts), job_(job), format_(format), state_(job.state), progress_(Progress::of(state_)),
        connection_(get_string(state_, "connection").value_or("")), limit_(get_int(state_, "limit").value_or(everybody)) {}

  Result<void> all() {
    if (get_bool(state_, "over").value_or(false)) return {};  // it was interrupted after its end
    if (progress_.pieces == 0) TRY_VOID(begin());
    while (true) {
      TRY_VOID(add_piece());
      if (last_) return {};
      if (parts_.jobs.stopping()) return Error{Errc::unavailable, "The server stops; the export goes on later."};
    }
  }

 private:
  /// Who comes while it runs is not exported: it ends however many sign up.
  Result<void> begin() {
    progress_.until = model::next_position(parts_.clock.now(), last_slot);
    TRY(const int64_t users, parts_.db.read([&](storage::Reader& reader) { return parts_.users.count(reader, job_.tenant); }));
    progress_.expected = std::min(users, limit_);
    state_["started_at"] = to_micros(parts_.clock.now());
    return {};
  }

  Result<void> add_piece() {
    std::string content = progress_.pieces == 0 ? format_.head() : "";
    while (content.size() < content_of_piece && !last_) {
      const model::UserPage page{connection_, progress_.after, progress_.until, std::min(users_at_once, limit_ - progress_.rows)};
      TRY(const model::UsersOfPage found,
          parts_.db.read([&](storage::Reader& reader) { return read_page(reader, parts_.users, job_.tenant, page); }));
      for (const model::User& user : found.users) format_.append(content, user);
      if (!found.users.empty()) progress_.after = found.users.back().position;
      progress_.rows += int64_t(found.users.size());
      last_ = found.last || progress_.rows >= limit_;
    }
    jobs::GzipFile gzip(uint32_t(progress_.crc), progress_.content_bytes);
    std::string piece = progress_.pieces == 0 ? jobs::GzipFile::head() : "";
    piece += gzip.piece(content);
    if (last_) piece += gzip.tail();
    progress_.crc = gzip.crc();
    progress_.content_bytes = gzip.bytes();
    return store(piece);
  }

  Result<void> store(const std::string& piece) {
    const int64_t number = progress_.pieces++;
    progress_.file_bytes += int64_t(piece.size());
    progress_.write(state_);
    if (last_) state_["over"] = true;
    const std::string sealed = parts_.files.seal(job_.tenant, job_.id, number, piece);
    const auto work = [&](storage::Transaction& tx) -> Result<void> {
      TRY_VOID(jobs::JobFiles::add(tx, job_.tenant, job_.id, number, sealed, parts_.clock.now()));
      return parts_.jobs.save(tx, job_, state_);
    };
    return last_ ? parts_.db.write(work) : parts_.db.write_unsynced(work);
  }

  const UsersExportJob::Parts& parts_;
  const jobs::Job& job_;
  const ExportFormat& format_;
  json::object state_;
  Progress progress_;
  const std::string connection_;
  const int64_t limit_;
  bool last_ = false;
};

}  // namespace

Result<void> UsersExportJob::run(const jobs::Job& job) const {
  const json::value* fields = job.state.if_contains("fields");
  TRY(const ExportFormat format, ExportFormat::parse(get_string(job.state, "format").value_or(""),
                                                     fields && fields->is_array() ? fields->get_array() : json::array{}));
  return Run(parts_, job, format).all();
}

}  // namespace gatehouse::management
