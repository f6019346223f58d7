#pragma once
#include "connections/database/database_connection.h"
#include "jobs/jobs.h"
#include "management/api.h"
#include "model/clients/client_store.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// GET /jobs/{id}, GET /jobs/{id}/errors and POST /jobs/verification-email. Jobs that nobody asked for by name (mails on their way) are not shown.
class JobsResource {
 public:
  struct Parts {
    jobs::JobQueue& jobs;
    const model::TenantStore& tenants;
    const model::UserStore& users;
    const model::ClientStore& clients;
    const connections::DatabaseConnection& database_connection;
  };
  /// Registers the handler of `verification_email` jobs.
  JobsResource(Api& api, Parts parts);
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> errors(const Call& call) const;
  [[nodiscard]] json::object shown(const jobs::Job& job, const Call& call) const;
  ApiResult<jobs::Job> existing(storage::Reader& reader, const Call& call) const;
  ApiResult<http::Response> verification_email(const Call& call) const;
  Result<void> send_verification(const jobs::Job& job) const;

  Api& api_;
  Parts parts_;
};

}  // namespace gatehouse::management
