#pragma once
#include <string>

#include "messaging/messenger.h"
#include "messaging/sender.h"

namespace gatehouse::messaging {

/// Writes messages as files, where the tenant has no provider: `<time>-<id>.eml` and `<time>-<id>.sms.json`, so that names sort in
/// the order in which messages were queued. A file appears complete or not at all; one attempt more writes the same file again.
/// Mode 0600 in a folder of 0700: the mails hold links that sign people in.
class Outbox final : public MessageSender {
 public:
  explicit Outbox(std::string folder) : folder_(std::move(folder)) {}
  Result<void> send(const OutgoingMail& mail) override;
  Result<void> send_sms(const Sms& sms, const std::string& id, Timestamp date);

 private:
  Result<void> write(const std::string& name, std::string_view content) const;
  std::string folder_;
};

}  // namespace gatehouse::messaging
