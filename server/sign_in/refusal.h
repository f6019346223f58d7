#pragma once
#include <optional>
#include <string_view>

#include "attack_protection/attack_protection.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {

/// Why an attempt is refused before anything is looked at, whatever the factor: the tenant's event, the error, and Auth0's sentence.
struct Refusal {
  std::string_view event;
  SignInErrc code;
  std::string_view message;
  std::string_view description;  ///< of the event
  bool same_user_limit = false;
};

/// Nullopt: the attempt may go on. `blocked`: the sentence for somebody with too many failures, who may have been sent a mail about it.
std::optional<Refusal> refusal_of(attack_protection::AttackProtection::Verdict verdict, std::string_view blocked);

}  // namespace gatehouse::sign_in
