#include "management/prompts/partials_resource.h"

#include "liquid/liquid.h"
#include "management/prompts/prompt_in_path.h"
#include "management/resource.h"
#include "model/prompts/partials.h"

namespace gatehouse::management {
namespace {

/// The prompt of the path. Errors: invalid_uri.
ApiResult<const model::Prompt*> partials_prompt(const Call& call) {
  const std::string& name = call.parameter("prompt");
  const model::Prompt* prompt = model::find_prompt(name);
  if (!prompt || !model::has_partials(name)) return no_such_value(name, "prompt");
  return prompt;
}

}  // namespace

void PartialsResource::mount() {
  api_.get("/prompts/{prompt}/partials", {"read:prompts"}, "Get partials for a prompt", [this](const Call& call) { return get(call); });
  api_.put("/prompts/{prompt}/partials", {"update:prompts"}, "Set partials for a prompt", [this](const Call& call) { return replace(call); });
}

ApiResult<http::Response> PartialsResource::get(const Call& call) const {
  TRY(const model::Prompt* prompt, partials_prompt(call));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object partials, tenants_.document(reader, call.tenant(), model::partials_name(prompt->name)));
    return http::Response::json(200, partials);
  });
}

/// Errors: invalid_uri, invalid_body (also for Liquid that does not parse).
ApiResult<http::Response> PartialsResource::replace(const Call& call) const {
  TRY(const model::Prompt* prompt, partials_prompt(call));
  TRY(const json::object* partials, call.object());
  if (const auto complaint = model::partials_body(*prompt).complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  for (const auto& [screen, points] : *partials)
    for (const auto& [point, source] : points.as_object()) {
      const auto parsed = liquid::Template::parse(source.as_string());
      if (!parsed)
        return ApiError(ApiErrc::invalid_body,
                        "Partial validation error on " + std::string(screen) + "." + std::string(point) + ": " + parsed.error().message);
    }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    const std::string name = model::partials_name(prompt->name);
    if (partials->empty()) {
      TRY_VOID(tenants_.remove_document(tx, call.tenant(), name));
    } else {
      TRY_VOID(tenants_.put_document(tx, call.tenant(), name, *partials));
    }
    return http::Response::json(200, *partials);
  });
}

}  // namespace gatehouse::management
