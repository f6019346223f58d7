#include "management/branding/phone_templates_resource.h"

#include "management/resource.h"
#include "messaging/phone_templates.h"
#include "model/branding/phone_description.h"
#include "model/users/user.h"

namespace gatehouse::management {
namespace {

using messaging::kPhoneTemplatesDocument;

ApiError missing() { return {ApiErrc::not_found, "The phone template does not exist.", "inexistent_phone_template"}; }

/// The template with this id among those of the document; null: none.
json::object* by_id(json::object& templates, std::string_view id) {
  for (auto& member : templates)
    if (json::object* one = member.value().if_object(); one && get_string(*one, "id") == id) return one;
  return nullptr;
}

/// Errors: invalid_body.
ApiResult<const json::object*> checked_body(const Call& call, model::Body kind) {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::phone_template_body().complaint(call.body(), kind)) return payload_error(*complaint);
  if (const json::object* content = get_object(*body, "content"))
    if (const Result<void> checked = messaging::check_phone_content(*content); !checked)
      return ApiError(ApiErrc::invalid_body, checked.error().message);
  return body;
}

/// What is sent over what was there; the two texts of the body one by one.
void merge(const json::object& sent, json::object& content) {
  for (const auto& [name, value] : sent) {
    json::object* before = content.contains(name) ? content[name].if_object() : nullptr;
    if (before && value.is_object())
      merge(value.get_object(), *before);
    else
      content[name] = value;
  }
  if (!content.contains("syntax")) content["syntax"] = "liquid";
}

}  // namespace

void PhoneTemplatesResource::mount() {
  const std::string path = "/branding/phone/templates", one = path + "/{id}";
  api_.get(path, {"read:phone_templates"}, "Get a list of phone notification templates", [this](const Call& call) { return list(call); });
  api_.post(path, {"create:phone_templates"}, "Create a phone notification template", [this](const Call& call) { return create(call); });
  api_.get(one, {"read:phone_templates"}, "Get a phone notification template", [this](const Call& call) { return get(call); });
  api_.patch(one, {"update:phone_templates"}, "Update a phone notification template", [this](const Call& call) { return update(call); });
  api_.remove(one, {"delete:phone_templates"}, "Delete a phone notification template", [this](const Call& call) { return remove(call); });
  api_.patch(one + "/reset", {"update:phone_templates"}, "Reset a phone notification template values",
             [this](const Call& call) { return reset(call); });
  api_.post(one + "/try", {"create:phone_templates"}, "Send a test phone notification for the specified template",
            [this](const Call& call) { return send_test(call); });
}

ApiResult<http::Response> PhoneTemplatesResource::list(const Call& call) const {
  const auto wanted = call.query().get("disabled");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object templates, tenants_.document(reader, call.tenant(), kPhoneTemplatesDocument));
    json::array all;
    for (const auto& member : templates)
      if (const json::object* one = member.value().if_object();
          one && (!wanted || (*wanted == "true") == get_bool(*one, "disabled").value_or(false)))
        all.push_back(*one);
    return http::Response::json(200, json::object{{"templates", std::move(all)}});
  });
}

/// Errors: inexistent_phone_template.
ApiResult<http::Response> PhoneTemplatesResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(json::object templates, tenants_.document(reader, call.tenant(), kPhoneTemplatesDocument));
    const json::object* found = by_id(templates, call.parameter());
    if (!found) return missing();
    return http::Response::json(200, *found);
  });
}

/// Errors: invalid_body; 409 when there is one of this type already.
ApiResult<http::Response> PhoneTemplatesResource::create(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::create));
  const auto type = get_string(*body, "type");
  if (!type) return payload_error("'Missing required property: type'");
  json::object content = messaging::default_phone_content(*type);
  if (const json::object* sent = get_object(*body, "content")) merge(*sent, content);
  json::object created{{"id", "tem_" + api_.parts().random.base58(22)},
                       {"tenant", call.tenant().str()},
                       {"channel", "phone"},
                       {"type", *type},
                       {"disabled", get_bool(*body, "disabled").value_or(false)},
                       {"created_at", to_iso8601(call.now())},
                       {"updated_at", to_iso8601(call.now())},
                       {"content", std::move(content)}};
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object templates, tenants_.document(tx, call.tenant(), kPhoneTemplatesDocument));
    if (templates.contains(*type)) return ApiError(ApiErrc::conflict, "There is already a template of this type.", "phone_template_conflict");
    templates[*type] = created;
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPhoneTemplatesDocument, templates));
    return http::Response::json(201, created);
  });
}

ApiResult<http::Response> PhoneTemplatesResource::change_one(const Call& call, const std::function<ApiResult<void>(json::object&)>& change) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object templates, tenants_.document(tx, call.tenant(), kPhoneTemplatesDocument));
    json::object* found = by_id(templates, call.parameter());
    if (!found) return missing();
    TRY_VOID(change(*found));
    (*found)["updated_at"] = to_iso8601(call.now());
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPhoneTemplatesDocument, templates));
    return http::Response::json(200, *found);
  });
}

/// Errors: inexistent_phone_template, invalid_body.
ApiResult<http::Response> PhoneTemplatesResource::update(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::update));
  return change_one(call, [&](json::object& one) -> ApiResult<void> {
    if (const auto disabled = get_bool(*body, "disabled")) one["disabled"] = *disabled;
    if (const json::object* content = get_object(*body, "content")) merge(*content, one["content"].as_object());
    return {};
  });
}

/// Our own words again. Errors: inexistent_phone_template.
ApiResult<http::Response> PhoneTemplatesResource::reset(const Call& call) const {
  return change_one(call, [](json::object& one) -> ApiResult<void> {
    one["content"] = messaging::default_phone_content(get_string(one, "type").value_or(""));
    return {};
  });
}

/// Errors: inexistent_phone_template.
ApiResult<http::Response> PhoneTemplatesResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object templates, tenants_.document(tx, call.tenant(), kPhoneTemplatesDocument));
    const json::object* found = by_id(templates, call.parameter());
    if (!found) return missing();
    templates.erase(std::string(get_string(*found, "type").value_or("")));
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kPhoneTemplatesDocument, templates));
    return http::Response::empty();
  });
}

/// A message with a made-up code, queued like any other. Errors: inexistent_phone_template, invalid_body.
ApiResult<http::Response> PhoneTemplatesResource::send_test(const Call& call) const {
  TRY(const json::object* body, call.object());
  if (const auto complaint = model::phone_try_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const std::string to(*get_string(*body, "to"));
  if (!model::normalize_phone(to)) return ApiError(ApiErrc::invalid_body, "The phone number is not valid.");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object templates, tenants_.document(tx, call.tenant(), kPhoneTemplatesDocument));
    const json::object* found = by_id(templates, call.parameter());
    if (!found) return missing();
    const messaging::PhoneMessage message{.tenant = call.tenant(),
                                          .type = std::string(get_string(*found, "type").value_or("")),
                                          .to = to,
                                          .variables = {{"code", "123456"}, {"user", {{"phone_number", to}, {"source_ip", "192.0.2.1"}}}},
                                          .voice = get_string(*body, "delivery_method") == "voice"};
    TRY_VOID(messenger_.queue_phone(tx, message));
    return http::Response::json(202, json::object{{"message", "The message is on its way to the provider."}});
  });
}

}  // namespace gatehouse::management
