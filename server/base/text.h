#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// Without blanks and tabs at either end.
std::string_view trim(std::string_view text);

/// The pieces between separators, empty ones left out. They look into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Whether a control character (below U+0020, or U+007F) is among its bytes.
bool has_control(std::string_view text);

std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// Characters (code points) of a UTF-8 text.
size_t length_in_characters(std::string_view text);

/// The beginning of a UTF-8 text, at most so many bytes, that cuts no character in two.
std::string_view cut(std::string_view text, size_t max_bytes);

}  // namespace gatehouse
