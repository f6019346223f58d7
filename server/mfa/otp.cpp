#include "mfa/otp.h"

#include <liboath/oath.h>

#include "crypto/crypto.h"
#include "http/request.h"
#include "mfa/qr.h"

namespace gatehouse::mfa {
namespace {

constexpr size_t kSecretBytes = 20;  // RFC 4226 §4: 160 bits
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The digits that were typed; blanks, with which authenticators group them, do not matter.
std::string digits_of(std::string_view typed) {
  std::string digits;
  for (const char c : typed.substr(0, 64))
    if (c != ' ') digits += c;
  return digits;
}

void show(const Person& person, std::string_view secret, Enrolment& enrolment) {
  std::string text = Otp::base32(secret);
  const std::string issuer = http::percent_encode(person.tenant.friendly_name());
  enrolment.otpauth_uri = "otpauth://totp/" + issuer + ":" + http::percent_encode(person.user.known_as()) + "?secret=" + text +
                          "&issuer=" + issuer + "&algorithm=SHA1&digits=" + std::to_string(Otp::kDigits) +
                          "&period=" + std::to_string(Otp::kStep);
  enrolment.qr_svg = qr_svg(enrolment.otpauth_uri);
  enrolment.secret = SecretString(std::move(text));
}

}  // namespace

std::string Otp::code(std::string_view secret, int64_t step) {
  char out[kDigits + 1] = {};
  if (step < 0 ||
      oath_totp_generate(secret.data(), secret.size(), step * kStep, kStep, OATH_TOTP_DEFAULT_START_TIME, kDigits, out) != OATH_OK)
    return {};
  std::string code(out, kDigits);
  crypto::wipe(out, sizeof out);
  return code;
}

std::string Otp::base32(std::string_view bytes) {
  std::string text;
  unsigned bits = 0, held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 5; held -= 5) text += kBase32[bits >> (held - 5) & 31];
    bits &= (1u << held) - 1;
  }
  if (held) text += kBase32[bits << (5 - held) & 31];
  return text;
}

std::optional<std::string> Otp::from_base32(std::string_view text) {
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (char c : text) {
    if (c == ' ' || c == '-' || c == '=') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const size_t value = kBase32.find(c);
    if (value == kBase32.npos) return std::nullopt;
    bits = bits << 5 | static_cast<unsigned>(value);
    if ((held += 5) >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 255);
    }
    bits &= (1u << held) - 1;
  }
  return bytes;
}

Result<void> Otp::prepare(const Person& person, const EnrolmentRequest& request, Enrolment& enrolment, Timestamp) const {
  std::string secret = random_.bytes(kSecretBytes);
  model::AuthenticationMethod& method = enrolment.method;
  method.name = request.name;
  method.secret = sealer_.seal(secret, model::AuthenticationMethodStore::secret_context(method.tenant, method.id));
  show(person, secret, enrolment);
  crypto::wipe(secret.data(), secret.size());
  return {};
}

Result<void> Otp::show_again(const Person& person, Enrolment& enrolment) const {
  const model::AuthenticationMethod& method = enrolment.method;
  TRY(const SecretString secret,
      sealer_.open(method.secret.value_or(""), model::AuthenticationMethodStore::secret_context(method.tenant, method.id)));
  show(person, secret.reveal(), enrolment);
  return {};
}

Result<Evidence> Otp::examine(const Person&, const model::AuthenticationMethod& method, const Answer& answer, Timestamp now) const {
  Evidence evidence;
  if (!method.secret) return evidence;
  TRY(const SecretString secret, sealer_.open(*method.secret, model::AuthenticationMethodStore::secret_context(method.tenant, method.id)));
  const std::string typed = digits_of(answer.code);
  // The latest step that fits: a code may, once in a million, be that of two neighbours.
  for (int64_t step = step_of(now) - 1; step <= step_of(now) + 1; ++step) {
    const std::string expected = code(secret.reveal(), step);
    if (expected.empty() || !crypto::constant_time_equal(expected, typed)) continue;
    evidence.fits = true;
    evidence.counter = step;
  }
  return evidence;
}

Result<Outcome> Otp::settle(storage::Transaction& tx, const Person&, model::AuthenticationMethod& method, const Evidence& evidence,
                            const Answer&, Timestamp now) const {
  if (!evidence.fits) return Outcome::wrong;
  TRY(const bool unused, model::AuthenticationMethodStore().advance(tx, method.tenant, method.id, evidence.counter, now));
  return unused ? Outcome::right : Outcome::wrong;
}

}  // namespace gatehouse::mfa
