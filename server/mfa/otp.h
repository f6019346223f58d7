#pragma once
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "mfa/factor.h"

namespace gatehouse::mfa {

/// Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, one step early or late. Each step works once.
class Otp final : public Factor {
 public:
  static constexpr unsigned kDigits = 6;
  static constexpr unsigned kStep = 30;  ///< seconds

  Otp(const crypto::Sealer& sealer, crypto::Random& random) : sealer_(sealer), random_(random) {}
  [[nodiscard]] std::string_view name() const override { return "otp"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kTotp; }
  [[nodiscard]] std::vector<std::string_view> amr() const override { return {"otp"}; }
  Result<void> prepare(const Person&, const EnrolmentRequest&, Enrolment&, Timestamp) const override;
  Result<void> show_again(const Person&, Enrolment&) const override;
  Result<Evidence> examine(const Person&, const model::AuthenticationMethod&, const Answer&, Timestamp) const override;
  Result<Outcome> settle(storage::Transaction&, const Person&, model::AuthenticationMethod&, const Evidence&, const Answer&,
                         Timestamp) const override;

  /// The code of a secret (raw bytes) in a time step.
  static std::string code(std::string_view secret, int64_t step);
  static int64_t step_of(Timestamp now) { return to_unix_seconds(now) / kStep; }
  /// RFC 4648 §6 without padding, the form in which secrets are typed; nullopt when it is none. Blanks and case do not matter.
  static std::string base32(std::string_view bytes);
  static std::optional<std::string> from_base32(std::string_view text);

 private:
  const crypto::Sealer& sealer_;
  crypto::Random& random_;
};

}  // namespace gatehouse::mfa
