#pragma once
#include "jobs/jobs.h"
#include "messaging/messenger.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// The mail that tells of the end of an import, to whom it concerns: the person who started it, if it was one, and the tenant's
/// administrators (users to whom `update:tenant_settings` is assigned directly, as it is to the first one).
class CompletionMail {
 public:
  struct Parts {
    messaging::Messenger& messenger;
    const model::UserStore& users;
  };
  static constexpr size_t most_recipients = 20;

  explicit CompletionMail(Parts parts) : parts_(parts) {}
  /// Queues it in the unit of work that ends the job. `state` is the job's at its end; `variables` what the template shows beside it.
  /// Who is blocked or has no address gets none.
  Result<void> queue(storage::Transaction& tx, const model::Tenant& tenant, const jobs::Job& job, const json::object& state,
                     const json::object& variables) const;

 private:
  [[nodiscard]] Result<std::set<std::string>> recipients(storage::Reader& reader, const model::Tenant& tenant,
                                                         std::string_view asked_by) const;
  Parts parts_;
};

}  // namespace gatehouse::management
