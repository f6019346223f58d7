#pragma once
#include <string>
#include <string_view>

#include "storage/database.h"

namespace gatehouse::model {

/// A token bucket: `size` tokens, one more every `refill`.
struct BucketSize {
  int64_t size = 1;
  microseconds refill{1};
};

/// Token buckets by (kind, subject), shared by all nodes. All state is the moment at which a bucket is full again.
class RateBucketStore {
 public:
  /// Takes a token; false when there is none. One statement: of many callers no more than there are tokens succeed.
  Result<bool> take(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                    const BucketSize& bucket, Timestamp now) const;
  /// Puts a token back (an attempt that turned out not to count).
  Result<void> give_back(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                         const BucketSize& bucket) const;
  /// How many tokens are missing from the bucket now.
  [[nodiscard]] Result<int64_t> missing(storage::Reader& reader, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                        const BucketSize& bucket, Timestamp now) const;
  /// Fills the bucket. Whether anything was missing.
  Result<bool> fill(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject, Timestamp now) const;
  /// Forgets buckets that are full. Returns how many it looked at: as many as `limit` when there may be more.
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
