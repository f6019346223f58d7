#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/password_formats/imported_hash.h"

namespace gatehouse::crypto {

/// One algorithm of `custom_password_hash`. A new one is a file with these two functions and a row in password_formats().
struct PasswordFormat {
  std::string_view algorithm;
  /// Why this hash cannot be verified here; nullopt when it can, at a cost that a login may take.
  std::optional<std::string> (*complaint)(const ImportedHash&);
  /// Whether the password, already in the hash's encoding, fits. `complaint` had none. Blocks for as long as the hash takes.
  Result<bool> (*verify)(std::string_view password, const ImportedHash&);
};

const PasswordFormat* password_format(std::string_view algorithm);

// One file each. The digests are one format under several names.
std::optional<std::string> argon2_complaint(const ImportedHash& hash);
Result<bool> verify_argon2_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> bcrypt_complaint(const ImportedHash& hash);
Result<bool> verify_bcrypt_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> digest_complaint(const ImportedHash& hash);
Result<bool> verify_digest_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> hmac_complaint(const ImportedHash& hash);
Result<bool> verify_hmac_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> ldap_complaint(const ImportedHash& hash);
Result<bool> verify_ldap_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> pbkdf2_complaint(const ImportedHash& hash);
Result<bool> verify_pbkdf2_format(std::string_view password, const ImportedHash& hash);
std::optional<std::string> scrypt_complaint(const ImportedHash& hash);
Result<bool> verify_scrypt_format(std::string_view password, const ImportedHash& hash);

}  // namespace gatehouse::crypto
