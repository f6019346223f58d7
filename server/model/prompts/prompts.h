#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/description/property.h"

namespace gatehouse::model {

/// A group of screens of the hosted pages, by Auth0's names.
struct Prompt {
  std::string name;
  std::vector<std::string> screens;
};

/// Every prompt and screen that Auth0 names, built here or not: their texts can be set beforehand.
const std::vector<Prompt>& prompts();
/// Null when there is none of this name.
const Prompt* find_prompt(std::string_view name);

/// The longest text a tenant may set, in characters.
inline constexpr size_t kMaxCustomText = 4000;
/// PUT /prompts/{prompt}/custom-text/{language}: {"<screen>": {"<key>": "<text>"}}.
const Property& custom_text_body(const Prompt& prompt);
/// The name of the tenant's document that holds them.
std::string custom_text_name(std::string_view prompt, std::string_view language);

}  // namespace gatehouse::model
