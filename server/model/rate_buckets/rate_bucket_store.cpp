#include "model/rate_buckets/rate_bucket_store.h"

namespace gatehouse::model {
namespace {

// A bucket that would be full only long after an empty one was: the clock has been set back since. It counts as full, or whoever was
// here before would be refused until the old time comes round. The hour is far more than the clocks of two nodes differ by.
constexpr std::chrono::hours kClockWasSetBack{1};

// $4 now, $5 one token's time, $6 now plus that, $7 the latest full_at that leaves room for one more token, $8 one that cannot be.
constexpr std::string_view kTake =
    "INSERT INTO rate_buckets (tenant, kind, subject, full_at) VALUES ($1, $2, $3, $6) "
    "ON CONFLICT (tenant, kind, subject) DO UPDATE SET full_at = CASE WHEN rate_buckets.full_at > $4 AND rate_buckets.full_at <= $8 THEN "
    "rate_buckets.full_at + $5 ELSE $6 END "
    "WHERE rate_buckets.full_at <= $7 OR rate_buckets.full_at > $8";
constexpr std::string_view kGiveBack = "UPDATE rate_buckets SET full_at = full_at - $4 WHERE tenant = $1 AND kind = $2 AND subject = $3";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM rate_buckets WHERE (tenant, kind, subject) IN (SELECT tenant, kind, subject FROM rate_buckets WHERE full_at <= $1 ORDER "
    "BY full_at LIMIT $2)";

}  // namespace

Result<bool> RateBucketStore::take(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                   const BucketSize& bucket, Timestamp now) const {
  const Timestamp room = now + bucket.refill * (bucket.size - 1);
  const Timestamp impossible = now + bucket.refill * bucket.size + kClockWasSetBack;
  TRY(const int64_t changed, tx.execute(kTake, tenant, kind, subject, now, bucket.refill.count(), now + bucket.refill, room, impossible));
  return changed == 1;
}

Result<void> RateBucketStore::give_back(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view subject,
                                        const BucketSize& bucket) const {
  TRY_VOID(tx.execute(kGiveBack, tenant, kind, subject, bucket.refill.count()));
  return {};
}

Result<int64_t> RateBucketStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
