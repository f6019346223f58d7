#include "crypto/crypto.h"
#include "crypto/password_formats/password_format.h"
#include "crypto/password_scheme.h"

// bcrypt with a further salt around the password, or of a password in another encoding. Plain ones are stored as they are.
namespace gatehouse::crypto {
namespace {

constexpr size_t bcrypt_reads = 72;  // bytes; the system the hash comes from dropped the rest, and so must we

}  // namespace

std::optional<std::string> bcrypt_complaint(const ImportedHash& hash) {
  if (!is_bcrypt(hash.hash)) return "The bcrypt hash does not begin with $2a$, $2b$ or $2y$, is malformed, or costs more than is accepted";
  return std::nullopt;
}

Result<bool> verify_bcrypt_format(std::string_view password, const ImportedHash& hash) {
  std::string input = hash.salted(password);
  const Result<bool> fits = verify_bcrypt(std::string_view(input).substr(0, bcrypt_reads), hash.hash);
  wipe(input.data(), input.size());
  return fits;
}

}  // namespace gatehouse::crypto
