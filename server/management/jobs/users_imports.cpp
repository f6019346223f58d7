#include "management/jobs/users_imports.h"

#include "management/jobs/users_import_upload.h"
#include "management/resource.h"

namespace gatehouse::management {
namespace {

constexpr int64_t most_active = 2;           // of a tenant
constexpr size_t room_for_form = 64 * 1024;  // bytes of the body that are not the file

const model::Property& form() {
  using namespace model::description;
  static const model::Property body = object()
                                          .field("connection_id", string().required().length(1, 64).about("connection_id of the connection to which users will be imported."))
                                          .field("upsert", boolean().about("Whether to update users if they already exist (true) or to ignore them (false)."))
                                          .field("external_id", string().length(1, 255).about("Customer-defined ID."))
                                          .field("send_completion_email", boolean().about("Whether to send a completion email to all tenant owners when the job is finished (true) or not (false)."));
  return body;
}

/// The form's fields as the JSON they stand for.
json::object as_json(const UsersImportUpload& upload) {
  json::object out;
  for (const auto& [name, value] : upload.fields()) {
    if (name == "upsert" || name == "send_completion_email") {
      if (value == "true" || value == "false") {
        out[name] = value == "true";
        continue;
      }
    }
    if (form().find(name)) out[name] = value;  // others are let pass, as the service does
  }
  return out;
}

ApiError too_many() {
  return {ApiErrc::too_many_requests,
          "There are " + std::to_string(most_active) + " active import users jobs, please wait until some of them are finished and try again"};
}

}  // namespace

UsersImports::UsersImports(Api& api, Parts parts)
    : api_(api),
      parts_(parts),
      work_({api.parts().db, parts.jobs, parts.files, parts.users, parts.connections, parts.tenants, api.parts().log, api.parts().clock,
             api.parts().random, api.parts().sealer, CompletionMail({parts.messenger, parts.users})}) {
  parts_.jobs.handle(
      std::string(UsersImportJob::type), [this](const jobs::Job& job) { return work_.run(job); }, jobs::Length::long_);
}

void UsersImports::mount() {
  api_.upload("/jobs/users-imports", {"create:users"}, "Create an import users job",
              {size_t(parts_.max_file_bytes) + room_for_form, [this](const http::Request& request) { return open(request); }},
              [this](const Call& call) { return create(call); });
}

std::unique_ptr<http::BodySink> UsersImports::open(const http::Request& request) const {
  const Api::Parts& api = api_.parts();
  return std::make_unique<UsersImportUpload>(api.db, parts_.files, api.clock, request.tenant, "job_" + api.random.alphanumeric(16),
                                             http::MultipartReader::boundary_of(request.header("content-type").value_or("")));
}

/// Errors: invalid_body; inexistent_connection; 400 for other connections than databases; 413; 429 for a third job at a time.
ApiResult<http::Response> UsersImports::create(const Call& call) const {
  std::shared_ptr<http::BodySink> sink = call.request().sink;
  if (!sink) sink = open(call.request());
  auto& upload = dynamic_cast<UsersImportUpload&>(*sink);
  TRY_VOID(upload.finish(call.request().body));

  json::object options = as_json(upload);
  if (const auto complaint = form().complaint(options, model::Body::create)) return payload_error(*complaint);
  if (!upload.has_file()) return ApiError(ApiErrc::invalid_body, "Users file is required");
  if (upload.file_bytes() > parts_.max_file_bytes)
    return ApiError(ApiErrc::payload_too_large, "Payload content length greater than maximum allowed: " + std::to_string(parts_.max_file_bytes));
  const ConnectionId id{std::string(*get_string(options, "connection_id"))};
  TRY(const std::shared_ptr<const model::Connection> connection, parts_.connections.find(call.tenant(), id));
  if (!connection) return ApiError(ApiErrc::bad_request, "The connection does not exist", "inexistent_connection");
  if (!connection->is_database())
    return ApiError(ApiErrc::bad_request, "Users can be imported into database connections only", "operation_not_supported");

  options["connection"] = connection->name;
  if (!call.caller().user.empty()) options["asked_by"] = call.caller().user.str();
  const json::object state = UsersImportJob::first_state(options, upload.file_bytes());
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const int64_t active, parts_.jobs.count_active(tx, call.tenant(), UsersImportJob::type));
    if (active >= most_active) return too_many();
    jobs::Job job{upload.job(), call.tenant(), std::string(UsersImportJob::type), {}, "pending", 0, call.now(), state};
    TRY_VOID(parts_.jobs.add(tx, job.tenant, job.type, {}, job.created_at, {job.id, state}));
    json::object answer = shown(job, call.now());
    answer.erase("percentage_done");
    return http::Response::json(202, answer);
  });
}

json::object UsersImports::shown(const jobs::Job& job, Timestamp now) {
  json::object out{{"type", job.type}, {"status", job.status}, {"created_at", to_iso8601(job.created_at)}, {"id", job.id}};
  for (const std::string_view key : {"connection_id", "connection", "upsert", "external_id", "send_completion_email", "status_details"})
    if (const json::value* value = job.state.if_contains(key)) out[key] = *value;
  if (!out.contains("upsert")) out["upsert"] = false;
  const auto number = [&](std::string_view key) { return get_int(job.state, key).value_or(0); };
  const int64_t done = number("done"), size = std::max<int64_t>(number("file_bytes"), 1);
  const bool over = job.status == "completed";
  out["percentage_done"] = over ? 100 : std::min<int64_t>(done * 100 / size, 99);
  if (job.status == "processing" && done > 0) {
    const auto spent = std::chrono::duration_cast<seconds>(now - from_micros(number("started_at"))).count();
    out["time_left_seconds"] = std::max<int64_t>(spent * (size - done) / done, 0);
  }
  if (over) {
    const int64_t inserted = number("inserted"), updated = number("updated"), failed = number("failed");
    out["summary"] = {{"failed", failed}, {"updated", updated}, {"inserted", inserted}, {"total", failed + updated + inserted}};
  }
  return out;
}

}  // namespace gatehouse::management
