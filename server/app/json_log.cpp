#include "app/json_log.h"

#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace gatehouse::app {
namespace {

spdlog::level::level_enum spdlog_level(ServerLog::Level level) {
  switch (level) {
    case ServerLog::Level::debug:
      return spdlog::level::debug;
    case ServerLog::Level::info:
      return spdlog::level::info;
    case ServerLog::Level::warn:
      return spdlog::level::warn;
    case ServerLog::Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Standard error, which may be a pipe that nobody reads: a line that does not fit at once is dropped and counted, because a server
/// that waits for its log's reader stops. POLLOUT on a pipe promises room for PIPE_BUF bytes; no line is longer.
class StandardErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  static constexpr size_t kLongest = 4096;  // PIPE_BUF on Linux

  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (dropped_ > 0) {
      const std::string lost = R"({"level":"warn","event":"log_lines_dropped","count":)" + std::to_string(dropped_) + "}\n";
      if (put(lost)) dropped_ = 0;
    }
    if (line.size() > kLongest || !put({line.data(), line.size()})) ++dropped_;
  }
  void flush_() override {}

  static bool put(std::string_view text) {
    pollfd out{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT)) return false;
    return ::write(STDERR_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }

  uint64_t dropped_ = 0;
};

}  // namespace

struct JsonLog::Impl {
  std::string file;
  const Clock& clock;
  std::mutex mutex;  // guards the exchange of the logger, not its use
  std::shared_ptr<spdlog::logger> logger;
  spdlog::level::level_enum level = spdlog::level::info;

  explicit Impl(std::string f, const Clock& c) : file(std::move(f)), clock(c) {}

  Result<void> make_logger() {
    try {
      spdlog::sink_ptr sink;
      if (file.empty())
        sink = std::make_shared<StandardErrorSink>();
      else
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
      sink->set_pattern("%v");
      auto fresh = std::make_shared<spdlog::logger>("gatehouse", std::move(sink));
      fresh->set_level(level);
      fresh->flush_on(spdlog::level::debug);
      const std::lock_guard lock(mutex);
      logger = std::move(fresh);
      return {};
    } catch (const spdlog::spdlog_ex& e) {
      return Error{Errc::unavailable, "The log file cannot be opened: " + file, e.what()};
    }
  }
};

JsonLog::JsonLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonLog::~JsonLog() = default;

Result<std::unique_ptr<JsonLog>> JsonLog::open(const std::string& level, const std::string& file, const Clock& clock) {
  auto impl = std::make_unique<Impl>(file, clock);
  impl->level = spdlog::level::from_str(level == "error" ? "err" : level);
  TRY_VOID(impl->make_logger());
  return std::unique_ptr<JsonLog>(new JsonLog(std::move(impl)));
}

Result<void> JsonLog::reopen() { return impl_->make_logger(); }

void JsonLog::write(Level level, std::string_view event, const json::object& fields) {
  std::shared_ptr<spdlog::logger> logger;
  {
    const std::lock_guard lock(impl_->mutex);
    logger = impl_->logger;
  }
  const auto severity = spdlog_level(level);
  if (!logger->should_log(severity)) return;
  json::object line{
      {"time", to_iso8601(impl_->clock.now())}, {"level", std::string(spdlog::level::to_string_view(severity).data())}, {"event", event}};
  if (severity == spdlog::level::err) line["level"] = "error";
  for (const auto& [key, value] : fields) line[key] = value;
  logger->log(severity, json::serialize(line));
}

}  // namespace gatehouse::app
