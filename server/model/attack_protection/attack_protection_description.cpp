#include "model/attack_protection/attack_protection_description.h"

namespace gatehouse::model {
using namespace description;
namespace {

Property allowlist() {
  return array(string().format(Format::ip_or_cidr)).items(0, 100).about("Addresses and CIDR networks that are never counted.");
}

const Property& brute_force_body() {
  static const Property body = object()
    .field("enabled", boolean())
    .field("shields", array(one_of({"block", "user_notification"})))
    .field("allowlist", allowlist())
    .field("mode", one_of({"count_per_identifier_and_ip", "count_per_identifier"}))
    .field("max_attempts", integer().range(1, 100));
  return body;
}

json::object brute_force_defaults() {
  return {{"enabled", true},
          {"shields", {"block", "user_notification"}},
          {"mode", "count_per_identifier_and_ip"},
          {"allowlist", json::array{}},
          {"max_attempts", 10}};
}

const Property& throttling_body() {
  const auto stage = [] { return object().field("max_attempts", integer().at_least(0)).field("rate", integer().at_least(0)).merged(); };
  static const Property body = object()
    .field("enabled", boolean())
    .field("shields", array(one_of({"block", "admin_notification"})))
    .field("allowlist", allowlist())
    .field("stage", object()
      .field("pre-login", stage())
      .field("pre-user-registration", stage())
      .field("pre-custom-token-exchange", stage().not_enforced())
      .merged());
  return body;
}

json::object throttling_defaults() {
  const auto stage = [](int attempts, int rate) { return json::object{{"max_attempts", attempts}, {"rate", rate}}; };
  return {{"enabled", true},
          {"shields", {"admin_notification", "block"}},
          {"allowlist", json::array{}},
          {"stage",
           {{"pre-login", stage(100, 864'000)}, {"pre-user-registration", stage(50, 1'200)}, {"pre-custom-token-exchange", stage(10, 600'000)}}}};
}

const Property& breached_password_body() {
  const auto stage = [] { return object().field("shields", array(one_of({"block", "admin_notification"})).unique()).merged(); };
  static const Property body = object()
    .field("enabled", boolean())
    .field("shields", array(one_of({"block", "user_notification", "admin_notification"})).unique())
    .field("admin_notification_frequency", array(one_of({"immediately", "daily", "weekly", "monthly"})).unique().not_enforced())
    .field("method", one_of({"standard", "enhanced"}).about("Both look into the operator's file."))
    .field("stage", object().field("pre-user-registration", stage()).field("pre-change-password", stage()).merged());
  return body;
}

json::object breached_password_defaults() {
  const json::object stage{{"shields", json::array{}}};
  return {{"enabled", false},
          {"shields", json::array{}},
          {"admin_notification_frequency", json::array{}},
          {"method", "standard"},
          {"stage", {{"pre-user-registration", stage}, {"pre-change-password", stage}}}};
}

const Property& bot_detection_body() {
  const auto policy = [] { return one_of({"never", "when_risky", "always"}); };
  static const Property body = object()
    .field("bot_detection_level", one_of({"low", "medium", "high"}))
    .field("challenge_password_policy", policy())
    .field("challenge_passwordless_policy", policy())
    .field("challenge_password_reset_policy", policy())
    .field("allowlist", allowlist())
    .field("monitoring_mode_enabled", boolean());
  return body;
}

json::object bot_detection_defaults() {
  return {{"challenge_password_policy", "never"},
          {"challenge_passwordless_policy", "never"},
          {"challenge_password_reset_policy", "never"},
          {"allowlist", json::array{}},
          {"bot_detection_level", "medium"},
          {"monitoring_mode_enabled", false}};
}

Property key() { return string().length(1, 200); }

json::object captcha_defaults() {
  const json::object keyed{{"site_key", ""}};
  return {{"active_provider_id", "auth_challenge"},
          {"simple_captcha", json::object{}},
          {"auth_challenge", {{"fail_open", false}}},
          {"recaptcha_v2", keyed},
          {"recaptcha_enterprise", {{"site_key", ""}, {"project_id", ""}}},
          {"hcaptcha", keyed},
          {"friendly_captcha", keyed},
          {"arkose", {{"site_key", ""}, {"client_subdomain", "client-api"}, {"verify_subdomain", "verify-api"}, {"fail_open", false}}}};
}

}  // namespace

const Property& captcha_body() {
  // `verify_url` is ours: where the answer is checked, for a proxy, a compatible service or a test.
  const auto keyed = [] {
    return object()
      .field("site_key", key().required())
      .field("secret", key().secret().required())
      .field("verify_url", string().max(2048).format(Format::uri));
  };
  static const Property body = object()
    .field("active_provider_id", one_of({"arkose", "auth_challenge", "friendly_captcha", "hcaptcha", "recaptcha_v2", "recaptcha_enterprise", "simple_captcha"}))
    .field("simple_captcha", object())
    .field("auth_challenge", object().field("fail_open", boolean().required().not_enforced()).merged())
    .field("recaptcha_v2", keyed().merged())
    .field("recaptcha_enterprise", object()
      .field("site_key", key().required())
      .field("api_key", key().secret().required())
      .field("project_id", key().required())
      .field("verify_url", string().max(2048).format(Format::uri))
      .merged())
    .field("hcaptcha", keyed().merged())
    .field("friendly_captcha", keyed().merged())
    .field("arkose", object()
      .field("site_key", key().required())
      .field("secret", key().secret().required())
      .field("client_subdomain", key())
      .field("verify_subdomain", key())
      .field("fail_open", boolean())
      .merged().not_enforced());
  return body;
}

const std::vector<AttackProtectionDescription>& attack_protection_descriptions() {
  static const std::vector<AttackProtectionDescription> all{
    {"/attack-protection/brute-force-protection", kBruteForceDocument, "brute-force protection", brute_force_body, brute_force_defaults},
    {"/attack-protection/suspicious-ip-throttling", kThrottlingDocument, "suspicious IP throttling", throttling_body, throttling_defaults},
    {"/attack-protection/breached-password-detection", kBreachedPasswordDocument, "breached password detection", breached_password_body, breached_password_defaults},
    {"/attack-protection/bot-detection", kBotDetectionDocument, "bot detection", bot_detection_body, bot_detection_defaults},
    {"/attack-protection/captcha", kCaptchaDocument, "captcha", captcha_body, captcha_defaults}};
  return all;
}

json::object over_defaults(json::object defaults, const json::object& stored) {
  for (const auto& [key, value] : stored) {
    json::value& under = defaults[key];
    if (under.is_object() && value.is_object())
      under = over_defaults(std::move(under.get_object()), value.get_object());
    else
      under = value;
  }
  return defaults;
}

}  // namespace gatehouse::model
