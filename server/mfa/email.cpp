#include "mfa/email.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::mfa {

Result<void> Email::prepare(const Person& person, const EnrolmentRequest& request, Enrolment& enrolment, Timestamp) const {
  const std::string typed = request.email.empty() ? person.user.email.value_or("") : request.email;
  const std::optional<std::string> address = model::normalize_email(typed);
  if (!address) return Error{Errc::invalid_argument, "The email address is not valid."};
  enrolment.method.email = *address;
  enrolment.method.name = request.name;
  return {};
}

std::optional<model::AuthenticationMethod> Email::of_verified_address(const model::User& user) {
  if (!user.email || !user.email_verified) return std::nullopt;
  model::AuthenticationMethod method;
  // The same each time, and another one for another address.
  method.id = "email|dev_" + hex_encode(crypto::sha256(user.tenant.str() + " " + user.id.str() + " " + *user.email)).substr(0, 16);
  method.tenant = user.tenant;
  method.user = user.id;
  method.type = model::method_type::kEmail;
  method.confirmed = true;
  method.email = user.email;
  method.created_at = user.created_at;
  return method;
}

Result<void> Email::queue(storage::Transaction& tx, const Person& person, const model::AuthenticationMethod& method,
                          const Outgoing& outgoing, bool) const {
  json::object user = person.user.attributes;
  user["user_id"] = person.user.id.str();
  user["email"] = person.user.email.value_or(*method.email);
  user["user_metadata"] = person.user.user_metadata;
  user["app_metadata"] = person.user.app_metadata;
  messaging::Mail mail{.tenant = person.tenant.id, .template_name = "mfa_oob_code", .to = *method.email};
  mail.variables = {{"code", outgoing.code}, {"user", std::move(user)}, {"friendly_name", person.tenant.friendly_name()}};
  if (person.client) mail.variables["application"] = json::object{{"name", person.client->name}, {"clientID", person.client->id.str()}};
  mail.language = person.language;
  return messenger_.queue_mail(tx, mail);
}

}  // namespace gatehouse::mfa
