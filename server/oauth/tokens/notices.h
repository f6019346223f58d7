#pragma once
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "logs/event.h"
#include "model/clients/client.h"
#include "model/resource_servers/resource_server.h"

namespace gatehouse::oauth {

/// Says once per API and day that tokens leave without the `permissions` claim although the user has permissions there: RBAC
/// or its token dialect is off. Event type `w`.
class MissingPermissionsNotice {
 public:
  MissingPermissionsNotice(logs::EventLog& log, const Clock& clock) : log_(log), clock_(clock) {}
  /// Whether such a token lacks something: only then an event is worth preparing.
  static bool concerns(const model::ResourceServer& api, size_t permissions_of_user) {
    return !api.adds_permissions() && permissions_of_user > 0;
  }
  /// `event` is a prefilled one; called for each such token.
  void token_issued(logs::Event event, const model::ResourceServer& api, size_t permissions_of_user);

 private:
  logs::EventLog& log_;
  const Clock& clock_;
  std::mutex mutex_;
  int64_t day_ = 0;
  std::set<std::string> named_;  ///< tenant and API, of this day
};

/// Notices clients that fetch a machine token on every call instead of keeping it until it expires: kTokens tokens for one
/// audience within kWindow. Says so once an hour and client, with the rate and the lifetime that is wasted. Event type `w`.
/// Bounded memory; each node counts for itself.
class MachineTokenWatch {
 public:
  static constexpr int kTokens = 20;
  static constexpr seconds kWindow{60};
  static constexpr seconds kQuiet{3600};
  static constexpr size_t kMaxClients = 10'000;

  MachineTokenWatch(logs::EventLog& log, const Clock& clock) : log_(log), clock_(clock) {}
  void token_issued(const http::Request& request, const model::Client& client, std::string_view audience, seconds lifetime);

 private:
  struct Count {
    Timestamp since{};
    int tokens = 0;
    Timestamp quiet_until{};
  };
  logs::EventLog& log_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Count> counts_;
};

}  // namespace gatehouse::oauth
