#include <crypt.h>

#include "crypto/crypto.h"
#include "crypto/password_scheme.h"

namespace gatehouse::crypto {
namespace {

constexpr size_t bcrypt_size = 60;          // $2b$10$ + 22 characters of salt + 31 of hash
constexpr size_t bcrypt_password_max = 72;  // bcrypt ignores what follows
constexpr int bcrypt_cost_max = 16;         // about four seconds; above it a stored hash is a way to stall the server

bool is_bcrypt_alphabet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

}  // namespace

bool is_bcrypt(std::string_view stored) {
  if (stored.size() != bcrypt_size || stored.substr(0, 2) != "$2" || stored[3] != '$' || stored[6] != '$') return false;
  if (stored[2] != 'a' && stored[2] != 'b' && stored[2] != 'y') return false;
  if (stored[4] < '0' || stored[4] > '9' || stored[5] < '0' || stored[5] > '9') return false;
  const int cost = (stored[4] - '0') * 10 + (stored[5] - '0');
  return cost >= 4 && cost <= bcrypt_cost_max && std::ranges::all_of(stored.substr(7), is_bcrypt_alphabet);
}

Result<bool> verify_bcrypt(std::string_view password, std::string_view stored) {
  // bcrypt would cut such a password silently, so that any with the same beginning fits. The work is done all the same: an
  // early answer would tell that the user exists and has an old hash.
  const bool fits_bcrypt = password.size() <= bcrypt_password_max && password.find('\0') == std::string_view::npos;
  std::string phrase(fits_bcrypt ? password : std::string_view{});
  const std::string setting(stored);
  auto data = std::make_unique<crypt_data>();
  const char* computed = crypt_r(phrase.c_str(), setting.c_str(), data.get());
  const bool equal = computed && constant_time_equal(computed, stored);
  wipe(phrase.data(), phrase.size());
  const bool failed = !computed || computed[0] == '*';
  wipe(data.get(), sizeof(crypt_data));
  if (failed) return Error{Errc::internal, "The password cannot be checked.", "crypt_r refuses the stored bcrypt hash"};
  return fits_bcrypt && equal;
}

}  // namespace gatehouse::crypto
