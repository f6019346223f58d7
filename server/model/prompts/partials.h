#pragma once
#include "model/prompts/prompts.h"

namespace gatehouse::model {

/// Whether a tenant may add markup to the forms of this prompt.
bool has_partials(std::string_view prompt);
/// Where: before and after the fields, the buttons and links below them, and the foot of the form.
const std::vector<std::string>& insertion_points();
/// PUT /prompts/{prompt}/partials.
const Property& partials_body(const Prompt& prompt);
/// The name of the tenant's document that holds them.
std::string partials_name(std::string_view prompt);

/// PATCH /prompts/{prompt}/screen/{screen}/rendering (advanced customisation), and the tenant's document of all of them:
/// {"<prompt>/<screen>": {…}}.
const Property& rendering_body();
/// PATCH /prompts/rendering.
const Property& renderings_body();
inline constexpr std::string_view kRenderingDocument = "prompt_rendering";

}  // namespace gatehouse::model
