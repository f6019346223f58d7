#pragma once
#include "jobs/job_files.h"
#include "jobs/jobs.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// The work of a `users_export` job: reads users page by page in the order of their creation and stores the gzip file as it grows, each
/// piece together with how far the job has come. What it holds in memory does not depend on how many users there are; after an
/// interruption it goes on behind the last piece.
class UsersExportJob {
 public:
  static constexpr std::string_view type = "users_export";

  struct Parts {
    storage::Database& db;
    jobs::JobQueue& jobs;
    const jobs::JobFiles& files;
    const model::UserStore& users;
    const Clock& clock;
  };
  explicit UsersExportJob(Parts parts) : parts_(parts) {}

  /// `job.state`: connection, format, limit and fields as far as given; file_bytes and rows count what is there.
  Result<void> run(const jobs::Job& job) const;

 private:
  Parts parts_;
};

}  // namespace gatehouse::management
