#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatehouse::liquid {

/// A piece of a template. `text` views the source: of an output or tag it is what stands between the delimiters, trimmed.
struct Token {
  enum class Kind { text, output, tag };
  Kind kind = Kind::text;
  std::string_view text;
  size_t line = 1;

  /// The first word of a tag, and the rest of it.
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::string_view rest() const;
};

/// Cuts a source into tokens, with `{%- -%}` and `{{- -}}` taking the white space beside them, `{% raw %}` as text and
/// comments left out. Errors: invalid_argument with the line.
Result<std::vector<Token>> tokenize(std::string_view source);

Error template_error(size_t line, std::string_view what);

}  // namespace gatehouse::liquid
