#include "messaging/database_messenger.h"

#include "messaging/email_provider.h"
#include "messaging/mail_templates.h"
#include "messaging/smtp_sender.h"
#include "model/resealing.h"

namespace gatehouse::messaging {
namespace {

constexpr std::string_view kMail = "mail", kSms = "sms";

std::string text(const json::object& object, std::string_view name) { return std::string(get_string(object, name).value_or("")); }

std::string context(const TenantId& tenant) { return model::sealed_context("jobs", "sealed", tenant.str()); }

}  // namespace

DatabaseMessenger::DatabaseMessenger(Parts parts, Report report)
    : parts_(std::move(parts)), report_(std::move(report)), outbox_(parts_.outbox_folder) {
  const auto reporting = [this](auto deliver) {
    return [this, deliver](const jobs::Job& job) -> Result<void> {
      Result<void> done = (this->*deliver)(job);
      if (!done && report_ && (job.attempts >= jobs::kMaxAttempts || done.error().code == Errc::invalid_argument)) {
        const Result<json::object> message = open(job);
        report_({job.tenant, message ? text(*message, "template_name") : "", message ? text(*message, "to") : "", done.error()});
      }
      return done;
    };
  };
  parts_.jobs.handle(std::string(kMail), reporting(&DatabaseMessenger::deliver_mail));
  parts_.jobs.handle(std::string(kSms), reporting(&DatabaseMessenger::deliver_sms));
}

Result<void> DatabaseMessenger::queue(storage::Transaction& tx, const TenantId& tenant, std::string_view type,
                                      const json::object& message) {
  const std::string sealed = parts_.sealer.seal(json::serialize(message), context(tenant));
  TRY_VOID(parts_.jobs.add(tx, tenant, type, {{"sealed", sealed}}, parts_.clock.now()));
  return {};
}

Result<void> DatabaseMessenger::queue_mail(storage::Transaction& tx, const Mail& mail) {
  if (!is_mail_address(mail.to)) return Error{Errc::invalid_argument, "The recipient's address is not valid."};
  if (!is_mail_template(mail.template_name)) return Error{Errc::internal, "", "no mail template '" + mail.template_name + "'"};
  return queue(tx, mail.tenant, kMail,
               {{"template_name", mail.template_name}, {"to", mail.to}, {"variables", mail.variables}, {"language", mail.language}});
}

Result<LinkSettings> DatabaseMessenger::link_settings(storage::Reader& reader, const TenantId& tenant, std::string_view template_name,
                                                      const json::object& application) {
  TRY(const json::object document, parts_.tenants.document(reader, tenant, mail_template_document(template_name)));
  return link_settings_of(document, application);
}

Result<void> DatabaseMessenger::queue_sms(storage::Transaction& tx, const Sms& sms) {
  return queue(tx, sms.tenant, kSms, {{"to", sms.to}, {"body", sms.body}, {"details", sms.details}});
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
  TRY(const auto tenant, parts_.tenants.find(job.tenant));
  if (!tenant) return Error{Errc::invalid_argument, "The tenant is gone."};
  TRY(const auto document, parts_.tenants.cached_document(job.tenant, mail_template_document(mail.template_name)));
  if (!is_mail_wanted(mail.template_name, *document)) return {};
  TRY(const auto provider, parts_.tenants.cached_document(job.tenant, kEmailProviderDocument));
  TRY(const RenderedMail rendered,
      render_mail(*tenant, *document, get_string(*provider, "default_from_address").value_or(""), mail, parts_.clock.now()));
  if (!rendered.problem.empty() && report_)
    report_({job.tenant, mail.template_name, mail.to, Error{Errc::invalid_argument, rendered.problem}, false});
  return send(*tenant, *provider, {job.id, rendered.from, mail.to, rendered.subject, rendered.html, rendered.text, job.created_at});
}

Result<void> DatabaseMessenger::send(const model::Tenant& tenant, const json::object& provider, const OutgoingMail& mail) {
  if (!is_built_email_provider(text(provider, "name")) || !get_bool(provider, "enabled").value_or(true)) return outbox_.send(mail);
  TRY(SecretString password, open_email_credential(provider, "smtp_pass", tenant.id, parts_.sealer));
  const json::object* credentials = get_object(provider, "credentials");
  if (!credentials) return Error{Errc::internal, "", "the e-mail provider has no credentials"};
  return SmtpSender({text(*credentials, "smtp_host"), int(get_int(*credentials, "smtp_port").value_or(587)),
                     text(*credentials, "smtp_user"), std::move(password)},
                    parts_.outbound)
      .send(mail);
}

Result<void> DatabaseMessenger::deliver_sms(const jobs::Job& job) {
  TRY(const json::object message, open(job));
  const json::object* details = get_object(message, "details");
  return outbox_.send_sms({job.tenant, text(message, "to"), text(message, "body"), details ? *details : json::object{}}, job.id,
                          job.created_at);
}

}  // namespace gatehouse::messaging
