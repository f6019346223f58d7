#include "mfa/sent_code.h"

#include "base/text.h"

namespace gatehouse::mfa {
namespace {

constexpr std::string_view kPurpose = "mfa", kBucket = "mfa_messages";

std::string subject(const Person& person, const model::AuthenticationMethod& method) { return method.id + " " + person.login; }

}  // namespace

Result<Factor::Outgoing> SentCode::prepare_challenge(const Person&, const model::AuthenticationMethod&, bool voice, Challenge&) const {
  return Outgoing{.code = model::OneTimeCodeStore::make_digits(random_), .voice = voice};
}

Result<void> SentCode::send(storage::Transaction& tx, const Person& person, const model::AuthenticationMethod& method,
                            const Outgoing& outgoing, bool enrolling, Challenge& challenge, Timestamp now) const {
  TRY(const bool allowed, buckets_.take(tx, person.tenant.id, kBucket, person.user.id.str(), kMessagesOfUser, now));
  challenge.sent_too_many = !allowed;
  if (!allowed) return {};
  TRY(const bool issued, codes_.issue(tx,
                                      {.tenant = person.tenant.id,
                                       .purpose = std::string(kPurpose),
                                       .subject = subject(person, method),
                                       .code = outgoing.code,
                                       .lifetime = kLifetime,
                                       .recipient = recipient(method)},
                                      now));
  challenge.sent_too_many = !issued;
  if (!issued) return {};
  return queue(tx, person, method, outgoing, enrolling);
}

Result<Evidence> SentCode::examine(const Person&, const model::AuthenticationMethod&, const Answer& answer, Timestamp) const {
  Evidence evidence;
  evidence.digest = std::string(trim(std::string_view(answer.code).substr(0, 64)));
  evidence.fits = !evidence.digest.empty();
  return evidence;
}

Result<Outcome> SentCode::settle(storage::Transaction& tx, const Person& person, model::AuthenticationMethod& method,
                                 const Evidence& evidence, const Answer&, Timestamp now) const {
  using Judged = model::RedeemedCode::Outcome;
  if (!evidence.fits) return Outcome::wrong;
  TRY(const model::RedeemedCode redeemed, codes_.redeem(tx, person.tenant.id, kPurpose, subject(person, method), evidence.digest, now));
  switch (redeemed.outcome) {
    case Judged::right: {
      TRY_VOID(model::AuthenticationMethodStore().used(tx, method.tenant, method.id, now));
      return Outcome::right;
    }
    case Judged::expired:
      return Outcome::expired;
    case Judged::too_many:
      return Outcome::too_many;
    case Judged::wrong:
    case Judged::none:
      break;
  }
  return Outcome::wrong;
}

}  // namespace gatehouse::mfa
