#include "mfa/phone.h"

namespace gatehouse::mfa {
namespace {

/// As people write numbers: +1 (555) 010-0199.
std::string without_punctuation(std::string_view typed) {
  std::string number;
  for (const char c : typed.substr(0, 64))
    if (std::string_view(" -().").find(c) == std::string_view::npos) number += c;
  return number;
}

}  // namespace

Result<void> Phone::prepare(const Person&, const EnrolmentRequest& request, Enrolment& enrolment, Timestamp) const {
  const std::optional<std::string> number = model::normalize_phone(without_punctuation(request.phone_number));
  if (!number) return Error{Errc::invalid_argument, "The phone number is not valid."};
  enrolment.method.phone_number = *number;
  enrolment.method.name = request.name;
  enrolment.method.data["preferred_authentication_method"] = request.voice ? "voice" : "sms";
  return {};
}

Result<void> Phone::queue(storage::Transaction& tx, const Person& person, const model::AuthenticationMethod& method,
                          const Outgoing& outgoing, bool enrolling) const {
  messaging::PhoneMessage message{.tenant = person.tenant.id, .type = enrolling ? "otp_enroll" : "otp_verify", .to = *method.phone_number};
  json::object user{{"user_id", person.user.id.str()}, {"user_metadata", person.user.user_metadata}};
  if (person.user.email) user["email"] = *person.user.email;
  message.variables = {{"code", outgoing.code}, {"user", std::move(user)}};
  if (person.client) message.variables["application"] = json::object{{"name", person.client->name}, {"clientID", person.client->id.str()}};
  message.language = person.language;
  message.voice = outgoing.voice;
  message.second_factor = true;
  return messenger_.queue_phone(tx, message);
}

}  // namespace gatehouse::mfa
