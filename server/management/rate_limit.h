#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"

namespace gatehouse::management {

/// How many Management API requests a tenant may make. Generous: it bounds a runaway script, not an administrator.
struct RateLimitSettings {
  int64_t burst = 1000;      ///< requests at once
  int64_t per_second = 500;  ///< refill
};

/// A token bucket per tenant and node.
class RateLimit {
 public:
  explicit RateLimit(RateLimitSettings settings) : settings_(settings) {}
  struct Answer {
    bool allowed;
    int64_t limit, remaining;
    int64_t reset;  ///< Unix seconds when a refused caller may try again
  };
  Answer take(const TenantId& tenant, Timestamp now);
  /// What is left, for an answer that costs nothing.
  Answer look(const TenantId& tenant, Timestamp now);

 private:
  struct Bucket {
    int64_t millionths = 0;  ///< of a request
    Timestamp filled{};
    bool fresh = true;
  };
  /// The bucket, filled up to now. With mutex_ held.
  Bucket& fill(const TenantId& tenant, Timestamp now);

  RateLimitSettings settings_;
  std::mutex mutex_;
  std::unordered_map<TenantId, Bucket> buckets_;  ///< guarded by mutex_
};

}  // namespace gatehouse::management
