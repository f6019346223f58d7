#include "management/api.h"

#include "base/text.h"
#include "logs/redaction.h"

namespace gatehouse::management {
namespace {

/// The body as JSON; null when there is none or the method has none. Errors: invalid_body, unsupported_media_type.
ApiResult<json::value> parse_body(const http::Request& request) {
  if (request.method == http::Method::GET || request.method == http::Method::HEAD || request.body.empty()) return json::value(nullptr);
  const std::string type = request.content_type();
  const bool deleting = request.method == http::Method::DELETE;  // some clients send one with DELETE, unlabelled
  if (type == "text/html" && request.method == http::Method::PUT) return json::value(request.body);  // a page template
  if (type != "application/json" && !(deleting && type.empty())) {
    if (deleting) return json::value(nullptr);
    return ApiError(ApiErrc::unsupported_media_type, "Unsupported Media Type");
  }
  Result<json::value> body = parse_json(request.body);
  if (!body) return ApiError(ApiErrc::invalid_body, "Invalid request payload JSON format");
  return *std::move(body);
}

constexpr size_t longest_logged_body = 16 * 1024;

/// Takes nothing of a body.
class RefusingSink final : public http::BodySink {
 public:
  explicit RefusingSink(http::Response answer) : answer_(std::move(answer)) {}
  std::optional<http::Response> take(std::string_view) override { return answer_; }

