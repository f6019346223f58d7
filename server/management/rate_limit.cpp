#include "management/rate_limit.h"

#include <algorithm>

namespace gatehouse::management {

namespace {

constexpr int64_t kWhole = 1'000'000;  // a request, in the bucket's unit

}  // namespace

RateLimit::Bucket& RateLimit::fill(const TenantId& tenant, Timestamp now) {
  const int64_t full = settings_.burst * kWhole;
  Bucket& bucket = buckets_[tenant];
  if (bucket.fresh) {
    bucket = {full, now, false};
  } else {
    // set back, the clock gives nothing, but must not keep the bucket empty until the old time comes round
    const int64_t elapsed = std::clamp<int64_t>((now - bucket.filled).count(), 0, 3'600'000'000);
    bucket.millionths = std::min(full, bucket.millionths + elapsed * settings_.per_second);
    bucket.filled = now;
  }
  return bucket;
}

RateLimit::Answer RateLimit::take(const TenantId& tenant, Timestamp now) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = fill(tenant, now);
  const bool allowed = bucket.millionths >= kWhole;
  if (allowed) bucket.millionths -= kWhole;
  return {allowed, settings_.burst, bucket.millionths / kWhole, to_unix_seconds(now) + 1};
}

RateLimit::Answer RateLimit::look(const TenantId& tenant, Timestamp now) {
  const std::lock_guard lock(mutex_);
  return {true, settings_.burst, fill(tenant, now).millionths / kWhole, to_unix_seconds(now) + 1};
}

}  // namespace gatehouse::management
