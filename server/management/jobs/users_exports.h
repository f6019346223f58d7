#pragma once
#include "jobs/job_files.h"
#include "jobs/jobs.h"
#include "management/api.h"
#include "management/jobs/users_export_job.h"
#include "model/connections/connection_store.h"

namespace gatehouse::management {

/// POST /jobs/users-exports: makes the job that writes users into a file (users_export_job.h). GET /user-exports/{file} hands the file to
/// whoever has a link, which the job shows as its `location`: made anew each time it is asked for, good for a minute and this tenant.
class UsersExports {
 public:
  struct Parts {
    http::Router& router;
    jobs::JobQueue& jobs;
    const jobs::JobFiles& files;
    const model::UserStore& users;
    const model::ConnectionStore& connections;
  };
  static constexpr seconds link_lifetime{60};

  /// Registers the handler of `users_export` jobs.
  UsersExports(Api& api, Parts parts);
  void mount();

  /// Such a job as GET /jobs/{id} shows it; with the link to its file for those who may read users.
  static json::object shown(const jobs::Job& job, const Call& call, const crypto::Sealer& sealer);

 private:
  ApiResult<http::Response> create(const Call& call) const;
  http::Response download(const http::Request& request) const;
  Result<std::optional<jobs::Job>> linked(const http::Request& request) const;

  Api& api_;
  Parts parts_;
  UsersExportJob work_;
};

}  // namespace gatehouse::management
