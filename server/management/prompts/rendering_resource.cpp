#include "management/prompts/rendering_resource.h"

#include "management/prompts/prompt_in_path.h"
#include "management/resource.h"
#include "model/prompts/partials.h"

namespace gatehouse::management {
namespace {

using model::kRenderingDocument;

std::string key_of(std::string_view prompt, std::string_view screen) { return std::string(prompt) + "/" + std::string(screen); }

/// What is stored of one screen, with its names and what was never set.
json::object shown(const TenantId& tenant, std::string_view prompt, std::string_view screen, const json::object& stored) {
  json::object out{{"tenant", tenant.str()},
                   {"prompt", prompt},
                   {"screen", screen},
                   {"rendering_mode", "standard"},
                   {"context_configuration", json::array{}},
                   {"default_head_tags_disabled", false},
                   {"head_tags", json::array{}}};
  for (const auto& [key, value] : stored) out[key] = value;
  return out;
}

}  // namespace

void RenderingResource::mount() {
  api_.get("/prompts/rendering", {"read:prompts"}, "Get render setting configurations for all screens",
           [this](const Call& call) { return list(call); });
  api_.patch("/prompts/rendering", {"update:prompts"}, "Update render settings for multiple screens",
             [this](const Call& call) { return update_many(call); });
  api_.get("/prompts/{prompt}/screen/{screen}/rendering", {"read:prompts"}, "Get render settings for a screen",
           [this](const Call& call) { return get(call); });
  api_.patch("/prompts/{prompt}/screen/{screen}/rendering", {"update:prompts"}, "Update render settings for a screen",
             [this](const Call& call) { return update(call); });
}

/// Screens that were set; by prompt, screen, rendering_mode when asked.
ApiResult<http::Response> RenderingResource::list(const Call& call) const {
  TRY(const ListQuery query, call.list_query(50, 100));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), kRenderingDocument));
    Page page;
    for (const auto& [key, value] : stored) {
      const std::string_view name = key;
      const size_t slash = name.find('/');
      json::object one = shown(call.tenant(), name.substr(0, slash), name.substr(slash + 1), value.as_object());
      one.erase("tenant");
      const auto fits = [&](std::string_view parameter) {
        const auto wanted = call.query().get(parameter);
        return !wanted || wanted->empty() || get_string(one, parameter) == *wanted;
      };
      if (!fits("prompt") || !fits("screen") || !fits("rendering_mode")) continue;
      if (page.total >= query.offset() && static_cast<int64_t>(page.items.size()) < query.take) page.items.push_back(std::move(one));
      ++page.total;
    }
    return page_response(query, "configs", std::move(page));
  });
}

/// Errors: invalid_body.
ApiResult<http::Response> RenderingResource::update_many(const Call& call) const {
  if (const auto complaint = model::renderings_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const json::array& configs = call.body().get_object().at("configs").as_array();
  for (const json::value& config : configs) {
    const std::string_view screen = *get_string(config.get_object(), "screen");
    const model::Prompt* prompt = model::find_prompt(*get_string(config.get_object(), "prompt"));
    if (std::ranges::find(prompt->screens, screen) == prompt->screens.end())
      return payload_error("'No enum match for: " + std::string(screen) + "' on property configs.screen");
  }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object stored, tenants_.document(tx, call.tenant(), kRenderingDocument));
    for (const json::value& config : configs) {
      json::object change = config.get_object();
      const std::string key = key_of(*get_string(change, "prompt"), *get_string(change, "screen"));
      change.erase("prompt");
      change.erase("screen");
      json::value& one = stored[key];
      if (!one.is_object()) one = json::object{};
      model::rendering_body().apply(change, one.get_object());
    }
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kRenderingDocument, stored));
    return http::Response::json(200, json::object{{"configs", configs}});
  });
}

/// Errors: invalid_uri.
ApiResult<http::Response> RenderingResource::get(const Call& call) const {
  TRY(const model::Prompt* prompt, prompt_with_screen(call));
  const std::string& screen = call.parameter("screen");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const json::object stored, tenants_.document(reader, call.tenant(), kRenderingDocument));
    const json::object* one = get_object(stored, key_of(prompt->name, screen));
    return http::Response::json(200, shown(call.tenant(), prompt->name, screen, one ? *one : json::object{}));
  });
}

/// Errors: invalid_uri, invalid_body.
ApiResult<http::Response> RenderingResource::update(const Call& call) const {
  TRY(const model::Prompt* prompt, prompt_with_screen(call));
  if (const auto complaint = model::rendering_body().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(json::object stored, tenants_.document(tx, call.tenant(), kRenderingDocument));
    json::value& one = stored[key_of(prompt->name, call.parameter("screen"))];
    if (!one.is_object()) one = json::object{};
    model::rendering_body().apply(call.body().get_object(), one.get_object());
    const json::object answer = one.get_object();
    TRY_VOID(tenants_.put_document(tx, call.tenant(), kRenderingDocument, stored));
    return http::Response::json(200, answer);
  });
}

}  // namespace gatehouse::management
