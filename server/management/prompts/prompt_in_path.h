#pragma once
#include "management/api.h"
#include "model/prompts/prompts.h"

namespace gatehouse::management {

/// A parameter of the path that is none of those there are.
inline ApiError no_such_value(const std::string& value, const std::string& parameter) {
  return {ApiErrc::invalid_uri, "Path validation error: 'No enum match for: " + value + "' on property " + parameter + ".", "invalid_uri"};
}

/// The prompt and screen of the path. Errors: invalid_uri.
inline ApiResult<const model::Prompt*> prompt_with_screen(const Call& call) {
  const std::string &name = call.parameter("prompt"), &screen = call.parameter("screen");
  const model::Prompt* prompt = model::find_prompt(name);
  if (!prompt) return no_such_value(name, "prompt");
  if (std::ranges::find(prompt->screens, screen) == prompt->screens.end()) return no_such_value(screen, "screen");
  return prompt;
}

}  // namespace gatehouse::management
