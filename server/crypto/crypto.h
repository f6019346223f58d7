#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_string.h"

/// Primitives. OpenSSL, libargon2 and libcrypt stay inside the .cpp files of this folder and of jose/.
namespace gatehouse::crypto {

/// The SHA-2 digests that JOSE uses (RFC 7518 §3.1).
enum class Digest { sha256, sha384, sha512 };

// --- digests: raw bytes
std::string digest(Digest algorithm, std::string_view data);
std::string sha256(std::string_view data);
std::string sha1(std::string_view data);  ///< certificate thumbprints (x5t) only
std::string md5(std::string_view data);   ///< gravatar addresses only
/// HMAC (RFC 2104) with that digest.
std::string hmac(Digest algorithm, std::string_view key, std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
/// Does not tell by its time where the two differ. Lengths are not secret.
bool constant_time_equal(std::string_view a, std::string_view b);
/// Overwrites memory in a way the compiler may not leave out.
void wipe(void* data, size_t size);

}  // namespace gatehouse::crypto
