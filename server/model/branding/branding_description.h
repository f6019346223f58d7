#pragma once
#include "model/description/property.h"

namespace gatehouse::model {

/// POST and PATCH /branding/themes.
const Property& theme_body();

/// The tenant's documents: the theme with its `themeId`, and {"body": …}, the page template.
inline constexpr std::string_view kThemeDocument = "branding_theme";
inline constexpr std::string_view kPageTemplateDocument = "branding_page_template";

/// Bytes of a page template.
inline constexpr size_t kMaxPageTemplate = 100'000;

}  // namespace gatehouse::model
