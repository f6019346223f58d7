#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "crypto/random.h"
#include "model/rate_buckets/rate_bucket_store.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A code or link secret that somebody is about to be sent.
struct IssueCode {
  TenantId tenant;
  std::string purpose;    ///< "passwordless", "mfa", …: codes of one purpose are worth nothing for another
  std::string subject;    ///< whom it proves what: an address with client and connection, an authentication method, …
  std::string code;       ///< in clear; only its digest is kept
  seconds lifetime{180};
  json::object data{};      ///< comes back with the code; holds no secret
  std::string recipient{};  ///< what the number of messages is counted by (a phone number, a mail address); empty: by `subject`
};

/// What somebody typed, judged.
struct RedeemedCode {
  enum class Outcome {
    right,     ///< and used up
    wrong,     ///< counted; the code is still good
    expired,   ///< there was one
    too_many,  ///< the last wrong try, or one more: the code is void
    none,      ///< never issued, already used, replaced or forgotten
  };
  Outcome outcome = Outcome::none;
  json::object data{};  ///< of the code, when right
  [[nodiscard]] bool right() const { return outcome == Outcome::right; }
};

/// Codes that prove control of an address or a device for a few minutes. Of one purpose and subject the newest code alone is good, once; the
/// third wrong try voids it. The last few digits of entropy are protected by counting, not by the digest.
class OneTimeCodeStore {
 public:
  static constexpr int64_t kWrongTries = 3;
  /// Messages to one recipient: ten at once, then one every six minutes.
  static constexpr BucketSize kMessages{10, std::chrono::minutes(6)};

  static std::string make_digits(crypto::Random& random, size_t count = 6);  ///< unbiased decimal digits
  static std::string make_secret(crypto::Random& random);                    ///< 256 bits, base64url, for links

  /// Replaces the code before it. False when the recipient was sent too many: nothing was changed then, so nothing is to be sent.
  Result<bool> issue(storage::Transaction& tx, const IssueCode& code, Timestamp now) const;
  /// Judges a try and counts it in the same unit of work: the caller's unit must commit (return a value) for a wrong try too. Of many who try
  /// the right code at once, one gets `right`.
  Result<RedeemedCode> redeem(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose, std::string_view subject,
                              std::string_view code, Timestamp now) const;
  /// The data of a code that is still good; for pages that show what is being waited for.
  [[nodiscard]] Result<std::optional<json::object>> outstanding(storage::Reader& reader, const TenantId& tenant, std::string_view purpose,
                                                                std::string_view subject, Timestamp now) const;
  Result<void> discard(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose, std::string_view subject) const;
  /// Forgets codes an hour after they expired. Returns how many.
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;

 private:
  RateBucketStore buckets_;
};

}  // namespace gatehouse::model
