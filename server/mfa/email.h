#pragma once
#include "mfa/sent_code.h"

namespace gatehouse::mfa {

/// A code sent to a mailbox. Whoever has verified an address has this factor without enrolling (Auth0); it is the account's own mailbox, so
/// it counts as no factor that would stop another from being enrolled.
class Email final : public SentCode {
 public:
  using SentCode::SentCode;
  [[nodiscard]] std::string_view name() const override { return "email"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kEmail; }
  [[nodiscard]] std::vector<std::string_view> amr() const override { return {"email"}; }
  [[nodiscard]] bool is_independent() const override { return false; }
  Result<void> prepare(const Person&, const EnrolmentRequest&, Enrolment&, Timestamp) const override;

  /// The method that a verified address is by itself; nullopt without one.
  static std::optional<model::AuthenticationMethod> of_verified_address(const model::User& user);

 protected:
  [[nodiscard]] std::string recipient(const model::AuthenticationMethod& method) const override { return method.email.value_or(""); }
  Result<void> queue(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&, bool) const override;
};

}  // namespace gatehouse::mfa
