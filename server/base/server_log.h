#pragma once
#include <string_view>

#include "base/json.h"

namespace gatehouse {

/// The server's own log: JSON lines with an event name and fields (request id, tenant, client id, duration). Not the tenant log
/// (logs/event.h), which belongs to administrators. Never given a secret, token, code or password.
class ServerLog {
 public:
  enum class Level { debug, info, warn, error };
  virtual ~ServerLog() = default;
  virtual void write(Level level, std::string_view event, const json::object& fields) = 0;
  /// The same for what is said on every request: `fields` is a JSON object's text, without the names time, level and event.
  virtual void write_text(Level level, std::string_view event, std::string_view fields) = 0;
  void info(std::string_view event, const json::object& fields = {}) { write(Level::info, event, fields); }
  void warn(std::string_view event, const json::object& fields = {}) { write(Level::warn, event, fields); }
  void error(std::string_view event, const json::object& fields = {}) { write(Level::error, event, fields); }
};

/// Says nothing (tests).
class SilentLog final : public ServerLog {
 public:
  void write(Level, std::string_view, const json::object&) override {}
  void write_text(Level, std::string_view, std::string_view) override {}
};

}  // namespace gatehouse
