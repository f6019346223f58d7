#include "crypto/random.h"

#include <openssl/rand.h>

#include <stdexcept>

#include "base/encoding.h"

namespace gatehouse::crypto {
namespace {

// Bytes above the largest multiple of the alphabet's size are thrown away: `byte % size` alone would favour its first letters.
std::string pick(Random& random, std::string_view alphabet, size_t count) {
  const size_t limit = 256 - 256 % alphabet.size();
  std::string out;
  out.reserve(count);
  while (out.size() < count) {
    const size_t missing = count - out.size();
    for (const char c : random.bytes(missing + missing / 4 + 2)) {
      const size_t byte = static_cast<unsigned char>(c);
      if (byte < limit && out.size() < count) out.push_back(alphabet[byte % alphabet.size()]);
    }
  }
  return out;
}

}  // namespace

std::string Random::alphanumeric(size_t count) {
  return pick(*this, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count);
}

std::string Random::base58(size_t count) { return pick(*this, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", count); }

std::string Random::hex(size_t digits) {
  std::string out = hex_encode(bytes((digits + 1) / 2));
  out.resize(digits);
  return out;
}

std::string Random::base64url(size_t byte_count) { return base64url_encode(bytes(byte_count)); }

std::string Random::password() { return "Gh-" + base58(20) + "7!"; }

std::string Random::uuid() {
  std::string b = bytes(16);
  b[6] = static_cast<char>((b[6] & 0x0f) | 0x40);  // version 4 (RFC 9562 §5.4)
  b[8] = static_cast<char>((b[8] & 0x3f) | 0x80);  // variant 10
  std::string out = hex_encode(b);
  for (const size_t at : {20U, 16U, 12U, 8U}) out.insert(at, 1, '-');
  return out;
}

std::string SystemRandom::bytes(size_t count) {
  std::string out(count, '\0');
  if (count > 0 && RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the operating system gives no randomness");
  }
  return out;
}

}  // namespace gatehouse::crypto
