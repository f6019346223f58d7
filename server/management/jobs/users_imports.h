#pragma once
#include "jobs/job_files.h"
#include "jobs/jobs.h"
#include "management/api.h"
#include "management/jobs/users_import_job.h"

namespace gatehouse::management {

/// POST /jobs/users-imports: takes a file of users and makes the job that imports it (users_import_job.h).
class UsersImports {
 public:
  struct Parts {
    jobs::JobQueue& jobs;
    const jobs::JobFiles& files;
    const model::UserStore& users;
    const model::ConnectionStore& connections;
    const model::TenantStore& tenants;
    messaging::Messenger& messenger;
    int64_t max_file_bytes;
  };
  /// Registers the handler of `users_import` jobs.
  UsersImports(Api& api, Parts parts);
  void mount();

  /// Such a job as GET /jobs/{id} shows it.
  static json::object shown(const jobs::Job& job, Timestamp now);

 private:
  ApiResult<http::Response> create(const Call& call) const;
  [[nodiscard]] std::unique_ptr<http::BodySink> open(const http::Request& request) const;

  Api& api_;
  Parts parts_;
  UsersImportJob work_;
};

}  // namespace gatehouse::management
