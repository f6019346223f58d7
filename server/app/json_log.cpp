#include "app/json_log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
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
