#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/server_log.h"

namespace gatehouse::app {

/// The server's log as JSON lines, to standard error or a file (opened anew by reopen(), after a rotation).
class JsonLog final : public ServerLog {
 public:
  /// `level`: debug, info, warn, error. An empty file name means standard error.
  static Result<std::unique_ptr<JsonLog>> open(const std::string& level, const std::string& file, const Clock& clock);
  ~JsonLog() override;
  void write(Level level, std::string_view event, const json::object& fields) override;
  Result<void> reopen();

 private:
  struct Impl;
  explicit JsonLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::app
