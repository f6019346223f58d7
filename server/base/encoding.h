#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

std::string base64_encode(std::string_view bytes);     ///< RFC 4648 §4, padded
std::string base64url_encode(std::string_view bytes);  ///< RFC 4648 §5, unpadded
void append_base64url(std::string& out, std::string_view bytes);
/// Strict: the alphabet only, canonical trailing bits; padding is required for base64, refused for base64url.
std::optional<std::string> base64_decode(std::string_view text);
std::optional<std::string> base64url_decode(std::string_view text);

std::string hex_encode(std::string_view bytes);  ///< lower case
std::optional<std::string> hex_decode(std::string_view text);

bool is_ascii(std::string_view text);  ///< no byte above 0x7f
/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);
/// ASCII letters to lower case, everything else untouched; for names that are compared without case on the wire.
std::string to_lower_ascii(std::string_view text);

}  // namespace gatehouse
