#include "app/json_log.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_text.h"

namespace gatehouse::app {
namespace {

constexpr milliseconds collect_for{50};
constexpr size_t large_piece = 64 * 1024;   // bytes; no longer collected for
constexpr size_t most_waiting = 1 << 20;    // bytes
constexpr int reader_pause_ms = 100;        // without a byte read by whoever reads a pipe: at the end nobody does
constexpr milliseconds flush_timeout{500};

std::string_view name_of(ServerLog::Level level) {
  switch (level) {
    case ServerLog::Level::debug:
      return "debug";
    case ServerLog::Level::info:
      return "info";
    case ServerLog::Level::warn:
      return "warn";
    case ServerLog::Level::error:
      return "error";
  }
  return "error";
}

ServerLog::Level level_named(std::string_view name) {
  for (const ServerLog::Level level : {ServerLog::Level::debug, ServerLog::Level::info, ServerLog::Level::warn})
    if (name_of(level) == name) return level;
  return ServerLog::Level::error;
}

}  // namespace

struct JsonLog::Impl {
  const Level level;
  const std::string file;
  const Clock& clock;

  std::mutex mutex;  // guards the lines that wait and the flags
  std::condition_variable wake, written;
  std::string waiting;
  uint64_t dropped = 0;
  bool urgent = false, writing = false, stopping = false;

  std::mutex output;  // guards the descriptor
  int descriptor = STDERR_FILENO;
  bool owned = false;
  bool given_up = false;  // its reader stood still when the server ended
  std::thread thread;

  Impl(Level l, std::string f, const Clock& c) : level(l), file(std::move(f)), clock(c) {}
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_one();
    if (thread.joinable()) thread.join();
    if (owned) ::close(descriptor);
  }

  void start() {
    thread = std::thread([this] {
      pthread_setname_np(pthread_self(), "log");
      run();
    });
  }

  Result<void> open_file() {
    const int fresh = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fresh < 0) return Error{Errc::unavailable, "The log file cannot be opened: " + file, std::strerror(errno)};
    const std::lock_guard lock(output);
    if (owned) ::close(descriptor);
    descriptor = fresh;
    owned = true;
    return {};
  }

  /// `fields` is a JSON object.
  void add(Level severity, std::string_view event, std::string_view fields) {
    thread_local std::string line;
    line.clear();
    JsonObjectText(line).add("time", to_iso8601(clock.now())).add("level", name_of(severity)).add("event", event);
    if (fields.size() > 2) line.append(1, ',').append(fields.substr(1, fields.size() - 2));
    line += "}\n";
    const std::lock_guard lock(mutex);
    if (waiting.size() + line.size() > most_waiting) {
      ++dropped;
      return;
    }
    const bool first = waiting.empty(), collected = waiting.size() >= large_piece;
    if (dropped > 0) {
      JsonObjectText(waiting).add("level", "warn").add("event", "log_lines_dropped").add("count", std::exchange(dropped, 0)).close();
      waiting += '\n';
    }
    waiting += line;
    urgent = urgent || severity >= Level::warn;
    if (first || urgent || (!collected && waiting.size() >= large_piece)) wake.notify_one();
  }

  void run() {
    std::string piece;
    for (std::unique_lock lock(mutex);;) {
      wake.wait(lock, [this] { return stopping || !waiting.empty(); });
      wake.wait_for(lock, collect_for, [this] { return stopping || urgent || waiting.size() >= large_piece; });
      const bool last = stopping;
      urgent = false;
      writing = true;
      piece.swap(waiting);
      lock.unlock();
      const uint64_t lost = put(piece);
      piece.clear();
      lock.lock();
      writing = false;
      dropped += lost;
      written.notify_all();
      if (last) return;
    }
  }

  /// The number of lines that were lost.
  uint64_t put(std::string_view lines) {
    const std::lock_guard lock(output);
    struct stat kind {};
    const bool is_file = ::fstat(descriptor, &kind) == 0 && S_ISREG(kind.st_mode);
    uint64_t lost = 0;
    while (!lines.empty()) {
      const std::string_view piece = is_file ? lines : whole_lines(lines);
      lines.remove_prefix(piece.size());
      if (is_file ? !put_all(piece) : !put_into_pipe(piece)) lost += static_cast<uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    }
    return lost;
  }

  /// As many lines as a pipe takes in one piece, which is when nobody else's come in between; one at least.
  static std::string_view whole_lines(std::string_view lines) {
    if (lines.size() <= PIPE_BUF) return lines;
    const size_t end = lines.rfind('\n', PIPE_BUF - 1);
    return lines.substr(0, (end == std::string_view::npos ? lines.find('\n') : end) + 1);
  }

  bool put_all(std::string_view piece) const {
    while (!piece.empty()) {
      const ssize_t size = ::write(descriptor, piece.data(), piece.size());
      if (size <= 0) return false;
      piece.remove_prefix(static_cast<size_t>(size));
    }
    return true;
  }

  /// Waits for the reader, but for none that stands still when the server ends. POLLOUT on a pipe promises room for PIPE_BUF bytes.
  bool put_into_pipe(std::string_view piece) {
    if (piece.size() > PIPE_BUF || given_up) return false;
    for (;;) {
      pollfd out{descriptor, POLLOUT, 0};
      const int ready = ::poll(&out, 1, reader_pause_ms);
      if (ready == 1) return (out.revents & POLLOUT) && ::write(descriptor, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size());
      if (ready < 0 && errno != EINTR) return false;
      const std::lock_guard lock(mutex);
      if (stopping) return given_up = true, false;
    }
  }
};

JsonLog::JsonLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) { impl_->start(); }
JsonLog::~JsonLog() = default;

Result<std::unique_ptr<JsonLog>> JsonLog::open(const std::string& level, const std::string& file, const Clock& clock) {
  auto impl = std::make_unique<Impl>(level_named(level), file, clock);
  if (!file.empty()) TRY_VOID(impl->open_file());
  return std::unique_ptr<JsonLog>(new JsonLog(std::move(impl)));
}

std::unique_ptr<JsonLog> JsonLog::to_descriptor(Level level, int descriptor, const Clock& clock) {
  auto impl = std::make_unique<Impl>(level, "", clock);
  impl->descriptor = descriptor;
  return std::unique_ptr<JsonLog>(new JsonLog(std::move(impl)));
}

Result<void> JsonLog::reopen() { return impl_->file.empty() ? Result<void>() : impl_->open_file(); }

void JsonLog::flush() {
  std::unique_lock lock(impl_->mutex);
  impl_->urgent = true;
  impl_->wake.notify_one();
  impl_->written.wait_for(lock, flush_timeout, [this] { return impl_->waiting.empty() && !impl_->writing; });
}

void JsonLog::write(Level level, std::string_view event, const json::object& fields) {
  if (level >= impl_->level) impl_->add(level, event, json::serialize(fields));
}

void JsonLog::write_text(Level level, std::string_view event, std::string_view fields) {
  if (level >= impl_->level) impl_->add(level, event, fields);
}

}  // namespace gatehouse::app
