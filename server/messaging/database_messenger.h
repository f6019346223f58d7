#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "crypto/sealing.h"
#include "http/client.h"
#include "jobs/jobs.h"
#include "messaging/messenger.h"
#include "messaging/outbox.h"
#include "messaging/phone_provider.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::messaging {

/// Messenger on the job queue. Messages rest sealed in their job rows: they hold links and codes that sign people in.
class DatabaseMessenger final : public Messenger {
 public:
  struct Parts {
    jobs::JobQueue& jobs;
    const model::TenantStore& tenants;
    const crypto::Sealer& sealer;
    const Clock& clock;
    http::OutboundPolicy outbound;  ///< where mail servers and phone providers may be; loopback on a local issuer only
    std::string outbox_folder;      ///< DATA/outbox, made when first needed
  };
  /// Told of a message that will not be sent (tenant log event `fn`), and of templates that had to be replaced by ours; from a
  /// job's thread.
  struct Problem {
    TenantId tenant;
    std::string template_name;  ///< empty for a phone message
    std::string to;
    Error error;
    bool lost = true;  ///< false: it was sent all the same
  };
  using Report = std::function<void(const Problem& problem)>;

  /// Registers the handlers of jobs `mail`, `sms` and `phone`.
  explicit DatabaseMessenger(Parts parts, Report report = {});

  Result<void> queue_mail(storage::Transaction& tx, const Mail& mail) override;
  Result<LinkSettings> link_settings(storage::Reader& reader, const TenantId& tenant, std::string_view template_name,
                                     const json::object& application) override;
  Result<void> queue_sms(storage::Transaction& tx, const Sms& sms) override;
  Result<void> queue_phone(storage::Transaction& tx, const PhoneMessage& message) override;

 private:
  Result<void> queue(storage::Transaction& tx, const TenantId& tenant, std::string_view type, const json::object& message);
  Result<json::object> open(const jobs::Job& job) const;
  Result<void> deliver_mail(const jobs::Job& job);
  Result<void> deliver_sms(const jobs::Job& job);
  Result<void> send(const model::Tenant& tenant, const json::object& provider, const OutgoingMail& mail);

  Result<void> deliver_phone(const jobs::Job& job);
  Result<void> send_now(const jobs::Job& job, const PhoneRoute& route, Sms sms);

  Parts parts_;
  Report report_;
  Outbox outbox_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace gatehouse::messaging
