#include "oauth/authorize/loop_guard.h"

namespace gatehouse::oauth {
namespace {

std::string key_of(const TenantId& tenant, const ClientId& client, const SessionId& session) {
  return tenant.str() + '\n' + client.str() + '\n' + session.str();
}

}  // namespace

bool LoopGuard::count(Counts& counts, const std::string& key, Limit limit) const {
  const Timestamp now = clock_.now();
  if (counts.size() >= kMaxSessions && !counts.contains(key)) counts.clear();
  Count& found = counts[key];
  if (now - found.since > limit.window || now < found.since) found = {now, 0};
  return ++found.answers <= limit.answers;
}

bool LoopGuard::may_answer(const http::Request& request, const ClientId& client, const SessionId& session) {
  const std::string key = key_of(request.tenant, client, session);
  const std::lock_guard lock(mutex_);
  const bool few_open = count(unredeemed_, key, kUnredeemed);
  if (request.header("sec-fetch-mode") == "navigate") return count(navigations_, key, kNavigations) && few_open;
  return few_open;
}

void LoopGuard::redeemed(const TenantId& tenant, const ClientId& client, const SessionId& session) {
  const std::lock_guard lock(mutex_);
  if (const auto found = unredeemed_.find(key_of(tenant, client, session)); found != unredeemed_.end() && found->second.answers > 0)
    --found->second.answers;
}

}  // namespace gatehouse::oauth
