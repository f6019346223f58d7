#pragma once
#include "base/clock.h"
#include "http/client.h"
#include "messaging/messenger.h"
#include "messaging/phone_provider.h"

namespace gatehouse::messaging {

/// Sends a phone message through Twilio's REST API (2010-04-01: Messages, or Calls for a spoken one) or to a webhook as JSON `{recipient,
/// body, sender, …}`. Blocks. Errors: unavailable, timeout (worth another attempt), invalid_argument (refused for good).
Result<void> send_phone(http::Client& client, const PhoneRoute& route, const Sms& sms, const std::string& issuer, Timestamp now);

}  // namespace gatehouse::messaging
