#pragma once
#include <string>

#include "base/result.h"
#include "messaging/mime.h"

namespace gatehouse::messaging {

/// Delivers mails. Blocks. Errors: unavailable, timeout (worth another attempt), invalid_argument (not worth one).
class MessageSender {
 public:
  virtual ~MessageSender() = default;
  virtual Result<void> send(const OutgoingMail& mail) = 0;
};

}  // namespace gatehouse::messaging
