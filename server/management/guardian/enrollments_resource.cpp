#include "management/guardian/enrollments_resource.h"

#include "connections/database/mail_variables.h"
#include "management/resource.h"
#include "management/users/authentication_methods_resource.h"
#include "model/guardian/guardian.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

const model::Property& ticket_body() {
  using namespace model::description;
  static const model::Property body =
      object()
          .field("user_id", string().length(1, 255).required().about("user_id for the enrollment ticket"))
          .field("email", string().max(254).format(model::Format::email))
          .field("send_mail", boolean())
          .field("email_locale", string().max(32))
          .field("factor", one_of({"push-notification", "phone", "email", "otp", "webauthn-roaming", "webauthn-platform"}))
          .field("allow_multiple_enrollments", boolean());
  return body;
}

}  // namespace

void EnrollmentsResource::mount() {
  api_.get("/guardian/enrollments/{id}", {"read:guardian_enrollments"}, "Get a multi-factor authentication enrollment",
           [this](const Call& call) { return get(call); });
  api_.remove("/guardian/enrollments/{id}", {"delete:guardian_enrollments"}, "Delete a multi-factor authentication enrollment",
              [this](const Call& call) { return remove(call); });
  api_.post("/guardian/enrollments/ticket", {"create:guardian_enrollment_tickets"},
            "Create a multi-factor authentication enrollment ticket", [this](const Call& call) { return create_ticket(call); });
}

ApiResult<model::AuthenticationMethod> EnrollmentsResource::existing(storage::Reader& reader, const Call& call) const {
  namespace type = model::method_type;
  const std::string& id = call.parameter();
  for (const std::string_view of : {type::kTotp, type::kPhone, type::kEmail, type::kWebAuthnRoaming, type::kWebAuthnPlatform}) {
    const std::string full = id.find('|') == std::string::npos ? std::string(of) + "|" + id : id;
    TRY(std::optional<model::AuthenticationMethod> found, methods_.find(reader, call.tenant(), full, call.now()));
    if (found && found->type == of) return std::move(*found);
  }
  return ApiError(ApiErrc::not_found, "The enrollment does not exist.", "enrollment_not_found");
}

ApiResult<http::Response> EnrollmentsResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::AuthenticationMethod found, existing(reader, call));
    return http::Response::json(200, show_enrollment(found));
  });
}

ApiResult<http::Response> EnrollmentsResource::remove(const Call& call) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::AuthenticationMethod found, existing(tx, call));
    TRY(const std::optional<model::User> user, parts_.users.find(tx, call.tenant(), found.user));
    if (!user) return management::missing(model::user_description());
    TRY_VOID(parts_.mfa.remove(
        tx, {.tenant = *tenant, .user = *user, .login = {}, .event = logs::Event::from(call.request(), "", ""), .language = {}}, found.id));
    return http::Response::empty(204);
  });
}

/// Errors: invalid_body, inexistent_user; 400: no address to send to, the factor is off.
ApiResult<http::Response> EnrollmentsResource::create_ticket(const Call& call) const {
  if (const auto complaint = ticket_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  const std::string factor(get_string(body, "factor").value_or(""));
  TRY(const mfa::Settings settings, parts_.mfa.settings(call.tenant()));
  const std::string switched = factor == "phone" ? "sms" : factor;
  if (!factor.empty() && (!settings.is_on(switched) || !model::guardian::is_built(switched)))
    return ApiError(ApiErrc::bad_request, "The factor " + factor + " is not enabled.", "factor_disabled");
  const std::string secret = model::TicketStore::make_secret(api_.parts().random);
  const std::string url = tenant->issuer + "u/mfa-enrollment?ticket=" + http::percent_encode(secret);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::optional<model::User> user, parts_.users.find(tx, call.tenant(), UserId(std::string(*get_string(body, "user_id")))));
    if (!user) return management::missing(model::user_description());
    const std::optional<std::string_view> other = get_string(body, "email");
    const std::string email = other ? std::string(*other) : user->email.value_or("");
    const bool send = get_bool(body, "send_mail").value_or(false);
    if (send && email.empty()) return ApiError(ApiErrc::bad_request, "The user does not have an email address.");
    model::Ticket ticket{.kind = "mfa_enrollment",
                         .tenant = call.tenant(),
                         .user = user->id,
                         .created_at = call.now(),
                         .expires_at = call.now() + model::kTicketLifetime};
    if (!factor.empty()) ticket.data["factor"] = factor;
    ticket.data["allow_multiple_enrollments"] = get_bool(body, "allow_multiple_enrollments").value_or(false);
    TRY_VOID(parts_.tickets.insert(tx, secret, ticket));
    if (send) {
      json::object variables = connections::mail_variables(*tenant, *user, nullptr, url);
      variables["link"] = url;
      TRY_VOID(parts_.messenger.queue_mail(tx, {.tenant = call.tenant(),
                                                .template_name = "enrollment_email",
                                                .to = email,
                                                .variables = std::move(variables),
                                                .language = std::string(get_string(body, "email_locale").value_or(""))}));
    }
    return http::Response::json(200, json::object{{"ticket_id", secret}, {"ticket_url", url}});
  });
}

}  // namespace gatehouse::management
