#include "mfa/recovery_code.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::mfa {

std::string RecoveryCode::make(crypto::Random& random) {
  // 32 characters, none of which looks like another: five bits each.
  constexpr std::string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string code;
  for (const char c : random.bytes(24)) code += kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
  return code;
}

std::string RecoveryCode::digest(std::string_view code) {
  std::string plain;
  for (const char c : code.substr(0, 256))
    if (c != ' ' && c != '-') plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return hex_encode(crypto::sha256(plain));
}

Result<void> RecoveryCode::prepare(const Person&, const EnrolmentRequest&, Enrolment& enrolment, Timestamp) const {
  std::string code = make(random_);
  enrolment.method.digest = digest(code);
  enrolment.recovery_code = SecretString(std::move(code));
  return {};
}

Result<Evidence> RecoveryCode::examine(const Person&, const model::AuthenticationMethod& method, const Answer& answer, Timestamp) const {
  Evidence evidence;
  evidence.digest = digest(answer.code);
  evidence.fits = method.digest && crypto::constant_time_equal(*method.digest, evidence.digest);
  if (evidence.fits) evidence.successor = make(random_);
  return evidence;
}

Result<Outcome> RecoveryCode::settle(storage::Transaction& tx, const Person&, model::AuthenticationMethod& method, const Evidence& evidence,
                                     const Answer&, Timestamp now) const {
  if (!evidence.fits) return Outcome::wrong;
  TRY(const bool first,
      model::AuthenticationMethodStore().replace_digest(tx, method.tenant, method.id, evidence.digest, digest(evidence.successor), now));
  return first ? Outcome::right : Outcome::wrong;
}

}  // namespace gatehouse::mfa
