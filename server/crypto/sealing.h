#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_string.h"
#include "crypto/random.h"

namespace gatehouse::crypto {

/// The master keys: a file of `key-id base64key` lines, the first one seals, all open. Made on first start, mode 0600.
class MasterKeys {
 public:
  static Result<MasterKeys> load_or_create(const std::string& file, Random& random);
  static Result<MasterKeys> parse(std::string_view text);
  [[nodiscard]] const std::string& current_id() const { return keys_.front().id; }
  /// A new key is put first and the file replaced atomically (`gatehouse rekey`).
  Result<void> add_new(const std::string& file, Random& random);
  struct Key {
    std::string id;
    SecretString bytes;
  };
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

/// Secrets that must be read back are sealed with AES-256-GCM under a master key. `context` says where the value lives
/// ("table/column/row"): a sealed value moved to another row does not open. Form: v1.keyid.base64url(nonce‖ciphertext‖tag).
class Sealer {
 public:
  static constexpr std::string_view prefix = "v1.";  ///< what every sealed value begins with
  Sealer(MasterKeys keys, Random& random);
  ~Sealer();
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view context) const;
  /// Errors: invalid_argument (not a sealed value), internal (unknown key, moved or damaged).
  [[nodiscard]] Result<SecretString> open(std::string_view sealed, std::string_view context) const;
  [[nodiscard]] bool is_current(std::string_view sealed) const;  ///< sealed under the first key
  [[nodiscard]] std::string current_key_id() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::crypto
