#pragma once
#include <span>
#include <string>
#include <string_view>

#include "messaging/messenger.h"
#include "messaging/mime.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::messaging {

/// Auth0's names of mail templates.
std::span<const std::string_view> mail_template_names();
bool is_mail_template(std::string_view name);
/// Mails of our own, to administrators, which tenants cannot word: the end of an import.
bool is_own_mail(std::string_view name);

/// Where a tenant keeps its own version: the document of this name, `{body, subject, from, enabled, …}` as the API shows it.
std::string mail_template_document(std::string_view name);

/// Whether such a mail is sent at all. Auth0 lets a tenant switch off what nobody waits for (verify_email, blocked_account, …);
/// a welcome mail is sent only when switched on. Codes, links to new passwords and invitations always are.
bool is_mail_wanted(std::string_view name, const json::object& document);

/// Checks that `body`, `subject` and `from` of a document are templates. Errors: invalid_argument with the property and the line.
Result<void> check_mail_template(const json::object& document);

/// What GET /email-templates/{name} shows of a template that the tenant has not written: a new tenant has verify_email and
/// welcome_email, as on Auth0, with our English texts as one self-contained template. Empty for the others.
json::object default_mail_document(std::string_view name);

/// `urlLifetimeInSeconds`, `resultUrl` (a template that may use `application` alone) and `includeEmailInRedirect`. A result URL
/// that does not render, or is no http(s) address, is left out.
LinkSettings link_settings_of(const json::object& document, const json::object& application);

struct RenderedMail {
  Mailbox from;
  std::string subject, html, text;
  std::string problem;  ///< why the tenant's own template was not used, if so
};

/// Renders with the tenant's template, or ours where it has none, has switched it off or it fails: a broken template must not lock
/// people out. `default_from` is the provider's. Errors: invalid_argument (there is no such mail).
Result<RenderedMail> render_mail(const model::Tenant& tenant, const json::object& document, std::string_view default_from, const Mail& mail,
                                 Timestamp now);

/// A file below templates/, without its ending: "en/verify_email".
struct EmbeddedTemplate {
  std::string_view name;
  std::string_view source;
};
std::span<const EmbeddedTemplate> embedded_templates();

}  // namespace gatehouse::messaging
