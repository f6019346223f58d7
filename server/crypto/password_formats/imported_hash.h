#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse::crypto {

/// A password hash of another system, as Auth0's `custom_password_hash` describes it.
struct ImportedHash {
  enum class SaltPosition { prefix, suffix };
  /// What the password's bytes were when it was hashed. `latin1` and `binary` are one; so are `utf16le` and `ucs2`.
  enum class PasswordEncoding { utf8, ascii, latin1, utf16le };

  std::string algorithm;
  std::string hash;  ///< decoded; text where the format has a text form of its own
  std::optional<std::string> salt{};
  SaltPosition salt_position = SaltPosition::prefix;
  PasswordEncoding password_encoding = PasswordEncoding::utf8;
  std::string digest{};  ///< hmac
  std::string key{};     ///< hmac
  // scrypt
  int64_t keylen = 0, cost = 16'384, block_size = 8, parallelization = 1;

  /// Reads an object that fits the import schema. Errors: invalid_argument with a sentence that says what does not fit.
  static Result<ImportedHash> read(const json::object& custom_password_hash);

  /// salt ‖ text or text ‖ salt.
  [[nodiscard]] std::string salted(std::string_view text) const;
  /// The password in the encoding that was hashed; nullopt when it has characters that encoding lacks.
  [[nodiscard]] std::optional<std::string> encoded(std::string_view password) const;
};

/// What to store for it: what PasswordHasher::verify takes. Errors: invalid_argument (a value that does not decode, a cost beyond what a
/// login may take, an algorithm this machine's OpenSSL lacks).
Result<std::string> stored_form(const json::object& custom_password_hash);

// The row in password_schemes().
bool is_imported_hash(std::string_view stored);
Result<bool> verify_imported_hash(std::string_view password, std::string_view stored);

}  // namespace gatehouse::crypto
