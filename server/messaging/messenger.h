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
};

/// A phone message, complete.
struct Sms {
  TenantId tenant;
  std::string to;  ///< E.164
  std::string body;
  json::object details{};  ///< shown beside them in DATA/outbox/*.sms.json: type, locale, …
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
};

}  // namespace gatehouse::messaging
