#include "attack_protection/captcha_providers.h"

#include "http/request.h"

namespace gatehouse::attack_protection {
namespace {

std::string text(const json::object& settings, std::string_view name) { return std::string(get_string(settings, name).value_or("")); }

/// The form that reCAPTCHA introduced and hCaptcha and Turnstile took over.
http::OutboundRequest ask_by_form(std::string_view url, const json::object& settings, std::string_view secret, std::string_view answer,
                                  std::string_view ip) {
  const auto pair = [](std::string_view name, std::string_view value) { return std::string(name) + "=" + http::percent_encode(value); };
  std::string body = pair("secret", secret) + "&" + pair("response", answer) + "&" + pair("remoteip", ip);
  body += "&" + pair("sitekey", text(settings, "site_key"));
  return {.method = "POST",
          .url = std::string(url),
          .headers = {{"content-type", "application/x-www-form-urlencoded"}},
          .body = std::move(body),
          .timeout = std::chrono::seconds(5)};
}

http::OutboundRequest ask_friendly_captcha(std::string_view url, const json::object& settings, std::string_view secret,
                                           std::string_view answer, std::string_view) {
  return {.method = "POST",
          .url = std::string(url),
          .headers = {{"content-type", "application/json"}},
          .body = json::serialize(json::object{{"solution", answer}, {"secret", secret}, {"sitekey", text(settings, "site_key")}}),
          .timeout = std::chrono::seconds(5)};
}

http::OutboundRequest ask_recaptcha_enterprise(std::string_view url, const json::object& settings, std::string_view secret,
                                               std::string_view answer, std::string_view ip) {
  const std::string address =
      std::string(url) + "/v1/projects/" + http::percent_encode(text(settings, "project_id")) + "/assessments?key=" + http::percent_encode(secret);
  const json::object event{{"token", answer}, {"siteKey", text(settings, "site_key")}, {"userIpAddress", ip}};
  return {.method = "POST",
          .url = address,
          .headers = {{"content-type", "application/json"}},
          .body = json::serialize(json::object{{"event", event}}),
          .timeout = std::chrono::seconds(5)};
}

bool success(const json::object& verdict) { return get_bool(verdict, "success").value_or(false); }

bool enterprise_accepts(const json::object& verdict) {
  const json::object* token = get_object(verdict, "tokenProperties");
  if (!token || !get_bool(*token, "valid").value_or(false)) return false;
  const json::object* risk = get_object(verdict, "riskAnalysis");
  const json::value* score = risk ? risk->if_contains("score") : nullptr;
  return !score || !score->is_number() || score->to_number<double>() >= 0.5;
}

constexpr CaptchaProvider kProviders[] = {
    {.id = "recaptcha_v2",
     .script = "https://www.google.com/recaptcha/api.js",
     .css_class = "g-recaptcha",
     .field = "g-recaptcha-response",
     .verify_url = "https://www.google.com/recaptcha/api/siteverify",
     .secret = "secret",
     .scripts = "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
     .frames = "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
     .styles = "",
     .connects = "https://www.google.com/recaptcha/",
     .workers = "",
     .ask = ask_by_form,
     .accepts = success},
    {.id = "recaptcha_enterprise",
     .script = "https://www.google.com/recaptcha/enterprise.js",
     .css_class = "g-recaptcha",
     .field = "g-recaptcha-response",
     .verify_url = "https://recaptchaenterprise.googleapis.com",
     .secret = "api_key",
     .scripts = "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
     .frames = "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
     .styles = "",
     .connects = "https://www.google.com/recaptcha/",
     .workers = "",
     .ask = ask_recaptcha_enterprise,
     .accepts = enterprise_accepts},
    {.id = "hcaptcha",
     .script = "https://js.hcaptcha.com/1/api.js",
     .css_class = "h-captcha",
     .field = "h-captcha-response",
     .verify_url = "https://api.hcaptcha.com/siteverify",
     .secret = "secret",
     .scripts = "https://hcaptcha.com https://*.hcaptcha.com",
     .frames = "https://hcaptcha.com https://*.hcaptcha.com",
     .styles = "https://hcaptcha.com https://*.hcaptcha.com",
     .connects = "https://hcaptcha.com https://*.hcaptcha.com",
     .workers = "",
     .ask = ask_by_form,
     .accepts = success},
    {.id = "friendly_captcha",
     .script = "https://cdn.jsdelivr.net/npm/friendly-challenge@0.9.18/widget.min.js",
     .css_class = "frc-captcha",
     .field = "frc-captcha-solution",
     .verify_url = "https://api.friendlycaptcha.com/api/v1/siteverify",
     .secret = "secret",
     .scripts = "https://cdn.jsdelivr.net/npm/friendly-challenge@0.9.18/ 'wasm-unsafe-eval'",
     .frames = "",
     .styles = "",
     .connects = "https://api.friendlycaptcha.com",
     .workers = "blob:",
     .ask = ask_friendly_captcha,
     .accepts = success},
};

}  // namespace

std::span<const CaptchaProvider> captcha_providers() { return kProviders; }

const CaptchaProvider* find_captcha_provider(std::string_view id) {
  for (const CaptchaProvider& provider : kProviders)
    if (provider.id == id) return &provider;
  return nullptr;
}

}  // namespace gatehouse::attack_protection
