#include "crypto/password_formats/password_format.h"
#include "crypto/password_scheme.h"

// Argon2 in PHC form; the salt stands in it. Only a password in another encoding comes here: others are stored as they are.
namespace gatehouse::crypto {

std::optional<std::string> argon2_complaint(const ImportedHash& hash) {
  if (hash.salt) return "The salt of an argon2 hash stands in the hash";
  if (!is_argon2(hash.hash)) return "The argon2 hash is not in PHC string format, or costs more than is accepted";
  return std::nullopt;
}

Result<bool> verify_argon2_format(std::string_view password, const ImportedHash& hash) { return verify_argon2(password, hash.hash); }

}  // namespace gatehouse::crypto
