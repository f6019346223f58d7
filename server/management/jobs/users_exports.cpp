#include "management/jobs/users_exports.h"

#include "http/body_source.h"
#include "management/jobs/export_format.h"
#include "management/resource.h"

namespace gatehouse::management {
namespace {

constexpr int64_t most_active = 2;  // of a tenant

const model::Property& export_body() {
  using namespace model::description;
  static const model::Property body =
      object()
          .field("connection_id", string().length(1, 64).about("connection_id of the connection from which users will be exported."))
          .field("format", one_of({"json", "csv"}).about("Format of the file. Must be `json` or `csv`."))
          .field("limit", integer().at_least(1).about("Limit the number of records."))
          .field("fields", array(object()
                                     .field("name", string().length(1, 255).required().about("Name of the field in the profile."))
                                     .field("export_as", string().length(1, 255).about("Title of the column in the exported CSV.")))
                               .about("List of fields to be included in the CSV. Defaults to a predefined set of fields."));
  return body;
}

std::string link_context(const TenantId& tenant) { return "user_exports/link/" + tenant.str(); }

std::string file_name(const jobs::Job& job) {
  return job.tenant.str() + (get_string(job.state, "format") == "json" ? ".json.gz" : ".csv.gz");
}

/// The stored pieces of a job's file.
class StoredFile final : public http::BodySource {
 public:
  StoredFile(storage::Database& db, const jobs::JobFiles& files, const jobs::Job& job)
      : db_(db), files_(files), tenant_(job.tenant), job_(job.id), size_(get_int(job.state, "file_bytes").value_or(0)) {}
  [[nodiscard]] int64_t size() const override { return size_; }
  Result<std::string> next() override {
    TRY(std::optional<std::string> piece, db_.read([&](storage::Reader& reader) { return files_.read(reader, tenant_, job_, number_); }));
    ++number_;
    if (!piece) return Error{Errc::not_found, "The file is gone."};
    return *std::move(piece);
  }

 private:
  storage::Database& db_;
  const jobs::JobFiles& files_;
  const TenantId tenant_;
  const std::string job_;
  const int64_t size_;
  int64_t number_ = 0;
};

}  // namespace

UsersExports::UsersExports(Api& api, Parts parts)
    : api_(api), parts_(parts), work_({api.parts().db, parts.jobs, parts.files, parts.users, api.parts().clock}) {
  parts_.jobs.handle(
      std::string(UsersExportJob::type), [this](const jobs::Job& job) { return work_.run(job); }, jobs::Length::long_);
}

void UsersExports::mount() {
  api_.post("/jobs/users-exports", {"read:users"}, "Create an export users job", [this](const Call& call) { return create(call); });
  parts_.router.get("/user-exports/{file}", {.lane = http::Lane::admin, .scope = "link"},
                    [this](const http::Request& request) { return download(request); });
}

/// Errors: invalid_body; inexistent_connection; 429 for a third job at a time.
ApiResult<http::Response> UsersExports::create(const Call& call) const {
  if (const auto complaint = export_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  json::object options = call.body().get_object();
  if (!options.contains("format")) options["format"] = "csv";
  const json::value* fields = options.if_contains("fields");
  const auto format = ExportFormat::parse(*get_string(options, "format"), fields ? fields->get_array() : json::array{});
  if (!format) return ApiError(ApiErrc::invalid_body, "Payload validation error: '" + format.error().message + "' on property fields.");
  if (const auto id = get_string(options, "connection_id")) {
    TRY(const std::shared_ptr<const model::Connection> connection, parts_.connections.find(call.tenant(), ConnectionId(std::string(*id))));
    if (!connection) return ApiError(ApiErrc::bad_request, "The connection does not exist", "inexistent_connection");
    options["connection"] = connection->name;
  }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const int64_t active, parts_.jobs.count_active(tx, call.tenant(), UsersExportJob::type));
    if (active >= most_active)
      return ApiError(ApiErrc::too_many_requests,
                      "There are " + std::to_string(most_active) +
                          " active export users jobs, please wait until some of them are finished and try again");
    jobs::Job job{{}, call.tenant(), std::string(UsersExportJob::type), {}, "pending", 0, call.now(), options};
    TRY(job.id, parts_.jobs.add(tx, job.tenant, job.type, {}, job.created_at, {{}, options}));
    json::object answer = shown(job, call, api_.parts().sealer);
    answer.erase("percentage_done");
    return http::Response::json(200, answer);
  });
}

json::object UsersExports::shown(const jobs::Job& job, const Call& call, const crypto::Sealer& sealer) {
  json::object out{{"type", job.type}, {"status", job.status}, {"created_at", to_iso8601(job.created_at)}, {"id", job.id}};
  for (const std::string_view key : {"connection_id", "connection", "format", "limit", "fields"})
    if (const json::value* value = job.state.if_contains(key)) out[key] = *value;
  const auto number = [&](std::string_view key) { return get_int(job.state, key).value_or(0); };
  const int64_t rows = number("rows"), expected = std::max<int64_t>(number("expected"), 1);
  const bool over = job.status == "completed";
  out["percentage_done"] = over ? 100 : std::min<int64_t>(rows * 100 / expected, 99);
  if (job.status == "processing" && rows > 0) {
    const auto spent = std::chrono::duration_cast<seconds>(call.now() - from_micros(number("started_at"))).count();
    out["time_left_seconds"] = std::max<int64_t>(spent * (expected - rows) / rows, 0);
  }
  if (over && call.caller().has("read:users")) {  // a job may be seen with create:users, too
    const json::object link{{"job", job.id}, {"expires", to_unix_seconds(call.now() + link_lifetime)}};
    out["location"] = call.request().issuer + "user-exports/" + http::percent_encode(file_name(job)) +
                      "?token=" + sealer.seal(json::serialize(link), link_context(job.tenant));
  }
  return out;
}

/// The job that a link leads to; nullopt when it is none of ours, of another tenant, or too old, or when the job's day is over.
Result<std::optional<jobs::Job>> UsersExports::linked(const http::Request& request) const {
  constexpr std::optional<jobs::Job> none;
  const Result<SecretString> opened = api_.parts().sealer.open(request.query.get("token").value_or(""), link_context(request.tenant));
  if (!opened) return none;
  TRY(const json::value link, parse_json(opened->reveal()));
  const json::object& o = link.as_object();
  if (get_int(o, "expires").value_or(0) <= to_unix_seconds(api_.parts().clock.now())) return none;
  TRY(std::optional<jobs::Job> job, api_.parts().db.read([&](storage::Reader& reader) {
    return parts_.jobs.find(reader, request.tenant, get_string(o, "job").value_or(""));
  }));
  if (!job || job->type != UsersExportJob::type || job->status != "completed") return none;
  return job;
}

http::Response UsersExports::download(const http::Request& request) const {
  const Result<std::optional<jobs::Job>> job = linked(request);
  if (!job) return to_response(ApiError(job.error()));
  if (!*job)
    return to_response(
        {ApiErrc::forbidden, "The link has expired. GET /api/v2/jobs/{id} shows a new one, until a day after the export."});
  http::Response response;
  response.set("Content-Type", "application/gzip").no_store();
  response.set("Content-Disposition", "attachment; filename=\"" + file_name(**job) + "\"");
  response.source = std::make_shared<StoredFile>(api_.parts().db, parts_.files, **job);
  return response;
}

}  // namespace gatehouse::management
