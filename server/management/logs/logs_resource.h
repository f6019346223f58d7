#pragma once
#include "management/api.h"
#include "model/logs/log_store.h"

namespace gatehouse::management {

/// Tenant log events: GET /logs (search, or by checkpoint with `from` and `take`), /logs/{id}, /users/{id}/logs.
class LogsResource {
 public:
  explicit LogsResource(Api& api) : api_(api) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> list_after(const Call& call) const;
  ApiResult<http::Response> list_of_user(const Call& call) const;
  ApiResult<http::Response> search(const Call& call, const model::LogQuery& query) const;
  ApiResult<http::Response> get(const Call& call) const;

  Api& api_;
  model::LogStore logs_;
};

}  // namespace gatehouse::management
