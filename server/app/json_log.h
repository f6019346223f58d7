#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/server_log.h"

namespace gatehouse::app {

/// The server's log as JSON lines, to standard error or a file (opened anew by reopen(), after a rotation). No request waits for it:
/// lines are collected, and written by a thread of its own in large pieces, 50 ms after the first at the latest and at once after a
/// warning or an error. Standard error may be a pipe that nobody reads: once the room for waiting lines is full, lines are dropped and
/// counted.
class JsonLog final : public ServerLog {
 public:
  /// `level`: debug, info, warn, error. An empty file name means standard error.
  static Result<std::unique_ptr<JsonLog>> open(const std::string& level, const std::string& file, const Clock& clock);
  /// Writes to an open descriptor, which stays the caller's.
  static std::unique_ptr<JsonLog> to_descriptor(Level level, int descriptor, const Clock& clock);
  /// Writes what waits, as long as somebody reads it.
  ~JsonLog() override;
  void write(Level level, std::string_view event, const json::object& fields) override;
  void write_text(Level level, std::string_view event, std::string_view fields) override;
  Result<void> reopen();
  /// Waits until everything said so far is written; half a second at most.
  void flush();

 private:
  struct Impl;
  explicit JsonLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::app
