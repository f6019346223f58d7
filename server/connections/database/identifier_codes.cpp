#include "connections/database/identifier_codes.h"

#include "connections/database/events.h"
#include "connections/database/mail_variables.h"

namespace gatehouse::connections {
namespace {

using Outcome = model::RedeemedCode::Outcome;

constexpr std::string_view kPurpose = "identifier";
constexpr seconds kLifetime{300};

std::string address_of(const model::User& user, ProvedIdentifier identifier) {
  return (identifier == ProvedIdentifier::email ? user.email : user.phone_number).value_or("");
}

std::string subject(const UserId& user, ProvedIdentifier identifier) {
  return user.str() + (identifier == ProvedIdentifier::email ? " email" : " phone_number");
}

bool verifies(const json::object* attribute) {
  const json::object* signup = attribute ? get_object(*attribute, "signup") : nullptr;
  const json::object* verification = signup ? get_object(*signup, "verification") : nullptr;
  return verification && get_bool(*verification, "active").value_or(false);
}

}  // namespace

std::optional<ProvedIdentifier> identifier_to_prove(const model::Connection& connection, const model::User& user) {
  const json::object* attributes = get_object(connection.options, "attributes");
  if (!connection.is_database() || !attributes || user.connection() != connection.name) return std::nullopt;
  const json::object* email = get_object(*attributes, "email");
  if (user.email && !user.email_verified && verifies(email) && get_string(*email, "verification_method") == "otp")
    return ProvedIdentifier::email;
  if (user.phone_number && !user.phone_verified && verifies(get_object(*attributes, "phone_number"))) return ProvedIdentifier::phone_number;
  return std::nullopt;
}

Result<bool> IdentifierCodes::send(const Send& send) const {
  const bool by_mail = send.identifier == ProvedIdentifier::email;
  const std::string address = address_of(send.user, send.identifier);
  const std::string code = model::OneTimeCodeStore::make_digits(parts_.random);
  const model::IssueCode issued{.tenant = send.tenant.id,
                                .purpose = std::string(kPurpose),
                                .subject = subject(send.user.id, send.identifier),
                                .code = code,
                                .lifetime = kLifetime,
                                .data = {{"address", address}},
                                .recipient = address};
  json::object variables = mail_variables(send.tenant, send.user, send.client, "");
  variables["code"] = code;
  logs::Event event = send.event;
  event.tenant = send.tenant.id;
  event.type = by_mail ? "cls" : "cs";
  event.description = "Code to verify an identifier sent";
  about(event, send.user);
  const Timestamp now = parts_.clock.now();
  return parts_.db.write([&](storage::Transaction& tx) -> Result<bool> {
    TRY(const bool within, parts_.codes.issue(tx, issued, now));
    if (!within) return false;
    if (by_mail) {
      messaging::Mail mail{
          .tenant = send.tenant.id, .template_name = "verify_email_by_code", .to = address, .variables = variables, .language = send.language};
      TRY_VOID(parts_.messenger.queue_mail(tx, mail));
    } else {
      messaging::PhoneMessage message{.tenant = send.tenant.id, .type = "otp_verify", .to = address, .variables = variables};
      message.language = send.language;
      message.voice = send.voice;
      TRY_VOID(parts_.messenger.queue_phone(tx, message));
    }
    TRY_VOID(parts_.log.write(tx, event));
    return true;
  });
}

Result<Outcome> IdentifierCodes::verify(const model::Tenant& tenant, const UserId& user, ProvedIdentifier identifier, std::string_view code,
                                        const logs::Event& event) const {
  const Timestamp now = parts_.clock.now();
  return parts_.db.write([&](storage::Transaction& tx) -> Result<Outcome> {
    logs::Event told = event;
    told.tenant = tenant.id;
    TRY(const model::RedeemedCode redeemed, parts_.codes.redeem(tx, tenant.id, kPurpose, subject(user, identifier), code, now));
    TRY(std::optional<model::User> known, parts_.users.find(tx, tenant.id, user));
    if (known) about(told, *known);
    if (!redeemed.right()) {
      told.type = "fv";
      told.description = "A wrong or expired code";
      TRY_VOID(parts_.log.write(tx, told));
      return redeemed.outcome;
    }
    if (!known || address_of(*known, identifier) != get_string(redeemed.data, "address").value_or("")) return Outcome::none;
    const bool by_mail = identifier == ProvedIdentifier::email;
    (by_mail ? known->email_verified : known->phone_verified) = true;
    TRY_VOID(parts_.users.replace(tx, *known, now));
    told.type = "sv";
    told.description = by_mail ? "The e-mail address was verified" : "The phone number was verified";
    TRY_VOID(parts_.log.write(tx, told));
    return Outcome::right;
  });
}

}  // namespace gatehouse::connections
