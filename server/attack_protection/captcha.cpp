#include "attack_protection/captcha.h"

#include <bit>

#include "attack_protection/captcha_picture.h"
#include "attack_protection/captcha_providers.h"
#include "base/encoding.h"
#include "crypto/crypto.h"
#include "model/attack_protection/attack_protection_description.h"
#include "model/resealing.h"

namespace gatehouse::attack_protection {
namespace {

constexpr std::string_view kAnswer = "captcha", kToken = "captcha_token", kWork = "captcha_work";
constexpr std::chrono::minutes kLifetime{10};
constexpr size_t kDigits = 5, kMaxAnswer = 8'192;

std::string context(const TenantId& tenant, std::string_view binding) {
  return "captcha/" + tenant.str() + "/" + hex_encode(crypto::sha256(binding));
}

std::string provider_of(const json::object& document) {
  return std::string(get_string(document, "active_provider_id").value_or("auth_challenge"));
}

/// The service the tenant chose and has keys of; null: one of ours.
const CaptchaProvider* service_of(const json::object& document, const json::object*& settings) {
  const CaptchaProvider* provider = find_captcha_provider(provider_of(document));
  settings = provider ? get_object(document, provider->id) : nullptr;
  return settings && settings->contains(provider->secret) ? provider : nullptr;
}

}  // namespace

bool work_is_done(std::string_view seed, std::string_view counter, int bits) {
  if (counter.empty() || counter.size() > 20 || counter.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const std::string digest = crypto::sha256(std::string(seed) + ":" + std::string(counter));
  int zeros = 0;
  for (const char byte : digest) {
    const int leading = std::countl_zero(uint8_t(byte));
    zeros += leading;
    if (leading < 8) break;
  }
  return zeros >= bits;
}

bool Captcha::needs_a_service(std::string_view form) {
  for (const CaptchaProvider& provider : captcha_providers())
    if (form.find(std::string(provider.field) + "=") != std::string_view::npos) return true;
  return false;
}

Result<json::object> Captcha::challenge(const TenantId& tenant, std::string_view binding) const {
  TRY(const auto document, parts_.tenants.cached_document(tenant, model::kCaptchaDocument));
  const json::object* settings = nullptr;
  if (const CaptchaProvider* service = service_of(*document, settings))
    return json::object{{"kind", "service"},
                        {"script", service->script},
                        {"class", service->css_class},
                        {"site_key", get_string(*settings, "site_key").value_or("")},
                        {"csp",
                         {{"script", service->scripts},
                          {"frame", service->frames},
                          {"style", service->styles},
                          {"connect", service->connects},
                          {"worker", service->workers}}}};

  std::string digits;
  while (digits.size() < kDigits)
    for (const char byte : parts_.random.bytes(kDigits))
      if (uint8_t(byte) < 250 && digits.size() < kDigits) digits += char('0' + uint8_t(byte) % 10);
  const std::string seed = parts_.random.base64url(16);
  const json::object secret{{"digits", digits}, {"seed", seed}, {"until", to_unix_seconds(parts_.clock.now() + kLifetime)}};
  json::array spelt;
  for (const char digit : digits) spelt.push_back(digit - '0');
  json::object shown{{"kind", "own"},
                     {"token", parts_.sealer.seal(json::serialize(secret), context(tenant, binding))},
                     {"path", draw_digits(digits, parts_.random)},
                     {"width", kPictureWidth},
                     {"height", kPictureHeight},
                     {"digits", std::move(spelt)}};
  if (provider_of(*document) != "simple_captcha") shown["work"] = json::object{{"seed", seed}, {"bits", kWorkBits}};
  return shown;
}

Result<Captcha::Outcome> Captcha::check(const TenantId& tenant, std::string_view binding, const http::Parameters& form,
                                        std::string_view ip) const {
  TRY(const auto document, parts_.tenants.cached_document(tenant, model::kCaptchaDocument));
  const json::object* settings = nullptr;
  const CaptchaProvider* service = service_of(*document, settings);
  if (!service) return check_own(tenant, binding, form, provider_of(*document) != "simple_captcha");

  const std::string_view answer = form.get(service->field).value_or("");
  if (answer.empty()) return Outcome::missing;
  if (answer.size() > kMaxAnswer) return Outcome::wrong;
  const std::string where = std::string(service->id) + "." + std::string(service->secret);
  TRY(const SecretString secret,
      parts_.sealer.open(get_string(*settings, service->secret).value_or(""),
                         model::sealed_context("tenant_documents", where, tenant.str() + "/" + std::string(model::kCaptchaDocument))));
  const std::string_view url = get_string(*settings, "verify_url").value_or(service->verify_url);
  const Result<http::OutboundResponse> verdict = parts_.outbound.send(service->ask(url, *settings, secret.reveal(), answer, ip));
  if (!verdict || verdict->status < 200 || verdict->status >= 300) return Outcome::unreachable;
  const Result<json::value> parsed = parse_json(verdict->body);
  if (!parsed || !parsed->is_object()) return Outcome::unreachable;
  return service->accepts(parsed->get_object()) ? Outcome::passed : Outcome::wrong;
}

Result<Captcha::Outcome> Captcha::check_own(const TenantId& tenant, std::string_view binding, const http::Parameters& form,
                                            bool work_counts) const {
  const std::string_view token = form.get(kToken).value_or(""), typed = form.get(kAnswer).value_or(""), work = form.get(kWork).value_or("");
  if (token.empty() || (typed.empty() && work.empty())) return Outcome::missing;
  if (token.size() > 1'024) return Outcome::wrong;
  const Result<SecretString> opened = parts_.sealer.open(token, context(tenant, binding));
  if (!opened) return Outcome::wrong;
  TRY(const json::value parsed, parse_json(opened->reveal()));
  const json::object& secret = parsed.as_object();
  const Timestamp until = from_micros(get_int(secret, "until").value_or(0) * 1'000'000);
  if (until <= parts_.clock.now()) return Outcome::wrong;

  // Digits of other scripts come from keyboards of their languages; blanks from hands.
  std::string digits;
  for (size_t i = 0; i < typed.size(); ++i) {
    const auto byte = uint8_t(typed[i]), next = i + 1 < typed.size() ? uint8_t(typed[i + 1]) : uint8_t{0};
    if (byte >= '0' && byte <= '9') {
      digits += char(byte);
    } else if ((byte == 0xd9 && next >= 0xa0 && next <= 0xa9) || (byte == 0xdb && next >= 0xb0 && next <= 0xb9)) {
      digits += char('0' + (next & 0x0f));
      ++i;
    } else if (byte != ' ' && byte != '-') {
      return Outcome::wrong;
    }
  }
  const bool right = crypto::constant_time_equal(digits, get_string(secret, "digits").value_or("-")) ||
                     (work_counts && work_is_done(get_string(secret, "seed").value_or(""), work, kWorkBits));
  // Right or wrong, it is used up: guessing costs a new challenge each time.
  TRY(const bool first, parts_.db.write_unsynced([&](storage::Transaction& tx) {
    return used_.use(tx, tenant, ClientId("captcha"), hex_encode(crypto::sha256(token)), until);
  }));
  return right && first ? Outcome::passed : Outcome::wrong;
}

}  // namespace gatehouse::attack_protection