 private:
  http::Response answer_;
};

}  // namespace

// --- Call

Timestamp Call::now() const { return api_.parts().clock.now(); }

ApiResult<const json::object*> Call::object() const {
  if (const json::object* object = body_.if_object()) return object;
  const std::string_view found = body_.is_null()     ? "null"
                                 : body_.is_array()  ? "array"
                                 : body_.is_string() ? "string"
                                 : body_.is_bool()   ? "boolean"
                                                     : "number";
  return ApiError(ApiErrc::invalid_body, "Payload validation error: 'Expected type object but found type " + std::string(found) + "'.");
}

logs::Event Call::event(std::string_view type) const {
  logs::Event event = logs::Event::from(request_, type, operation_);
  event.client = caller_->client;
  event.user = caller_->user;
  json::object request;
  request["method"] = to_string(request_.method);
  request["path"] = request_.path;
  if (!body_.is_null() && request_.body.size() <= longest_logged_body) request["body"] = logs::redacted(body_);
  const std::string_view correlation = request_.header("x-correlation-id").value_or("");
  if (!correlation.empty() && std::all_of(correlation.begin(), correlation.end(), [](char c) { return c >= 0x20 && c < 0x7f; }))
    request["correlation_id"] = correlation.substr(0, 64);  // Auth0 keeps as much
  event.details["request"] = std::move(request);
  return event;
}

void Call::add_answer(logs::Event& event, const http::Response& response) {
  json::object answer;
  answer["statusCode"] = response.status;
  if (!response.body.empty() && response.body.size() <= longest_logged_body)
    if (Result<json::value> body = parse_json(response.body)) answer["body"] = logs::redacted(*body);
  event.details["response"] = std::move(answer);
}

ApiResult<http::Response> Call::logged(storage::Transaction& tx, logs::Event& event,
                                       const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const {
  TRY(http::Response response, work(tx));
  add_answer(event, response);
  TRY_VOID(api_.parts().log.write(tx, event));
  return response;
}

// The event is begun outside the unit of work: all writers wait for what is done in it.
ApiResult<http::Response> Call::write(const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const {
  logs::Event event = this->event("sapi");
  return api_.parts().db.write([&](storage::Transaction& tx) { return logged(tx, event, work); });
}

ApiResult<http::Response> Call::write_own_rows(const std::function<ApiResult<http::Response>(storage::Transaction&)>& work) const {
  logs::Event event = this->event("sapi");
  return api_.parts().db.write_own_rows([&](storage::Transaction& tx) { return logged(tx, event, work); });
}

ApiResult<http::Response> Call::read(const std::function<ApiResult<http::Response>(storage::Reader&)>& work) const {
  return api_.parts().db.read([&](storage::Reader& reader) { return work(reader); });
}

// --- Api

Api::Api(http::Router& router, Parts parts) : router_(router), parts_(parts), authenticator_(parts.keys), rate_limit_(parts.rate_limit) {}

void Api::add(http::Method method, std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler,
              std::source_location where) {
  http::RouteOptions options;
  options.lane = http::Lane::admin;
  options.scope = join(any_of, ",");
  auto operation = std::make_shared<Operation>(Operation{std::move(any_of), std::move(what), std::move(handler)});
  router_.add(
      method, "/api/v2" + path, std::move(options), [this, operation](const http::Request& request) { return serve(*operation, request); },
      where);
}

void Api::upload(std::string path, std::vector<std::string> any_of, std::string what, Upload upload, ApiHandler handler,
                 std::source_location where) {
  http::RouteOptions options;
  options.lane = http::Lane::admin;
  options.scope = join(any_of, ",");
  options.max_body = upload.max_body;
  auto operation = std::make_shared<Operation>(Operation{std::move(any_of), std::move(what), std::move(handler), false});
  options.open_sink = [this, operation, open = std::move(upload.open)](const http::Request& request) -> std::unique_ptr<http::BodySink> {
    const auto refuse = [](const ApiError& error) { return std::make_unique<RefusingSink>(to_response(error)); };
    const auto caller = authenticator_.authenticate(request, parts_.clock.now());
    if (!caller) return refuse(caller.error());
    if (!(*caller)->has_any(operation->any_of))
      return refuse({ApiErrc::insufficient_scope, "Insufficient scope, expected any of: " + join(operation->any_of, ",")});
    return open(request);
  };
  router_.add(
      http::Method::POST, "/api/v2" + path, std::move(options),
      [this, operation](const http::Request& request) { return serve(*operation, request); }, where);
}

http::Response Api::serve(const Operation& operation, const http::Request& request) {
  RateLimit::Answer limit{};
  ApiResult<http::Response> result = run(operation, request, limit);
  http::Response response = result ? *std::move(result) : to_response(result.error());
  if (!result && response.status >= 500) {
    json::object fields;
    fields["request_id"] = request.id;
    fields["tenant"] = request.tenant.str();
    fields["operation"] = operation.what;
    fields["status"] = response.status;
    fields["detail"] = result.error().detail;
    parts_.server_log.error("management_failure", fields);
  }
  response.set("x-ratelimit-limit", std::to_string(limit.limit));
  response.set("x-ratelimit-remaining", std::to_string(limit.remaining));
  response.set("x-ratelimit-reset", std::to_string(limit.reset));
  if (response.status == 429) response.set("retry-after", "1");
  response.set("cache-control", "no-cache");
  return response;
}

ApiResult<http::Response> Api::run(const Operation& operation, const http::Request& request, RateLimit::Answer& limit) const {
  const Timestamp now = parts_.clock.now();
  limit = rate_limit_.look(request.tenant, now);
  TRY(const std::shared_ptr<const Caller> caller, authenticator_.authenticate(request, now));
  limit = rate_limit_.take(request.tenant, now);  // only now: strangers must not be able to use up what administrators have
  if (!limit.allowed) return ApiError(ApiErrc::too_many_requests, "Global limit has been reached");

  const bool permitted = caller->has_any(operation.any_of);
  ApiResult<json::value> body = permitted && operation.parses_body ? parse_body(request) : ApiResult<json::value>(json::value(nullptr));
  const Call call(*this, request, caller, operation.what, body ? std::move(*body) : json::value(nullptr));
  ApiResult<http::Response> result =
      !permitted ? ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: " + join(operation.any_of, ","))
      : !body    ? ApiResult<http::Response>(body.error())
                 : operation.handler(call);
  if (!result && request.method != http::Method::GET && request.method != http::Method::HEAD) {
    logs::Event event = call.event("fapi");
    Call::add_answer(event, to_response(result.error()));
    event.description = result.error().message;
    parts_.log.enqueue(std::move(event));
  }
  return result;
}

void Api::get(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler, std::source_location where) {
  add(http::Method::GET, std::move(path), std::move(any_of), std::move(what), std::move(handler), where);
}
void Api::post(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler, std::source_location where) {
  add(http::Method::POST, std::move(path), std::move(any_of), std::move(what), std::move(handler), where);
}
void Api::put(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler, std::source_location where) {
  add(http::Method::PUT, std::move(path), std::move(any_of), std::move(what), std::move(handler), where);
}
void Api::patch(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler, std::source_location where) {
  add(http::Method::PATCH, std::move(path), std::move(any_of), std::move(what), std::move(handler), where);
}
void Api::remove(std::string path, std::vector<std::string> any_of, std::string what, ApiHandler handler, std::source_location where) {
  add(http::Method::DELETE, std::move(path), std::move(any_of), std::move(what), std::move(handler), where);
}

}  // namespace gatehouse::management
