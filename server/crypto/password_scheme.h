#pragma once
#include <span>
#include <string_view>

#include "base/result.h"

namespace gatehouse::crypto {

/// One form in which a password may be stored. A new form is one file with these two functions and one row in password_schemes().
struct PasswordScheme {
  /// Whether this is a well-formed hash of this scheme with parameters we are willing to compute.
  bool (*recognises)(std::string_view stored);
  /// Whether the password fits; `stored` was recognised. Takes its full time whatever the password is. Blocks.
  Result<bool> (*verify)(std::string_view password, std::string_view stored);
};

std::span<const PasswordScheme> password_schemes();

bool is_bcrypt(std::string_view stored);
Result<bool> verify_bcrypt(std::string_view password, std::string_view stored);

bool is_argon2(std::string_view stored);
Result<bool> verify_argon2(std::string_view password, std::string_view stored);

/// Cost of an Argon2 hash (RFC 9106 §3.1).
struct Argon2Cost {
  uint32_t memory_kib = 0;
  uint32_t passes = 0;
  uint32_t lanes = 1;
};
/// A new Argon2id hash in PHC form, 32-byte tag.
Result<std::string> hash_argon2id(std::string_view password, std::string_view salt, const Argon2Cost& cost);
/// The cost of a stored Argon2id v1.3 hash; nothing for any other.
std::optional<Argon2Cost> argon2id_cost(std::string_view stored);
/// Gives buffers back that were idle for `idle`; how many are left.
size_t trim_argon2_buffers(std::chrono::steady_clock::duration idle);

}  // namespace gatehouse::crypto
