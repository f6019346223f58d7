#pragma once
#include "crypto/random.h"
#include "messaging/messenger.h"
#include "mfa/factor.h"
#include "model/one_time_codes/one_time_code_store.h"
#include "model/rate_buckets/rate_bucket_store.h"

namespace gatehouse::mfa {

/// What factors share that send six digits: text messages, calls, mails. A code works for five minutes, once, in the login it was sent for;
/// the newest alone.
class SentCode : public Factor {
 public:
  static constexpr seconds kLifetime{300};
  /// Messages because of one user, whatever numbers and addresses they go to: ten at once, then one an hour (Auth0's figures). Those to one
  /// recipient are counted besides.
  static constexpr model::BucketSize kMessagesOfUser{10, std::chrono::hours(1)};

  SentCode(messaging::Messenger& messenger, crypto::Random& random) : messenger_(messenger), random_(random) {}
  Result<Outgoing> prepare_challenge(const Person&, const model::AuthenticationMethod&, bool voice, Challenge&) const override;
  Result<void> send(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&, bool enrolling, Challenge&,
                    Timestamp) const override;
  Result<Evidence> examine(const Person&, const model::AuthenticationMethod&, const Answer&, Timestamp) const override;
  Result<Outcome> settle(storage::Transaction&, const Person&, model::AuthenticationMethod&, const Evidence&, const Answer&,
                         Timestamp) const override;

 protected:
  /// Where to, for counting.
  [[nodiscard]] virtual std::string recipient(const model::AuthenticationMethod&) const = 0;
  virtual Result<void> queue(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&,
                             bool enrolling) const = 0;
  messaging::Messenger& messenger_;

 private:
  crypto::Random& random_;
  model::OneTimeCodeStore codes_;
  model::RateBucketStore buckets_;
};

}  // namespace gatehouse::mfa
