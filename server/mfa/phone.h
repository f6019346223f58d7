#pragma once
#include "mfa/sent_code.h"

namespace gatehouse::mfa {

/// A code by text message or call.
class Phone final : public SentCode {
 public:
  using SentCode::SentCode;
  [[nodiscard]] std::string_view name() const override { return "sms"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kPhone; }
  [[nodiscard]] std::vector<std::string_view> amr() const override { return {"sms"}; }
  Result<void> prepare(const Person&, const EnrolmentRequest&, Enrolment&, Timestamp) const override;

 protected:
  [[nodiscard]] std::string recipient(const model::AuthenticationMethod& method) const override { return method.phone_number.value_or(""); }
  Result<void> queue(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&, bool) const override;
};

}  // namespace gatehouse::mfa
