#pragma once
#include <memory>

#include "base/result.h"
#include "config/settings.h"
#include "http/router.h"

namespace gatehouse::app {

/// The composition root: builds each object once, in dependency order, and passes references. It does no work of its own.
class App {
 public:
  /// Opens what is on disk (data folder, keys, database, tenant); makes a tenant on an empty database. Does not listen yet.
  /// Errors say what an operator can do about them.
  static Result<std::unique_ptr<App>> create(const config::Settings& settings);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  Result<void> start();             ///< listens; background jobs begin
  void stop();                      ///< finishes what is in flight (30 s at most)
  [[nodiscard]] bool busy() const;  ///< after stop(): a handler is still at work, and destroying this would wait for it
  void reload();                    ///< SIGHUP: certificates and log files anew
  [[nodiscard]] const http::Router& router() const;

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace gatehouse::app
