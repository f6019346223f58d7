#pragma once
#include "jobs/job_files.h"
#include "jobs/jobs.h"
#include "logs/event.h"
#include "management/jobs/completion_mail.h"
#include "model/connections/connection_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// The work of a `users_import` job: reads the uploaded file piece by piece, checks and prepares rows outside the database's writer, and
/// stores them in units of work of a few milliseconds, each together with how far the job has come: after an interruption it goes on behind
/// the last one that was committed, and no row is imported twice.
class UsersImportJob {
 public:
  static constexpr std::string_view type = "users_import";

  struct Parts {
    storage::Database& db;
    jobs::JobQueue& jobs;
    const jobs::JobFiles& files;
    const model::UserStore& users;
    const model::ConnectionStore& connections;
    const model::TenantStore& tenants;
    logs::EventLog& log;
    const Clock& clock;
    crypto::Random& random;
    const crypto::Sealer& sealer;
    CompletionMail mail;
  };
  explicit UsersImportJob(Parts parts) : parts_(parts) {}

  /// What a job begins with. `options`: connection, connection_id, upsert, external_id, send_completion_email, asked_by (a user) as far as given.
  static json::object first_state(const json::object& options, int64_t file_bytes);
  Result<void> run(const jobs::Job& job) const;

 private:
  Parts parts_;
};

}  // namespace gatehouse::management
