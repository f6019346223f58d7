#include "management/rate_limit.h"

#include <algorithm>

namespace gatehouse::management {

RateLimit::Answer RateLimit::take(const TenantId& tenant, Timestamp now) {
  constexpr int64_t whole = 1'000'000;
  const int64_t full = settings_.burst * whole;
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_[tenant];
  if (bucket.fresh) {
    bucket = {full, now, false};
  } else {
    // set back, the clock gives nothing, but must not keep the bucket empty until the old time comes round
    const int64_t elapsed = std::clamp<int64_t>((now - bucket.filled).count(), 0, 3'600'000'000);
    bucket.millionths = std::min(full, bucket.millionths + elapsed * settings_.per_second);
    bucket.filled = now;
  }
  const bool allowed = bucket.millionths >= whole;
  if (allowed) bucket.millionths -= whole;
  return {allowed, settings_.burst, bucket.millionths / whole, to_unix_seconds(now) + 1};
}

}  // namespace gatehouse::management
