#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "messaging/messenger.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::messaging {

/// The tenant document of its phone templates: by type, each as /branding/phone/templates shows it.
inline constexpr std::string_view kPhoneTemplatesDocument = "phone_templates";
/// `{enrollment_message, verification_message}` of /guardian/factors/{sms,phone}/templates.
inline constexpr std::string_view kGuardianTemplatesDocument = "guardian_phone_templates";

std::span<const std::string_view> phone_template_types();
bool is_phone_template(std::string_view type);

/// `{syntax, body: {text, voice}}` in our English words; what a template is reset to.
json::object default_phone_content(std::string_view type);
/// The two messages of the second factor in our words.
json::object default_guardian_templates();

/// Checks that the texts are templates. Errors: invalid_argument with the property and the line.
Result<void> check_phone_content(const json::object& content);

struct RenderedPhone {
  std::string body;
  std::string from;     ///< the template's own sender; empty: the provider's
  std::string problem;  ///< why the tenant's own template was not used, if so
};
/// Renders the text (or what is to be said): the connection's own wording, the tenant's template, the second factor's, ours in the language
/// asked for. What fails is replaced by ours. Errors: invalid_argument (no such type).
Result<RenderedPhone> render_phone(const model::Tenant& tenant, const json::object& templates, const json::object& guardian,
                                   const PhoneMessage& message, Timestamp now);

}  // namespace gatehouse::messaging
