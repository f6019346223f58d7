#include "messaging/database_messenger.h"

#include "messaging/api_mail_sender.h"
#include "messaging/email_provider.h"
#include "messaging/mail_templates.h"
#include "messaging/phone_sender.h"
#include "messaging/phone_templates.h"
#include "messaging/smtp_sender.h"
#include "model/resealing.h"
#include "model/users/user.h"

namespace gatehouse::messaging {
namespace {

constexpr std::string_view kMail = "mail", kSms = "sms", kPhone = "phone";
/// A code that comes later than this is worth nothing any more, and only confuses.
constexpr std::chrono::minutes kPhoneDeadline{15};

std::string text(const json::object& object, std::string_view name) { return std::string(get_string(object, name).value_or("")); }

std::string context(const TenantId& tenant) { return model::sealed_context("jobs", "sealed", tenant.str()); }

}  // namespace

DatabaseMessenger::DatabaseMessenger(Parts parts, Report report)
    : parts_(std::move(parts)), report_(std::move(report)), outbox_(parts_.outbox_folder), client_(http::make_client(parts_.outbound)) {
  const auto reporting = [this](auto deliver) {
    return [this, deliver](const jobs::Job& job) -> Result<void> {
      Result<void> done = (this->*deliver)(job);
      if (!done && report_ && (job.attempts >= jobs::kMaxAttempts || done.error().code == Errc::invalid_argument)) {
        const Result<json::object> message = open(job);
        report_({job.tenant, message ? text(*message, job.type == kPhone ? "type" : "template_name") : "", message ? text(*message, "to") : "", done.error()});
      }
      return done;
    };
  };
  parts_.jobs.handle(std::string(kMail), reporting(&DatabaseMessenger::deliver_mail));
  parts_.jobs.handle(std::string(kSms), reporting(&DatabaseMessenger::deliver_sms));
  parts_.jobs.handle(std::string(kPhone), reporting(&DatabaseMessenger::deliver_phone));
}

Result<void> DatabaseMessenger::queue(storage::Transaction& tx, const TenantId& tenant, std::string_view type,
                                      const json::object& message) {
  const std::string sealed = parts_.sealer.seal(json::serialize(message), context(tenant));
  TRY_VOID(parts_.jobs.add(tx, tenant, type, {{"sealed", sealed}}, parts_.clock.now()));
  return {};
}

Result<void> DatabaseMessenger::queue_mail(storage::Transaction& tx, const Mail& mail) {
  if (!is_mail_address(mail.to)) return Error{Errc::invalid_argument, "The recipient's address is not valid."};
  if (!is_mail_template(mail.template_name) && !is_own_mail(mail.template_name)) return Error{Errc::internal, "", "no mail template '" + mail.template_name + "'"};
  return queue(tx, mail.tenant, kMail,
               {{"template_name", mail.template_name}, {"to", mail.to}, {"variables", mail.variables}, {"language", mail.language}, {"document", mail.document}});
}

Result<LinkSettings> DatabaseMessenger::link_settings(storage::Reader& reader, const TenantId& tenant, std::string_view template_name,
                                                      const json::object& application) {
  TRY(const json::object document, parts_.tenants.document(reader, tenant, mail_template_document(template_name)));
  return link_settings_of(document, application);
}

Result<void> DatabaseMessenger::queue_sms(storage::Transaction& tx, const Sms& sms) {
  return queue(tx, sms.tenant, kSms, {{"to", sms.to}, {"body", sms.body}, {"details", sms.details}, {"voice", sms.voice}});
}

Result<void> DatabaseMessenger::queue_phone(storage::Transaction& tx, const PhoneMessage& message) {
  if (!model::normalize_phone(message.to)) return Error{Errc::invalid_argument, "The recipient's phone number is not valid."};
  if (!is_phone_template(message.type)) return Error{Errc::internal, "", "no phone template '" + message.type + "'"};
  return queue(tx, message.tenant, kPhone,
               {{"type", message.type},
                {"to", message.to},
                {"variables", message.variables},
                {"language", message.language},
                {"voice", message.voice},
                {"second_factor", message.second_factor},
                {"sender", message.sender},
                {"wording", message.wording}});
}

Result<json::object> DatabaseMessenger::open(const jobs::Job& job) const {
  TRY(const SecretString plain, parts_.sealer.open(text(job.payload, "sealed"), context(job.tenant)));
  TRY(json::value message, parse_json(plain.reveal()));
  if (!message.is_object()) return Error{Errc::internal, "", "a sealed message is no object"};
  return std::move(message.get_object());
}

Result<void> DatabaseMessenger::deliver_mail(const jobs::Job& job) {
  TRY(const json::object message, open(job));
  const json::object* variables = get_object(message, "variables");
  const Mail mail{job.tenant, text(message, "template_name"), text(message, "to"), variables ? *variables : json::object{},
                  text(message, "language")};
  const json::object* own = get_object(message, "document");
  TRY(const auto tenant, parts_.tenants.find(job.tenant));
  if (!tenant) return Error{Errc::invalid_argument, "The tenant is gone."};
  TRY(const auto document, parts_.tenants.cached_document(job.tenant, mail_template_document(mail.template_name)));
  if (!is_mail_wanted(mail.template_name, *document)) return {};
  TRY(const auto provider, parts_.tenants.cached_document(job.tenant, kEmailProviderDocument));
  TRY(const RenderedMail rendered,
      render_mail(*tenant, own && !own->empty() ? *own : *document, get_string(*provider, "default_from_address").value_or(""), mail, parts_.clock.now()));
  if (!rendered.problem.empty() && report_)
    report_({job.tenant, mail.template_name, mail.to, Error{Errc::invalid_argument, rendered.problem}, false});
  return send(*tenant, *provider, {job.id, rendered.from, mail.to, rendered.subject, rendered.html, rendered.text, job.created_at});
}

Result<void> DatabaseMessenger::send(const model::Tenant& tenant, const json::object& provider, const OutgoingMail& mail) {
  if (!is_built_email_provider(text(provider, "name")) || !get_bool(provider, "enabled").value_or(true)) return outbox_.send(mail);
  const json::object* credentials = get_object(provider, "credentials");
  if (!credentials) return Error{Errc::internal, "", "the e-mail provider has no credentials"};
  const auto secret = [&](std::string_view name) { return open_email_credential(provider, name, tenant.id, parts_.sealer); };
  if (const std::string name = text(provider, "name"); has_mail_api(name)) {
    const json::object* settings = get_object(provider, "settings");
    const json::object none;
    return send_by_api(*client_, {name, *credentials, settings ? *settings : none, secret}, mail, parts_.clock.now());
  }
  TRY(SecretString password, secret("smtp_pass"));
  return SmtpSender({text(*credentials, "smtp_host"), int(get_int(*credentials, "smtp_port").value_or(587)),
                     text(*credentials, "smtp_user"), std::move(password)},
                    parts_.outbound)
      .send(mail);
}

Result<void> DatabaseMessenger::deliver_sms(const jobs::Job& job) {
  TRY(const json::object message, open(job));
  const json::object* details = get_object(message, "details");
  PhoneMessage about;
  about.tenant = job.tenant;
  TRY(const PhoneRoute route, phone_route(parts_.tenants, parts_.sealer, about));
  return send_now(job, route,
                  {job.tenant, text(message, "to"), text(message, "body"), details ? *details : json::object{},
                   get_bool(message, "voice").value_or(false)});
}

Result<void> DatabaseMessenger::deliver_phone(const jobs::Job& job) {
  TRY(const json::object stored, open(job));
  const auto object = [&](std::string_view name) {
    const json::object* found = get_object(stored, name);
    return found ? *found : json::object{};
  };
  PhoneMessage message{.tenant = job.tenant,
                       .type = text(stored, "type"),
                       .to = text(stored, "to"),
                       .variables = object("variables"),
                       .language = text(stored, "language"),
                       .voice = get_bool(stored, "voice").value_or(false),
                       .second_factor = get_bool(stored, "second_factor").value_or(false),
                       .sender = object("sender"),
                       .wording = text(stored, "wording")};
  TRY(const auto tenant, parts_.tenants.find(job.tenant));
  if (!tenant) return Error{Errc::invalid_argument, "The tenant is gone."};
  TRY(PhoneRoute route, phone_route(parts_.tenants, parts_.sealer, message));
  const auto offers = [&](std::string_view method) { return std::ranges::find(route.delivery_methods, method) != route.delivery_methods.end(); };
  if (!offers(message.voice ? "voice" : "text")) message.voice = !message.voice;
  TRY(const auto templates, parts_.tenants.cached_document(job.tenant, kPhoneTemplatesDocument));
  TRY(const auto guardian, parts_.tenants.cached_document(job.tenant, kGuardianTemplatesDocument));
  TRY(const RenderedPhone rendered, render_phone(*tenant, *templates, *guardian, message, parts_.clock.now()));
  if (!rendered.problem.empty() && report_) report_({job.tenant, message.type, message.to, Error{Errc::invalid_argument, rendered.problem}, false});
  if (!rendered.from.empty()) route.from = rendered.from;
  json::object details{{"type", message.type}, {"message_type", message.voice ? "voice" : "sms"}};
  if (!message.language.empty()) details["locale"] = message.language;
  return send_now(job, route, {job.tenant, message.to, rendered.body, std::move(details), message.voice});
}

Result<void> DatabaseMessenger::send_now(const jobs::Job& job, const PhoneRoute& route, Sms sms) {
  if (route.kind == PhoneRoute::Kind::outbox) return outbox_.send_sms(sms, job.id, job.created_at);
  if (parts_.clock.now() > job.created_at + kPhoneDeadline)
    return Error{Errc::invalid_argument, "The phone provider was not reached in time; the message is outdated."};
  TRY(const auto tenant, parts_.tenants.get(job.tenant));
  return send_phone(*client_, route, sms, tenant->issuer, parts_.clock.now());
}

}  // namespace gatehouse::messaging
