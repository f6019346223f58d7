#pragma once
#include <string>

#include "base/secret_string.h"
#include "http/client.h"
#include "messaging/sender.h"

namespace gatehouse::messaging {

struct SmtpServer {
  std::string host;
  int port = 587;    ///< 465: TLS from the first byte; others: STARTTLS
  std::string user;  ///< empty: no authentication
  SecretString password;
};

/// Sends through a mail server (RFC 5321) by libcurl. TLS is required, with a certificate that fits the host's name; only a server
/// on this machine's loopback may do without. Connects only where the policy allows.
class SmtpSender final : public MessageSender {
 public:
  SmtpSender(SmtpServer server, http::OutboundPolicy policy) : server_(std::move(server)), policy_(std::move(policy)) {}
  Result<void> send(const OutgoingMail& mail) override;

 private:
  SmtpServer server_;
  http::OutboundPolicy policy_;
};

}  // namespace gatehouse::messaging
