#pragma once
#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse::logs {

/// Well-formed UTF-8 without NUL, at most `max_bytes` long; what is not becomes U+FFFD.
std::string clean_text(std::string_view text, size_t max_bytes);
bool is_clean_text(std::string_view text, size_t max_bytes);  ///< whether it would stay as it is

/// A copy that may be shown: texts and lists under names of secrets (password, client_secret, access_token, code_verifier, …) are
/// "*****", texts are cleaned and cut to 2 kB, levels below the tenth are left out.
json::value redacted(const json::value& value);

}  // namespace gatehouse::logs
