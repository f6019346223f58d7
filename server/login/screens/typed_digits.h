#pragma once
#include <string>
#include <string_view>

namespace gatehouse::login {

/// Digits as keyboards of other scripts type them (Arabic, Persian, Devanagari, full-width) as 0 to 9; everything else as it is.
std::string ascii_digits(std::string_view typed);

}  // namespace gatehouse::login
