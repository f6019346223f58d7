#include "oauth/authorize/loop_guard.h"

namespace gatehouse::oauth {

bool LoopGuard::may_answer(const TenantId& tenant, const ClientId& client, const SessionId& session) {
  const Timestamp now = clock_.now();
  const std::string key = tenant.str() + '\n' + client.str() + '\n' + session.str();
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= kMaxSessions && !counts_.contains(key)) counts_.clear();
  Count& count = counts_[key];
  if (now - count.since > kWindow || now < count.since) count = {now, 0};
  return ++count.answers <= kAnswers;
}

}  // namespace gatehouse::oauth
