#include "management/email_templates/email_templates_resource.h"

#include "management/resource.h"
#include "messaging/mail_templates.h"
#include "model/email_templates/email_template_description.h"

namespace gatehouse::management {
namespace {

ApiError missing() { return {ApiErrc::not_found, "The template does not exist.", "inexistent_email_template"}; }

/// The template of the path. Errors: invalid_uri.
ApiResult<std::string> name_in_path(const Call& call) {
  const std::string& name = call.parameter("templateName");
  if (!messaging::is_mail_template(name))
    return ApiError(ApiErrc::invalid_uri,
                    "Path validation error: 'No enum match for: " + name + "' on property templateName (The template name).",
                    "invalid_uri");
  return name;
}

/// Errors: invalid_body; also when the body names another template than the path, or holds no valid template.
ApiResult<const json::object*> checked_body(const Call& call, model::Body kind, const std::string& name) {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::email_template_body().complaint(call.body(), kind)) return payload_error(*complaint);
  if (const auto named = get_string(*body, "template"); !name.empty() && named && *named != name)
    return ApiError(ApiErrc::invalid_body, "The template in the body differs from the one in the path.");
  if (const Result<void> checked = messaging::check_mail_template(*body); !checked)
    return ApiError(ApiErrc::invalid_body, checked.error().message);
  return body;
}

/// Members that are null are left out; on a change they remove what was there.
void apply(const json::object& body, json::object& document) {
  for (const auto& [key, value] : body) {
    if (value.is_null())
      document.erase(key);
    else
      document[key] = value;
  }
}

/// What is stored over what a new tenant has.
json::object shown(const std::string& name, const json::object& stored) {
  json::object document = messaging::default_mail_document(name);
  apply(stored, document);
  return document;
}

}  // namespace

void EmailTemplatesResource::mount() {
  api_.post("/email-templates", {"create:email_templates"}, "Create an email template", [this](const Call& call) { return create(call); });
  api_.get("/email-templates/{templateName}", {"read:email_templates"}, "Get an email template",
           [this](const Call& call) { return get(call); });
  api_.put("/email-templates/{templateName}", {"update:email_templates"}, "Update an email template",
           [this](const Call& call) { return replace(call); });
  api_.patch("/email-templates/{templateName}", {"update:email_templates"}, "Patch an email template",
             [this](const Call& call) { return update(call); });
}

/// Errors: inexistent_email_template, invalid_uri.
ApiResult<http::Response> EmailTemplatesResource::get(const Call& call) const {
  TRY(const std::string name, name_in_path(call));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), messaging::mail_template_document(name)));
    const json::object document = shown(name, stored);
    if (document.empty()) return missing();
    return http::Response::json(200, document);
  });
}

/// Errors: invalid_body; 409 when the tenant has written it already.
ApiResult<http::Response> EmailTemplatesResource::create(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::create, ""));
  const std::string name(*get_string(*body, "template"));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(tx, call.tenant(), messaging::mail_template_document(name)));
    if (!stored.empty()) return ApiError(ApiErrc::conflict, "The template already exists.", "email_template_conflict");
    json::object document;
    apply(*body, document);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), messaging::mail_template_document(name), document));
    return http::Response::json(200, shown(name, document));
  });
}

/// Errors: invalid_body, invalid_uri.
ApiResult<http::Response> EmailTemplatesResource::replace(const Call& call) const {
  TRY(const std::string name, name_in_path(call));
  TRY(const json::object* body, checked_body(call, model::Body::create, name));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    json::object document;
    apply(*body, document);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), messaging::mail_template_document(name), document));
    return http::Response::json(200, shown(name, document));
  });
}

/// Only what is sent is stored over the default: our texts stay translated as long as the tenant does not write its own.
/// Errors: inexistent_email_template, invalid_body, invalid_uri.
ApiResult<http::Response> EmailTemplatesResource::update(const Call& call) const {
  TRY(const std::string name, name_in_path(call));
  TRY(const json::object* body, checked_body(call, model::Body::update, name));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object document, tenants_.document(tx, call.tenant(), messaging::mail_template_document(name)));
    if (shown(name, document).empty()) return missing();
    apply(*body, document);
    TRY_VOID(tenants_.put_document(tx, call.tenant(), messaging::mail_template_document(name), document));
    return http::Response::json(200, shown(name, document));
  });
}

}  // namespace gatehouse::management
