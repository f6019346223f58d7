#pragma once
#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "http/client.h"
#include "messaging/mime.h"

namespace gatehouse::messaging {

/// A configured e-mail provider with an HTTP API, as a mail is about to go out through it.
struct MailApi {
  std::string_view provider;    ///< mailgun, sendgrid, …
  const json::object& credentials;  ///< of the tenant's document; the secret ones are sealed: `secret` opens them
  const json::object& settings;     ///< `base_url`: another address than the provider's own, for a proxy or a test
  std::function<Result<SecretString>(std::string_view name)> secret;
};

/// Whether mails can be sent through this provider's API.
bool has_mail_api(std::string_view provider);

/// Sends a mail. Blocks: in a job only. Errors: unavailable, timeout (worth another attempt), invalid_argument (the provider refused it).
Result<void> send_by_api(http::Client& client, const MailApi& api, const OutgoingMail& mail, Timestamp now);

}  // namespace gatehouse::messaging
