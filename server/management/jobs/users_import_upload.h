#pragma once
#include <map>

#include "http/body_sink.h"
#include "http/multipart.h"
#include "jobs/job_files.h"
#include "management/api_error.h"

namespace gatehouse::management {

/// The body of POST /jobs/users-imports on its way into the database: the file `users` becomes pieces of the job that is to be made, the
/// other fields are kept. An upload that breaks off leaves pieces without a job, which are removed by and by.
class UsersImportUpload final : public http::BodySink, private http::MultipartReader::Receiver {
 public:
  /// `boundary`: absent when the request is no multipart/form-data.
  UsersImportUpload(storage::Database& db, const jobs::JobFiles& files, const Clock& clock, TenantId tenant, std::string job,
                    const std::optional<std::string>& boundary);

  std::optional<http::Response> take(std::string_view piece) override;
  /// The end of the body. Errors: invalid_body, the database's.
  ApiResult<void> finish(std::string_view rest);

  [[nodiscard]] const std::string& job() const { return job_; }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& fields() const { return fields_; }
  [[nodiscard]] bool has_file() const { return has_file_; }
  [[nodiscard]] int64_t file_bytes() const { return file_bytes_; }

 private:
  Result<void> begin_part(std::string_view name, std::optional<std::string_view> filename) override;
  Result<void> part_data(std::string_view data) override;
  Result<void> store_piece();
  [[nodiscard]] ApiError refusal(const Error& error) const;

  storage::Database& db_;
  const jobs::JobFiles& files_;
  const Clock& clock_;
  const TenantId tenant_;
  const std::string job_;
  std::optional<http::MultipartReader> reader_;
  std::map<std::string, std::string, std::less<>> fields_;
  std::string* field_ = nullptr;  ///< that data goes to; null: the file
  std::string piece_;
  int64_t pieces_ = 0, file_bytes_ = 0;
  bool has_file_ = false;
};

}  // namespace gatehouse::management
