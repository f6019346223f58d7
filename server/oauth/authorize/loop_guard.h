#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "http/request.h"

namespace gatehouse::oauth {

/// Stops an application that sends its user back to /authorize as soon as it got an answer. Counted for one client in one session:
/// - navigations of a browser (Sec-Fetch-Mode says so), whatever became of their codes: an application that loses its own cookie redeems
///   every one. The limit is low, since browsers give up after 20 redirects and a round takes up to four;
/// - for anything else the codes that nobody redeemed: a script that fetches and uses many is not a loop.
/// Bounded memory; each node counts for itself.
class LoopGuard {
 public:
  struct Limit {
    int answers;
    seconds window;
  };
  static constexpr Limit kNavigations{4, seconds(5)};
  static constexpr Limit kUnredeemed{20, seconds(30)};
  static constexpr size_t kMaxSessions = 20'000;

  explicit LoopGuard(const Clock& clock) : clock_(clock) {}
  /// Counts one answer; false when this one should be a page that explains instead.
  bool may_answer(const http::Request& request, const ClientId& client, const SessionId& session);
  /// A code of this client and session was redeemed.
  void redeemed(const TenantId& tenant, const ClientId& client, const SessionId& session);

 private:
  struct Count {
    Timestamp since{};
    int answers = 0;
  };
  using Counts = std::unordered_map<std::string, Count>;
  bool count(Counts& counts, const std::string& key, Limit limit) const;
  const Clock& clock_;
  std::mutex mutex_;
  Counts navigations_;
  Counts unredeemed_;
};

}  // namespace gatehouse::oauth
