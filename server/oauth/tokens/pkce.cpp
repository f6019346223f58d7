#include "oauth/tokens/pkce.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::oauth {

bool is_pkce_text(std::string_view text) {
  return text.size() >= 43 && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                  c == '~';
         });
}

bool pkce_proves(std::string_view verifier, std::string_view challenge, std::string_view method) {
  if (!is_pkce_text(verifier) || challenge.empty()) return false;
  if (method == "S256") return crypto::constant_time_equal(base64url_encode(crypto::sha256(verifier)), challenge);
  if (method == "plain") return crypto::constant_time_equal(verifier, challenge);
  return false;
}

}  // namespace gatehouse::oauth
