#pragma once
#include "crypto/random.h"
#include "mfa/factor.h"

namespace gatehouse::mfa {

/// The paper in the drawer: 24 letters and digits, good once and then replaced. Only a digest is kept.
class RecoveryCode final : public Factor {
 public:
  explicit RecoveryCode(crypto::Random& random) : random_(random) {}
  [[nodiscard]] std::string_view name() const override { return "recovery-code"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kRecoveryCode; }
  [[nodiscard]] std::vector<std::string_view> amr() const override { return {}; }
  [[nodiscard]] bool is_independent() const override { return false; }
  Result<void> prepare(const Person&, const EnrolmentRequest&, Enrolment&, Timestamp) const override;
  Result<Evidence> examine(const Person&, const model::AuthenticationMethod&, const Answer&, Timestamp) const override;
  Result<Outcome> settle(storage::Transaction&, const Person&, model::AuthenticationMethod&, const Evidence&, const Answer&,
                         Timestamp) const override;

  static std::string make(crypto::Random& random);  ///< 120 bits
  /// SHA-256 of a code as typed: blanks, dashes and case do not matter.
  static std::string digest(std::string_view code);

 private:
  crypto::Random& random_;
};

}  // namespace gatehouse::mfa
