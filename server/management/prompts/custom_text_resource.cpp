#include "management/prompts/custom_text_resource.h"

#include <algorithm>

#include "management/prompts/prompt_in_path.h"
#include "management/resource.h"
#include "model/prompts/prompts.h"
#include "model/tenants/tenant_description.h"

namespace gatehouse::management {
namespace {

/// The prompt and language of the path. Errors: invalid_uri.
ApiResult<const model::Prompt*> prompt_in_path(const Call& call) {
  const std::string &name = call.parameter("prompt"), &language = call.parameter("language");
  const model::Prompt* prompt = model::find_prompt(name);
  if (!prompt) return no_such_value(name, "prompt");
  const std::vector<std::string>& locales = model::locales();
  if (std::find(locales.begin(), locales.end(), language) == locales.end()) return no_such_value(language, "language");
  return prompt;
}

}  // namespace

void CustomTextResource::mount() {
  api_.get("/prompts/{prompt}/custom-text/{language}", {"read:prompts"}, "Get custom text for a prompt",
           [this](const Call& call) { return get(call); });
  api_.put("/prompts/{prompt}/custom-text/{language}", {"update:prompts"}, "Set custom text for a prompt",
           [this](const Call& call) { return replace(call); });
}

ApiResult<http::Response> CustomTextResource::get(const Call& call) const {
  TRY(const model::Prompt* prompt, prompt_in_path(call));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object texts,
        tenants_.document(reader, call.tenant(), model::custom_text_name(prompt->name, call.parameter("language"))));
    return http::Response::json(200, texts);
  });
}

/// Errors: invalid_uri, invalid_body.
ApiResult<http::Response> CustomTextResource::replace(const Call& call) const {
  TRY(const model::Prompt* prompt, prompt_in_path(call));
  TRY(const json::object* texts, call.object());
  if (const auto complaint = model::custom_text_body(*prompt).complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  const std::string name = model::custom_text_name(prompt->name, call.parameter("language"));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    if (texts->empty()) {
      TRY_VOID(tenants_.remove_document(tx, call.tenant(), name));
    } else {
      TRY_VOID(tenants_.put_document(tx, call.tenant(), name, *texts));
    }
    return http::Response::json(200, *texts);
  });
}

}  // namespace gatehouse::management
