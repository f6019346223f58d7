#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"

namespace gatehouse::oauth {

/// Stops an application that sends its user back to /authorize as soon as it got an answer: more than kAnswers finished authorizations of
/// one client in one session within kWindow. Bounded memory; each node counts for itself.
class LoopGuard {
 public:
  static constexpr int kAnswers = 10;
  static constexpr seconds kWindow{30};
  static constexpr size_t kMaxSessions = 20'000;
  explicit LoopGuard(const Clock& clock) : clock_(clock) {}
  /// Counts one answer; false when this one should be a page that explains instead.
  bool may_answer(const TenantId& tenant, const ClientId& client, const SessionId& session);

 private:
  struct Count {
    Timestamp since{};
    int answers = 0;
  };
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Count> counts_;
};

}  // namespace gatehouse::oauth
