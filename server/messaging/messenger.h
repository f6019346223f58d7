#pragma once
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "storage/database.h"

namespace gatehouse::messaging {

/// A mail by its Auth0 template name (verify_email, welcome_email, reset_email, blocked_account, …); rendered with the tenant's
/// template (Liquid) or ours, sent by a job: with the tenant's provider, or into DATA/outbox when it has none.
struct Mail {
  TenantId tenant;
  std::string template_name;
  std::string to;
  json::object variables;  ///< user, url, application, connection, friendly_name, … as Auth0's templates expect
  std::string language;    ///< empty: the tenant's default
  json::object document{};  ///< `{subject, body, from}` of a connection, used instead of the tenant's template
};

/// A phone message, complete.
struct Sms {
  TenantId tenant;
  std::string to;  ///< E.164
  std::string body;
  json::object details{};  ///< shown beside them in DATA/outbox/*.sms.json: type, locale, …
  bool voice = false;      ///< to be spoken in a call
};

/// A phone message by its type, worded by the tenant's phone template (Liquid) or ours and sent by the tenant's phone provider: Twilio, a
/// webhook, or files in DATA/outbox when it has none.
struct PhoneMessage {
  TenantId tenant;
  std::string type;        ///< otp_enroll, otp_verify, change_password, blocked_account, password_breach
  std::string to;          ///< E.164
  json::object variables;  ///< code, user, application, … as Auth0's templates expect
  std::string language{};  ///< empty: the tenant's default
  bool voice = false;      ///< to be spoken in a call
  bool second_factor = false;  ///< worded and sent as /guardian/factors/{sms,phone}/* say, where they say something
  json::object sender{};     ///< a connection's own way out, as its options name it; empty: the tenant's provider
  std::string wording{};  ///< a connection's own template; empty: the tenant's
};

/// What the tenant's template says about the link in such a mail.
struct LinkSettings {
  std::optional<seconds> lifetime{};  ///< urlLifetimeInSeconds; absent: Auth0's five days
  std::string result_url;             ///< where it leads in the end; empty: nowhere else
  bool include_email = true;          ///< whether the address is added there
};

/// Puts messages into the unit of work of what they tell of; a background job delivers them, at least once.
class Messenger {
 public:
  virtual ~Messenger() = default;
  /// Errors: invalid_argument (`to` is no mail address).
  virtual Result<void> queue_mail(storage::Transaction& tx, const Mail& mail) = 0;
  /// For whoever makes the ticket behind the link. `application`: the variable of that name, all that a result URL may use.
  virtual Result<LinkSettings> link_settings(storage::Reader& /*reader*/, const TenantId& /*tenant*/, std::string_view /*template_name*/,
                                             const json::object& /*application*/) {
    return LinkSettings{};
  }
  virtual Result<void> queue_sms(storage::Transaction&, const Sms&) { return Error{Errc::unavailable, "Phone messages are not set up."}; }
  /// Errors: invalid_argument (`to` is no phone number).
  virtual Result<void> queue_phone(storage::Transaction&, const PhoneMessage&) { return Error{Errc::unavailable, "Phone messages are not set up."}; }
};

}  // namespace gatehouse::messaging
