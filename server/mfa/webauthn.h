#pragma once
#include "crypto/random.h"
#include "mfa/factor.h"
#include "model/webauthn_challenges/webauthn_challenge_store.h"
#include "webauthn/options.h"

namespace gatehouse::mfa {

/// What security keys and device biometrics have in common: an authenticator signs a challenge of ours (server/webauthn). Options for the
/// browser come from Mfa::challenge(), for an enrolment too: each time a new challenge, good once, for five minutes, in this login, for this
/// user. Any of the user's authenticators of the type may answer: judge with Mfa::verify_any().
class WebAuthn : public Factor {
 public:
  WebAuthn(const model::TenantStore& tenants, crypto::Random& random) : tenants_(tenants), random_(random) {}
  [[nodiscard]] std::vector<std::string_view> amr() const override { return {"hwk"}; }
  Result<void> prepare(const Person&, const EnrolmentRequest&, Enrolment&, Timestamp) const override;
  Result<Outgoing> prepare_challenge(const Person&, const model::AuthenticationMethod&, bool voice, Challenge&) const override;
  Result<void> send(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&, bool enrolling, Challenge&,
                    Timestamp) const override;
  Result<Evidence> examine(const Person&, const model::AuthenticationMethod&, const Answer&, Timestamp) const override;
  Result<Outcome> settle(storage::Transaction&, const Person&, model::AuthenticationMethod&, const Evidence&, const Answer&,
                         Timestamp) const override;

 protected:
  /// The tenant's document with userVerification and the relying party's id.
  [[nodiscard]] virtual std::string_view document() const = 0;
  [[nodiscard]] virtual std::string_view attachment() const = 0;
  [[nodiscard]] virtual webauthn::UserVerification default_verification() const = 0;

 private:
  struct Policy {
    webauthn::RelyingParty party;
    webauthn::UserVerification verification;
  };
  /// Reads cached settings: outside units of work. Errors: invalid_argument where the tenant's address can have no credentials.
  [[nodiscard]] Result<Policy> policy(const model::Tenant& tenant) const;
  [[nodiscard]] std::string subject(const Person& person) const;
  const model::TenantStore& tenants_;
  crypto::Random& random_;
  model::AuthenticationMethodStore methods_;
  model::WebAuthnChallengeStore challenges_;
};

}  // namespace gatehouse::mfa
