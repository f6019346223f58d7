#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse::crypto {

/// Digests of imported hashes by OpenSSL's names (SHA256, MD4, WHIRLPOOL …), in an OpenSSL context of their own: loading the old ones
/// there keeps them away from everything else.
bool has_digest(const std::string& name);
size_t digest_size(const std::string& name);  ///< bytes; 0 when there is none
/// Errors: internal, when OpenSSL cannot.
Result<std::string> named_digest(const std::string& name, std::string_view data);
Result<std::string> named_hmac(const std::string& name, std::string_view key, std::string_view data);
Result<std::string> named_pbkdf2(const std::string& name, std::string_view password, std::string_view salt, int64_t iterations, size_t size);

}  // namespace gatehouse::crypto
