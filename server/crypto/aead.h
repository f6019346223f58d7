#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::crypto {

inline constexpr size_t aead_key_size = 32;
inline constexpr size_t aead_nonce_size = 12;
inline constexpr size_t aead_tag_size = 16;

/// AES-256-GCM (NIST SP 800-38D): ciphertext followed by the 16-byte tag. A nonce must never serve twice under one key;
/// random ones are good for 2^32 messages a key. Wrong sizes of key or nonce are a broken invariant (an exception).
std::string aes_256_gcm_encrypt(std::string_view key, std::string_view nonce, std::string_view associated, std::string_view plaintext);
/// Nothing when the tag does not fit key, nonce, associated data and ciphertext, or when a size is wrong.
std::optional<std::string> aes_256_gcm_decrypt(std::string_view key, std::string_view nonce, std::string_view associated,
                                               std::string_view ciphertext_and_tag);

}  // namespace gatehouse::crypto
