#pragma once
#include <string>
#include <string_view>

namespace gatehouse::crypto {

/// Where randomness comes from. Injected, so that tests can repeat themselves; the real one is the operating system's.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::string bytes(size_t count) = 0;

  std::string alphanumeric(size_t count);    ///< [A-Za-z0-9], unbiased: client ids, con_/rol_/org_ suffixes
  std::string base58(size_t count);          ///< without 0 O I l: cred_ suffixes
  std::string hex(size_t digits);            ///< user ids, resource server ids
  std::string base64url(size_t byte_count);  ///< codes, session secrets
  std::string password();                    ///< 117 bits, in a form that every password policy takes: for people, at first or in need
  std::string uuid();                        ///< RFC 9562 version 4
};

/// getrandom(2) through OpenSSL's DRBG. Thread-safe.
class SystemRandom final : public Random {
 public:
  std::string bytes(size_t count) override;
};

}  // namespace gatehouse::crypto
