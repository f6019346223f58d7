#include "management/jobs/jobs_resource.h"

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
                                 .field("connection_id", string().max(64))
                                 .not_enforced())
          .field("organization_id", string().max(50).not_enforced());
  return body;
}

json::object shown(const jobs::Job& job) {
  return {{"type", job.type}, {"status", job.status}, {"created_at", to_iso8601(job.created_at)}, {"id", job.id}};
}

}  // namespace

JobsResource::JobsResource(Api& api, Parts parts) : api_(api), parts_(parts) {
  parts_.jobs.handle(std::string(kVerificationEmail), [this](const jobs::Job& job) { return send_verification(job); });
}

void JobsResource::mount() {
  api_.get("/jobs/{id}", {"create:users", "read:users"}, "Get a job", [this](const Call& call) { return get(call); });
  api_.post("/jobs/verification-email", {"update:users"}, "Send an email address verification email",
            [this](const Call& call) { return verification_email(call); });
}

/// Errors: inexistent_job.
ApiResult<http::Response> JobsResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::optional<jobs::Job> job, parts_.jobs.find(reader, call.tenant(), call.parameter()));
    if (!job || job->type != kVerificationEmail) return ApiError(ApiErrc::not_found, "The job does not exist", "inexistent_job");
    return http::Response::json(200, shown(*job));
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
    if (!user->email) return ApiError(ApiErrc::bad_request, "The user does not have an email address.");
    const json::object payload{{"user_id", user_id.str()}, {"client_id", client_id.str()}};
    TRY(std::string id, parts_.jobs.add(tx, call.tenant(), kVerificationEmail, payload, call.now()));
    return http::Response::json(201, shown({std::move(id), call.tenant(), std::string(kVerificationEmail), {}, "pending", 0, call.now()}));
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
    if (!user || !user->email) return Error{Errc::invalid_argument, "The user is gone, or has no e-mail address."};
    TRY_VOID(parts_.database_connection.queue_verification(tx, *tenant, *user, secret, client.get()));
    logs::Event event;
    event.tenant = job.tenant;
    event.type = "svr";
    event.description = "Verification mail requested";
    event.client = client_id;
    event.client_name = client ? client->name : "";
    event.user = user->id;
    event.user_name = *user->email;
    return api_.parts().log.write(tx, event);
  });
}

}  // namespace gatehouse::management
