#pragma once
#include <string_view>

namespace gatehouse::oauth {

/// 43 to 128 unreserved characters (RFC 7636 §4.1 and §4.2).
bool is_pkce_text(std::string_view text);
/// Whether the verifier proves the challenge (RFC 7636 §4.6), in constant time. `method` is S256 or plain; anything else proves nothing.
bool pkce_proves(std::string_view verifier, std::string_view challenge, std::string_view method);

}  // namespace gatehouse::oauth
