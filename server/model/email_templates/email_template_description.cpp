#include "model/email_templates/email_template_description.h"

namespace gatehouse::model {
using namespace description;

const Property& email_template_body() {
  static const Property body = object()
    .field("template", one_of({"verify_email", "verify_email_by_code", "auth_email_by_code", "reset_email", "reset_email_by_code", "welcome_email",
                               "blocked_account", "stolen_credentials", "enrollment_email", "mfa_oob_code", "user_invitation", "async_approval",
                               "change_password", "password_reset"}).required().about("Template name."))
    .field("body", string().max(200'000).nullable().about("Body of the email template."))
    .field("from", string().max(1'000).nullable().about("Senders from email address."))
    .field("resultUrl", string().max(4'096).nullable().about("URL to redirect the user to after a successful action."))
    .field("subject", string().max(2'000).nullable().about("Subject line of the email."))
    .field("syntax", one_of({"liquid"}).nullable().about("Syntax of the template body."))
    .field("urlLifetimeInSeconds", integer().range(0, 31'536'000).nullable().about("Lifetime in seconds that the link within the email will be valid for."))
    .field("includeEmailInRedirect", boolean())
    .field("enabled", boolean().nullable().about("Whether the template is enabled (true) or disabled (false)."));
  return body;
}

}  // namespace gatehouse::model
