#include "model/prompts/partials.h"

#include <map>

namespace gatehouse::model {
using namespace description;
namespace {

constexpr std::string_view kPrompts[] = {"login", "login-id", "login-password", "login-passwordless", "signup", "signup-id", "signup-password",
                                         "customized-consent", "passkeys", "confirmation"};

std::vector<std::string> prompt_names() {
  std::vector<std::string> names;
  for (const Prompt& prompt : prompts()) names.push_back(prompt.name);
  return names;
}

Property rendering() {
  const auto filter = [] {
    return array(object().field("id", string().length(1, 64)).field("metadata", dictionary(string().max(255)))).items(0, 10);
  };
  return object()
    .field("rendering_mode", one_of({"standard", "advanced"}).not_enforced())
    .field("context_configuration", array(string().length(1, 200)).items(0, 100).nullable().not_enforced())
    .field("default_head_tags_disabled", boolean().nullable().not_enforced())
    .field("use_page_template", boolean().nullable().not_enforced())
    .field("head_tags", array(open_object()
      .field("tag", string().length(1, 50))
      .field("attributes", open_object())
      .field("content", string().max(20'000))).items(0, 100).nullable().not_enforced())
    .field("filters", object()
      .field("match_type", one_of({"includes_any", "excludes_any"}))
      .field("clients", filter())
      .field("organizations", filter())
      .field("domains", filter())
      .nullable().not_enforced());
}

}  // namespace

bool has_partials(std::string_view prompt) { return std::ranges::find(kPrompts, prompt) != std::end(kPrompts); }

const std::vector<std::string>& insertion_points() {
  static const std::vector<std::string> all{"form-content-start", "form-content-end", "form-footer-start", "form-footer-end",
                                            "secondary-actions-start", "secondary-actions-end"};
  return all;
}

const Property& partials_body(const Prompt& prompt) {
  static const std::map<std::string, Property, std::less<>> bodies = [] {
    std::map<std::string, Property, std::less<>> made;
    for (const Prompt& one : prompts()) {
      Property points = object();
      for (const std::string& point : insertion_points()) points = std::move(points).field(point, string().max(10'000));
      Property body = object();
      for (const std::string& screen : one.screens) body = std::move(body).field(screen, points);
      made.emplace(one.name, std::move(body));
    }
    return made;
  }();
  return bodies.find(prompt.name)->second;
}

std::string partials_name(std::string_view prompt) { return "partials/" + std::string(prompt); }

const Property& rendering_body() {
  static const Property body = rendering();
  return body;
}

const Property& renderings_body() {
  static const Property body = object().field(
    "configs", array(rendering().field("prompt", one_of(prompt_names()).required()).field("screen", string().length(1, 100).required())).items(1, 20).required());
  return body;
}

}  // namespace gatehouse::model
