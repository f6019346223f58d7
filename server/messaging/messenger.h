#pragma once
#include <string>

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
  json::object variables;      ///< user, url, application, connection, friendly_name, … as Auth0's templates expect
  std::string language;        ///< empty: the tenant's default
};

/// A phone message, complete.
struct Sms {
  TenantId tenant;
  std::string to;              ///< E.164
  std::string body;
  json::object details{};      ///< shown beside them in DATA/outbox/*.sms.json: type, locale, …
};

/// Puts messages into the unit of work of what they tell of; a background job delivers them, at least once.
class Messenger {
 public:
  virtual ~Messenger() = default;
  /// Errors: invalid_argument (`to` is no mail address).
  virtual Result<void> queue_mail(storage::Transaction& tx, const Mail& mail) = 0;
  virtual Result<void> queue_sms(storage::Transaction&, const Sms&) { return Error{Errc::unavailable, "Phone messages are not set up."}; }
};

}  // namespace gatehouse::messaging
