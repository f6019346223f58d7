#include "management/jobs/jobs_resource.h"

#include "jobs/job_files.h"
#include "management/jobs/users_exports.h"
#include "management/jobs/users_imports.h"
#include "management/resource.h"
#include "model/clients/client_description.h"
#include "model/tickets/ticket_store.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

constexpr std::string_view kVerificationEmail = "verification_email";

const model::Property& verification_body() {
  using namespace model::description;
  static const model::Property body =
      object()
          .field("user_id", string().length(1, 255).required().about("user_id of the user to send the verification email to."))
          .field("client_id", string().length(1, 64).about("client_id of the client (application)."))
          .field("identity", object()
                                 .field("user_id", string().length(1, 255).required())
                                 .field("provider", string().length(1, 64).required())
                                 .field("connection_id", string().max(64)))
          .field("organization_id", string().max(50).not_enforced());
  return body;
}

json::object plain(const jobs::Job& job) {
  return {{"type", job.type}, {"status", job.status}, {"created_at", to_iso8601(job.created_at)}, {"id", job.id}};
}

}  // namespace

json::object JobsResource::shown(const jobs::Job& job, const Call& call) const {
  if (job.type == UsersImportJob::type) return UsersImports::shown(job, call.now());
  if (job.type == UsersExportJob::type) return UsersExports::shown(job, call, api_.parts().sealer);
  return plain(job);
}

JobsResource::JobsResource(Api& api, Parts parts) : api_(api), parts_(parts) {
  parts_.jobs.handle(std::string(kVerificationEmail), [this](const jobs::Job& job) { return send_verification(job); });
}

void JobsResource::mount() {
  api_.get("/jobs/{id}", {"create:users", "read:users"}, "Get a job", [this](const Call& call) { return get(call); });
  api_.get("/jobs/{id}/errors", {"create:users", "read:users"}, "Get job error details", [this](const Call& call) { return errors(call); });
  api_.post("/jobs/verification-email", {"update:users"}, "Send an email address verification email",
            [this](const Call& call) { return verification_email(call); });
}

/// Errors: inexistent_job.
ApiResult<jobs::Job> JobsResource::existing(storage::Reader& reader, const Call& call) const {
  TRY(std::optional<jobs::Job> job, parts_.jobs.find(reader, call.tenant(), call.parameter()));
  const bool asked_for = job && (job->type == kVerificationEmail || job->type == UsersImportJob::type || job->type == UsersExportJob::type);
  if (!asked_for) return ApiError(ApiErrc::not_found, "The job does not exist", "inexistent_job");
  return *std::move(job);
}

ApiResult<http::Response> JobsResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const jobs::Job job, existing(reader, call));
    return http::Response::json(200, shown(job, call));
  });
}

/// Errors of single rows as a list; of a job that failed as a whole, the job and why; 204 when there are none.
ApiResult<http::Response> JobsResource::errors(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const jobs::Job job, existing(reader, call));
    if (job.status == "failed") return http::Response::json(200, shown(job, call));
    TRY(std::string errors, jobs::JobErrors::all(reader, call.tenant(), job.id));
    if (errors.empty()) return http::Response::empty(204);
    http::Response response = http::Response::json(200, json::array());
    response.body = std::move(errors);
    return response;
  });
}

/// Errors: invalid_body; inexistent_user, inexistent_client; 400 for a user without an address.
ApiResult<http::Response> JobsResource::verification_email(const Call& call) const {
  if (const auto complaint = verification_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  const UserId user_id{std::string(*get_string(body, "user_id"))};
  const ClientId client_id{std::string(get_string(body, "client_id").value_or(""))};
  if (!client_id.empty()) {
    TRY(const auto client, parts_.clients.find(call.tenant(), client_id));
    if (!client) return management::missing(model::client_description());
  }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::optional<model::User> user, parts_.users.find(tx, call.tenant(), user_id));
    if (!user) return management::missing(model::user_description());
    const model::Identity* account = &user->identities.front();
    if (const json::object* named = get_object(call.body().get_object(), "identity")) {
      account = user->identity_at(*get_string(*named, "provider"), *get_string(*named, "user_id"));
      if (!account) return ApiError(ApiErrc::bad_request, "The user does not have the specified identity.", "inexistent_identity");
    }
    if (!user->email_of(*account)) return ApiError(ApiErrc::bad_request, "The user does not have an email address.");
    const json::object payload{{"user_id", user_id.str()},
                               {"client_id", client_id.str()},
                               {"provider", account->provider},
                               {"own_id", account->user_id}};
    TRY(std::string id, parts_.jobs.add(tx, call.tenant(), kVerificationEmail, payload, call.now()));
    return http::Response::json(201, plain({std::move(id), call.tenant(), std::string(kVerificationEmail), {}, "pending", 0, call.now()}));
  });
}

/// The job: a ticket and its mail, in one unit of work. Should it be done twice, the second link voids the first.
Result<void> JobsResource::send_verification(const jobs::Job& job) const {
  TRY(const auto tenant, parts_.tenants.find(job.tenant));
  if (!tenant) return Error{Errc::invalid_argument, "The tenant is gone."};
  const ClientId client_id{std::string(get_string(job.payload, "client_id").value_or(""))};
  std::shared_ptr<const model::Client> client;
  if (!client_id.empty()) {
    TRY(client, parts_.clients.find(job.tenant, client_id));
  }
  const std::string secret = model::TicketStore::make_secret(api_.parts().random);
  return api_.parts().db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(const std::optional<model::User> user,
        parts_.users.find(tx, job.tenant, UserId(std::string(get_string(job.payload, "user_id").value_or("")))));
    // Jobs of an earlier version name no account.
    const auto own_id = get_string(job.payload, "own_id");
    const model::Identity* account = !user     ? nullptr
                                     : own_id ? user->identity_at(get_string(job.payload, "provider").value_or(""), *own_id)
                                              : &user->identities.front();
    const std::optional<std::string> email = account ? user->email_of(*account) : std::nullopt;
    if (!email) return Error{Errc::invalid_argument, "The user is gone, or has no e-mail address."};
    TRY_VOID(parts_.database_connection.queue_verification(tx, *tenant, *user, secret, client.get(), account));
    logs::Event event;
    event.tenant = job.tenant;
    event.type = "svr";
    event.description = "Verification mail requested";
    event.client = client_id;
    event.client_name = client ? client->name : "";
    event.user = user->id;
    event.user_name = *email;
    return api_.parts().log.write(tx, event);
  });
}

}  // namespace gatehouse::management
