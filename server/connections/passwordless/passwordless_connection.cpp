#include "connections/passwordless/passwordless_connection.h"

#include "base/encoding.h"
#include "connections/database/events.h"
#include "connections/database/mail_variables.h"
#include "crypto/crypto.h"
#include "http/network.h"
#include "http/request.h"

namespace gatehouse::connections {
namespace {

constexpr std::string_view kCode = "passwordless", kLink = "passwordless_link";
constexpr std::string_view kStartBucket = "passwordless_start";
/// 50 an hour from one network, as on Auth0.
constexpr model::BucketSize kStarts{50, std::chrono::seconds(72)};

bool method_enabled(const model::Connection& connection, std::string_view name, bool otherwise = false) {
  const json::object* methods = get_object(connection.options, "authentication_methods");
  const json::object* method = methods ? get_object(*methods, name) : nullptr;
  return connection.is_database() && (method ? get_bool(*method, "enabled").value_or(otherwise) : otherwise);
}

/// Whoever brings a right code is made a user.
bool makes_users(const model::Connection& connection) { return !connection.is_database() && !connection.disable_signup(); }

/// A code is worth something for one address, one connection and one application.
std::string subject(const model::Connection& connection, const model::Client& client, const std::string& address) {
  return connection.id.str() + " " + client.id.str() + " " + address;
}

/// The part of a user id after the `|`: the same for the same address.
std::string own_id(const TenantId& tenant, const model::Connection& connection, const std::string& address) {
  return hex_encode(crypto::sha256(tenant.str() + "\n" + connection.id.str() + "\n" + address)).substr(0, 24);
}

int64_t bounded(const model::Connection& connection, std::string_view name, int64_t otherwise, int64_t low, int64_t high) {
  const json::object* totp = get_object(connection.options, "totp");
  return std::clamp(totp ? get_int(*totp, name).value_or(otherwise) : otherwise, low, high);
}
seconds lifetime(const model::Connection& connection) { return seconds(bounded(connection, "time_step", 180, 30, 86'400)); }
size_t digits(const model::Connection& connection) { return size_t(bounded(connection, "length", 6, 4, 40)); }

std::string link_of(const PasswordlessConnection::Start& start, const std::string& address, const std::string& code) {
  std::string link = start.tenant.issuer + "passwordless/verify_redirect?";
  const auto add = [&](std::string_view name, std::string_view value) {
    link += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
  };
  for (const auto& [name, value] : start.auth_params) add(name, value.as_string());
  add("verification_code", code);
  add("connection", start.connection.name);
  add("client_id", start.client.id.str());
  add("email", address);
  link.pop_back();
  return link;
}

}  // namespace

std::string PasswordlessConnection::link_digest(std::string_view secret) { return hex_encode(crypto::sha256(secret)); }

bool PasswordlessConnection::is_passwordless(const model::Connection& connection) {
  return connection.strategy == "email" || connection.strategy == "sms";
}

bool PasswordlessConnection::sends_codes(const model::Connection& connection) {
  return is_passwordless(connection) || method_enabled(connection, "email_otp") || method_enabled(connection, "phone_otp");
}

bool PasswordlessConnection::goes_by_phone(const model::Connection& connection, std::string_view address) {
  return connection.strategy == "sms" || (connection.is_database() && address.find('@') == std::string_view::npos);
}

bool PasswordlessConnection::begins_with_code(const model::Connection& connection, std::string_view typed) {
  if (!connection.is_database() || !address_of(connection, typed)) return false;
  if (!method_enabled(connection, "password", true)) return true;
  const bool phone = goes_by_phone(connection, typed);
  const json::object* attributes = get_object(connection.options, "attributes");
  const json::object* attribute = attributes ? get_object(*attributes, phone ? "phone_number" : "email") : nullptr;
  const json::object* identifier = attribute ? get_object(*attribute, "identifier") : nullptr;
  return identifier && get_string(*identifier, "default_method") == (phone ? "phone_otp" : "email_otp");
}

std::optional<std::string> PasswordlessConnection::address_of(const model::Connection& connection, std::string_view typed) {
  if (connection.is_database() && !method_enabled(connection, goes_by_phone(connection, typed) ? "phone_otp" : "email_otp")) return std::nullopt;
  if (!goes_by_phone(connection, typed)) return model::normalize_email(typed);
  std::string digits;  // people write numbers with blanks, dashes and brackets
  for (const char c : typed)
    if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '.') digits += c;
  return model::normalize_phone(digits);
}

Result<std::optional<model::User>> PasswordlessConnection::find(storage::Reader& reader, const TenantId& tenant,
                                                                const model::Connection& connection, const std::string& address) const {
  return parts_.users.find_by_identifier(reader, tenant, connection.name,
                                         goes_by_phone(connection, address) ? model::IdentifierKind::phone_number : model::IdentifierKind::email, address);
}

PasswordlessResult<PasswordlessConnection::Sent> PasswordlessConnection::start(const Start& start) const {
  const std::optional<std::string> address = address_of(start.connection, start.address);
  if (!address) return PasswordlessErrc::invalid_address;
  const TenantId& tenant = start.tenant.id;
  const bool phone = goes_by_phone(start.connection, *address);
  const bool link = start.link && !phone && !start.connection.is_database();
  const std::string code = link ? model::OneTimeCodeStore::make_secret(parts_.random)
                                : model::OneTimeCodeStore::make_digits(parts_.random, digits(start.connection));
  model::IssueCode issued{.tenant = tenant,
                          .purpose = std::string(link ? kLink : kCode),
                          .subject = subject(start.connection, start.client, *address),
                          .code = link ? link_digest(code) : code,
                          .lifetime = lifetime(start.connection),
                          .recipient = start.connection.id.str() + " " + *address};
  if (!start.browser.empty()) issued.data["browser"] = start.browser;
  logs::Event event = start.event;
  event.tenant = tenant;
  event.type = phone ? "cs" : "cls";
  event.description = phone ? "Code sent" : link ? "Link sent" : "Code sent by mail";
  event.user_name = *address;
  about(event, start.connection, &start.client);
  if (!start.connection.is_database()) event.strategy_type = "passwordless";

  enum class Outcome { sent, nobody, too_many };
  const Timestamp now = parts_.clock.now();
  TRY(const Outcome outcome, parts_.db.write([&](storage::Transaction& tx) -> Result<Outcome> {
    model::RateBucketStore buckets;
    TRY(const bool within, buckets.take(tx, tenant, kStartBucket, http::network_of(start.event.ip), kStarts, now));
    if (!within) return Outcome::too_many;
    // Where nobody has the address a code is made all the same: pages that ask for it behave alike, wrong codes and too many of them included.
    TRY(const bool kept, parts_.codes.issue(tx, issued, now));
    if (!kept) return Outcome::too_many;
    TRY(const std::optional<model::User> user, find(tx, tenant, start.connection, *address));
    if (!user && !makes_users(start.connection)) return Outcome::nobody;
    TRY_VOID(parts_.codes.discard(tx, tenant, link ? kCode : kLink, issued.subject));  // the newest is good, whatever it is
    TRY_VOID(send(tx, start, *address, code));
    logs::Event written = event;
    if (user) written.user = user->id;
    TRY_VOID(parts_.log.write(tx, written));
    return Outcome::sent;
  }));
  if (outcome == Outcome::nobody) return PasswordlessErrc::signup_disabled;
  if (outcome == Outcome::too_many) return PasswordlessErrc::too_many_messages;
  return Sent{*address, own_id(tenant, start.connection, *address)};
}

Result<void> PasswordlessConnection::send(storage::Transaction& tx, const Start& start, const std::string& address,
                                          const std::string& code) const {
  const json::object& options = start.connection.options;
  const bool phone = goes_by_phone(start.connection, address);
  model::User receiver;  // what a template may say about somebody who has proved nothing yet: the address
  receiver.identities.push_back({start.connection.name, start.connection.strategy, "", false, {}});
  (phone ? receiver.phone_number : receiver.email) = address;
  json::object variables = mail_variables(start.tenant, receiver, &start.client, "");
  json::object person;
  person[phone ? "phone_number" : "email"] = address;
  variables["user"] = person;
  variables["code"] = code;
  variables["operation"] = nullptr;
  if (!start.language.empty()) variables["request_language"] = start.language;

  if (phone) {
    messaging::PhoneMessage message{.tenant = start.tenant.id, .type = "otp_verify", .to = address, .variables = std::move(variables)};
    message.language = start.language;
    message.wording = get_string(options, "template").value_or("");
    if (const std::string_view provider = get_string(options, "provider").value_or(""); provider == "twilio" || provider == "sms_gateway") {
      message.sender = options;
      message.sender["connection_id"] = start.connection.id.str();
    }
    return parts_.messenger.queue_phone(tx, message);
  }
  const bool link = start.link && !start.connection.is_database();
  variables["send"] = link ? "link" : "code";
  if (link) variables["link"] = link_of(start, address, code);
  messaging::Mail mail{.tenant = start.tenant.id, .template_name = "auth_email_by_code", .to = address, .variables = std::move(variables)};
  mail.language = start.language;
  if (const json::object* own = get_object(options, "email"); own && !get_string(*own, "body").value_or("").empty()) mail.document = *own;
  return parts_.messenger.queue_mail(tx, mail);
}

PasswordlessResult<PasswordlessConnection::Redeemed> PasswordlessConnection::redeem(const Redeem& redeem) const {
  const std::optional<std::string> address = address_of(redeem.connection, redeem.address);
  if (!address) return PasswordlessErrc::invalid_address;
  const TenantId& tenant = redeem.tenant.id;
  const model::Connection& connection = redeem.connection;
  const Timestamp now = parts_.clock.now();
  const std::string fresh_id = parts_.random.hex(24);

  struct Done {
    std::optional<PasswordlessErrc> refused;
    model::User user;
  };
  TRY(Done done, parts_.db.write([&](storage::Transaction& tx) -> Result<Done> {
    TRY(const model::RedeemedCode code,
        parts_.codes.redeem(tx, tenant, redeem.link ? kLink : kCode, subject(connection, redeem.client, *address), redeem.code, now));
    if (code.outcome == model::RedeemedCode::Outcome::wrong) return Done{PasswordlessErrc::wrong_code, {}};
    if (!code.right()) return Done{PasswordlessErrc::code_over, {}};
    if (const auto browser = get_string(code.data, "browser"); browser && *browser != redeem.browser)
      return Done{PasswordlessErrc::code_over, {}};  // a link that was carried elsewhere is used up
    TRY(std::optional<model::User> known, find(tx, tenant, connection, *address));
    if (known) {
      // Only the account whose address this is: a user may have another one first, and this one linked.
      const bool phone = goes_by_phone(connection, *address);
      bool& verified = phone ? known->phone_verified : known->email_verified;
      const auto& own = phone ? known->phone_number : known->email;
      if (!verified && own == address) {
        verified = true;
        TRY_VOID(parts_.users.replace(tx, *known, now));
      }
      return Done{{}, std::move(*known)};
    }
    if (!makes_users(connection)) return Done{PasswordlessErrc::signup_disabled, {}};
    model::User user;
    user.tenant = tenant;
    std::string number = own_id(tenant, connection, *address);
    TRY(const auto taken, parts_.users.find(tx, tenant, UserId(connection.strategy + "|" + number)));
    TRY(const auto linked, parts_.users.find_by_identity(tx, tenant, connection.strategy, number));
    if (taken || linked) number = fresh_id;  // whoever began with this address has another one now
    user.id = UserId(connection.strategy + "|" + number);
    user.identities = {{connection.name, connection.strategy, number, false, {}}};
    if (goes_by_phone(connection, *address)) {
      user.phone_number = *address;
      user.phone_verified = true;
    } else {
      user.email = *address;
      user.email_verified = true;
    }
    user.fill_defaults();
    TRY_VOID(parts_.users.insert(tx, user, std::nullopt, now));
    logs::Event event = redeem.event;
    event.tenant = tenant;
    event.type = "ss";
    event.description = "Successful signup";
    about(event, connection, &redeem.client);
    event.strategy_type = "passwordless";
    about(event, user);
    TRY_VOID(parts_.log.write(tx, event));
    return Done{{}, std::move(user)};
  }));
  if (done.refused) return *done.refused;
  PasswordlessProof proof(done.user.id, connection.name, now);
  return Redeemed{std::move(done.user), std::move(proof)};
}

}  // namespace gatehouse::connections
