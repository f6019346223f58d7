#pragma once
#include <functional>
#include <source_location>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/server_log.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "http/router.h"
#include "logs/event.h"
#include "management/authentication.h"
#include "management/list_query.h"
#include "management/rate_limit.h"
#include "storage/database.h"

namespace gatehouse::management {

class Api;

/// One request of the Management API after authentication, scope check and parsing.
class Call {
 public:
  Call(const Api& api, const http::Request& request, std::shared_ptr<const Caller> caller, const std::string& operation, json::value body)
      : api_(api), request_(request), caller_(std::move(caller)), operation_(operation), body_(std::move(body)) {}

  [[nodiscard]] const http::Request& request() const { return request_; }
  [[nodiscard]] const Caller& caller() const { return *caller_; }
  [[nodiscard]] const TenantId& tenant() const { return caller_->tenant; }
  [[nodiscard]] const http::Parameters& query() const { return request_.query; }
  [[nodiscard]] const std::string& parameter(std::string_view name = "id") const { return request_.parameter(name); }
  [[nodiscard]] Timestamp now() const;
  /// The body; null when there was none.
  [[nodiscard]] const json::value& body() const { return body_; }
  /// The body as an object. Errors: invalid_body.
  [[nodiscard]] ApiResult<const json::object*> object() const;
  [[nodiscard]] ApiResult<ListQuery> list_query(int64_t default_per_page = 50, int64_t max_per_page = 100) const {
    return ListQuery::parse(request_.query, default_per_page, max_per_page);
  }

  /// One unit of work with its `sapi` event in it (Database::write). `work` answers the request.
  [[nodiscard]] ApiResult<http::Response> write(const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const;
  /// The same by Database::write_own_rows.
  [[nodiscard]] ApiResult<http::Response> write_own_rows(const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const;
  /// A consistent read that answers the request.
  [[nodiscard]] ApiResult<http::Response> read(const std::function<ApiResult<http::Response>(storage::Reader&)>& work) const;

 private:
  friend class Api;
  /// The tenant log's event of this request; what it was answered comes after it.
  [[nodiscard]] logs::Event event(std::string_view type) const;
  /// `work`, and the event of its success with its answer.
  [[nodiscard]] ApiResult<http::Response> logged(storage::Transaction& tx, logs::Event& event,
                                                 const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const;
  static void add_answer(logs::Event& event, const http::Response& response);
  const Api& api_;
  const http::Request& request_;
  std::shared_ptr<const Caller> caller_;
  const std::string& operation_;
  json::value body_;
};

using ApiHandler = std::function<ApiResult<http::Response>(const Call&)>;

/// Mounts operations below /api/v2 and does for each what all have in common: bearer token, scope, rate limit, body parsing, the
/// error body, headers, the tenant log event of failures. Everything runs on the admin lane.
class Api {
 public:
  struct Parts {
    storage::Database& db;
    const VerificationKeys& keys;
    logs::EventLog& log;
    ServerLog& server_log;
    const Clock& clock;
    crypto::Random& random;
    const crypto::Sealer& sealer;
    RateLimitSettings rate_limit{};
  };
  Api(http::Router& router, Parts parts);

  /// `any_of`: scopes of which the token must have one; `what`: the operation in words, for the tenant log.
  void get(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
           std::source_location where = std::source_location::current());
  void post(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
            std::source_location where = std::source_location::current());
  void put(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
           std::source_location where = std::source_location::current());
  void patch(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
             std::source_location where = std::source_location::current());
  void remove(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
              std::source_location where = std::source_location::current());
  void add(http::Method method, std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
           std::source_location where);
  /// A POST whose body is no JSON and may be too large for memory: `open` makes what takes it piece by piece, once the caller is known
  /// and permitted; the handler finds it in the request (its `sink`), or, when the body is small, all of it in its `body`.
  struct Upload {
    size_t max_body;  ///< bytes; more is answered 413
    http::SinkOpener open;
  };
  void upload(std::string path, std::vector<std::string> any_of, std::string what, Upload upload, ApiHandler handler,
              std::source_location where = std::source_location::current());

  [[nodiscard]] const Parts& parts() const { return parts_; }

 private:
  struct Operation {
    std::vector<std::string> any_of;
    std::string what;
    ApiHandler handler;
    bool parses_body = true;
  };
  http::Response serve(const Operation& operation, const http::Request& request);
  ApiResult<http::Response> run(const Operation& operation, const http::Request& request, RateLimit::Answer& limit) const;

  http::Router& router_;
  Parts parts_;
  Authenticator authenticator_;
  mutable RateLimit rate_limit_;
};

}  // namespace gatehouse::management
