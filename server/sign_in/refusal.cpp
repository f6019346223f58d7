#include "sign_in/refusal.h"

namespace gatehouse::sign_in {

std::optional<Refusal> refusal_of(attack_protection::AttackProtection::Verdict verdict, std::string_view blocked) {
  using Verdict = attack_protection::AttackProtection::Verdict;
  // Auth0's sentences: applications show them.
  switch (verdict) {
    case Verdict::allowed:
      break;
    case Verdict::too_many_attempts:
      return Refusal{"limit_wc", SignInErrc::too_many_attempts, blocked, "Too many failed logins for this user from this address"};
    case Verdict::same_user_throttled:
      return Refusal{"limit_sul", SignInErrc::too_many_attempts,
                     "Too many logins for the same user from this address. Please try again in a minute.",
                     "Too many logins of the same user from this address", true};
    case Verdict::ip_throttled:
      return Refusal{"limit_mu", SignInErrc::ip_throttled,
                     "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.",
                     "Too many failed logins from this address"};
  }
  return std::nullopt;
}

}  // namespace gatehouse::sign_in
