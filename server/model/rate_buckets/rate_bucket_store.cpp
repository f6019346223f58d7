#include "model/rate_buckets/rate_bucket_store.h"

namespace gatehouse::model {
namespace {

// A bucket that would be full only long after an empty one was: the clock has been set back since. It counts as full, or whoever was
// here before would be refused until the old time comes round. The hour is far more than the clocks of two nodes differ by.
constexpr std::chrono::hours kClockWasSetBack{1};

// $4 now, $5 one token's time, $6 now plus that, $7 the latest full_at that leaves room for one more token, $8 one that cannot be, $9 when
// even an empty bucket is full. `forget_at` stays as it was set: an index that changes with every token would be most of the work.
constexpr std::string_view kTake =
    "INSERT INTO rate_buckets (tenant, kind, subject, full_at, forget_at) VALUES ($1, $2, $3, $6, $9) "
    "ON CONFLICT (tenant, kind, subject) DO UPDATE SET full_at = CASE WHEN rate_buckets.full_at > $4 AND rate_buckets.full_at <= $8 THEN "
    "rate_buckets.full_at + $5 ELSE $6 END "
    "WHERE rate_buckets.full_at <= $7 OR rate_buckets.full_at > $8";
constexpr std::string_view kFullAt = "SELECT full_at FROM rate_buckets WHERE tenant = $1 AND kind = $2 AND subject = $3";
constexpr std::string_view kFill = "UPDATE rate_buckets SET full_at = $4 WHERE tenant = $1 AND kind = $2 AND subject = $3 AND full_at > $4";
constexpr std::string_view kGiveBack = "UPDATE rate_buckets SET full_at = full_at - $4 WHERE tenant = $1 AND kind = $2 AND subject = $3";
#define DUE_BUCKETS \
  "(tenant, kind, subject) IN (SELECT tenant, kind, subject FROM rate_buckets WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2)"
constexpr std::string_view kRemoveFull = "DELETE FROM rate_buckets WHERE full_at <= $1 AND " DUE_BUCKETS;
constexpr std::string_view kLookAgain = "UPDATE rate_buckets SET forget_at = $3 WHERE full_at > $1 AND " DUE_BUCKETS;
constexpr std::chrono::hours kUntilNextLook{1};

}  // namespace

Result<bool> RateBucketStore::take(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                   const BucketSize& bucket, Timestamp now) const {
  const Timestamp room = now + bucket.refill * (bucket.size - 1);
  const Timestamp impossible = now + bucket.refill * bucket.size + kClockWasSetBack;
  TRY(const int64_t changed, tx.execute(kTake, tenant, kind, subject, now, bucket.refill.count(), now + bucket.refill, room, impossible,
                                      now + bucket.refill * bucket.size));
  return changed == 1;
}

Result<int64_t> RateBucketStore::missing(storage::Reader& reader, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                         const BucketSize& bucket, Timestamp now) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFullAt, tenant, kind, subject));
  if (!row) return 0;
  const Timestamp full_at = row->time(0);
  if (full_at <= now || full_at > now + bucket.refill * bucket.size + kClockWasSetBack) return 0;
  return (full_at - now + bucket.refill - microseconds(1)) / bucket.refill;
}

Result<bool> RateBucketStore::fill(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                   Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kFill, tenant, kind, subject, now));
  return changed == 1;
}

Result<void> RateBucketStore::give_back(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                        const BucketSize& bucket) const {
  TRY_VOID(tx.execute(kGiveBack, tenant, kind, subject, bucket.refill.count()));
  return {};
}

Result<int64_t> RateBucketStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  TRY(const int64_t again, tx.execute(kLookAgain, now, limit, now + kUntilNextLook));
  TRY(const int64_t removed, tx.execute(kRemoveFull, now, limit));
  return again + removed;
}

}  // namespace gatehouse::model
