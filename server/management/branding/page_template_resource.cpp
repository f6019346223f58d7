#include "management/branding/page_template_resource.h"

#include "liquid/liquid.h"
#include "management/resource.h"
#include "model/branding/branding_description.h"

namespace gatehouse::management {

using model::kPageTemplateDocument;

namespace {

ApiError missing() { return {ApiErrc::not_found, "The universal login template does not exist", "inexistent_template"}; }

/// A page without these two would lock everybody out. Errors: invalid_body, saying what is wrong.
ApiResult<void> check(std::string_view source) {
  if (source.size() > model::kMaxPageTemplate)
    return payload_error("'String is too long (" + std::to_string(source.size()) + " bytes), maximum " +
                         std::to_string(model::kMaxPageTemplate) + "' on property template");
  const auto parsed = liquid::Template::parse(source, {.inserts = {"auth0:head", "auth0:widget"}});
  if (!parsed) return ApiError(ApiErrc::invalid_body, "Template validation error: " + parsed.error().message);
  for (const std::string_view tag : {"auth0:head", "auth0:widget"})
    if (!parsed->inserts().contains(tag))
      return ApiError(ApiErrc::invalid_body, "Template validation error: the template must contain {%- " + std::string(tag) + " -%}");
  return {};
}

}  // namespace

void PageTemplateResource::mount() {
  constexpr const char* path = "/branding/templates/universal-login";
  api_.get(path, {"read:branding"}, "Get template for New Universal Login Experience", [this](const Call& call) { return get(call); });
  api_.put(path, {"update:branding"}, "Set template for New Universal Login Experience", [this](const Call& call) { return put(call); });
  api_.remove(path, {"delete:branding"}, "Delete template for New Universal Login Experience",
              [this](const Call& call) { return remove(call); });
}

/// Errors: 404 when there is none.
ApiResult<http::Response> PageTemplateResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object document, tenants_.document(reader, call.tenant(), kPageTemplateDocument));
    if (document.empty()) return missing();
    return http::Response::json(200, document);
  });
}

/// The body is the template as a JSON text, as text/html, or {"template": …}. 201 when there was none, else 204. Errors: invalid_body.
ApiResult<http::Response> PageTemplateResource::put(const Call& call) const {
  std::string source;
  if (call.body().is_string()) {
    source = std::string(call.body().get_string());
  } else if (const json::object* object = call.body().if_object(); object && object->size() == 1 && get_string(*object, "template")) {
    source = std::string(*get_string(*object, "template"));
  } else {
    return payload_error("'Expected type string' on property template");
  }
  TRY_VOID(check(source));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const json::object before, tenants_.document(tx, call.tenant(), kPageTemplateDocument));
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPageTemplateDocument, {{"body", source}}));
    return before.empty() ? http::Response::json(201, json::object{}) : http::Response::empty(204);
  });
}

ApiResult<http::Response> PageTemplateResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(tenants_.remove_document(tx, call.tenant(), kPageTemplateDocument));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
