#include "login/captcha.h"

namespace gatehouse::login {
namespace {

/// Whoever cannot be judged (storage is down) is not asked: the login itself will say so.
bool is_due(const Kit& kit, const LoginVisit& visit, AttackProtection::Guarded guarded, std::string_view identifier) {
  const std::string counted = identifier.empty() ? std::string() : connections::counted_identifier(std::nullopt, identifier);
  const auto wanted = kit.parts.protection.wants_captcha(visit.tenant->id, guarded, counted, visit.request->client_ip);
  return wanted && *wanted;
}

}  // namespace

void add_captcha(const Kit& kit, const LoginVisit& visit, AttackProtection::Guarded guarded, std::string_view identifier, Page& page) {
  if (!kit.parts.captcha || !is_due(kit, visit, guarded, identifier)) return;
  if (auto challenge = kit.parts.captcha->challenge(visit.tenant->id, visit.binding)) page.variables["captcha"] = std::move(*challenge);
}

std::string_view captcha_complaint(const Kit& kit, const LoginVisit& visit, AttackProtection::Guarded guarded, std::string_view identifier,
                                   const http::Parameters& form) {
  if (!kit.parts.captcha || !is_due(kit, visit, guarded, identifier)) return {};
  using Outcome = attack_protection::Captcha::Outcome;
  const auto outcome = kit.parts.captcha->check(visit.tenant->id, visit.binding, form, visit.request->client_ip);
  if (!outcome) return "captcha-validation-failure";
  switch (*outcome) {
    case Outcome::passed:
      return {};
    case Outcome::missing:
      return "no-captcha";
    case Outcome::wrong:
      return form.get("captcha_token") ? "invalid-captcha" : "invalid-recaptcha";
    case Outcome::unreachable:
      return "captcha-validation-failure";
  }
  return "captcha-validation-failure";
}

}  // namespace gatehouse::login
