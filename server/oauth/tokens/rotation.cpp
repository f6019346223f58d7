#include "oauth/tokens/rotation.h"

#include <charconv>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::oauth {
namespace {

std::string mac(std::string_view key, std::string_view family, int64_t generation) {
  return crypto::hmac_sha256(key, std::string(family) + "." + std::to_string(generation));
}

}  // namespace

Result<std::string> RefreshTokenTexts::make(const TenantId& tenant, std::string_view family, int64_t generation) const {
  TRY(const std::shared_ptr<const model::SymmetricKey> key, keys_.current_secret(tenant, model::SecretPurpose::refresh_token));
  return key->kid + "." + std::string(family) + "." + std::to_string(generation) + "." +
         base64url_encode(mac(key->bytes.reveal(), family, generation));
}

Result<std::optional<RefreshTokenText>> RefreshTokenTexts::read(const TenantId& tenant, std::string_view token) const {
  const std::optional<RefreshTokenText> none;
  if (token.size() > 512) return none;
  std::array<std::string_view, 4> parts;
  for (size_t i = 0; i < 4; ++i) {
    const size_t dot = token.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return none;
    parts[i] = token.substr(0, dot);
    if (parts[i].empty()) return none;
    if (i < 3) token.remove_prefix(dot + 1);
  }
  RefreshTokenText text{std::string(parts[1]), 0};
  const auto [end, wrong] = std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), text.generation);
  if (wrong != std::errc{} || end != parts[2].data() + parts[2].size() || text.generation < 0 ||
      std::to_string(text.generation) != parts[2])
    return none;
  TRY(const std::shared_ptr<const model::SymmetricKey> key, keys_.find_secret(tenant, model::SecretPurpose::refresh_token, parts[0]));
  if (!key) return none;
  if (!crypto::constant_time_equal(base64url_encode(mac(key->bytes.reveal(), text.family, text.generation)), parts[3])) return none;
  return std::optional<RefreshTokenText>(std::move(text));
}

std::optional<Timestamp> idle_end(const model::RefreshTokenPolicy& policy, std::optional<Timestamp> absolute_end, Timestamp now) {
  if (!policy.expiring || policy.infinite_idle_token_lifetime) return std::nullopt;
  const Timestamp end = now + policy.idle_token_lifetime;
  return absolute_end && *absolute_end < end ? *absolute_end : end;
}

std::optional<Timestamp> absolute_end(const model::RefreshTokenPolicy& policy, Timestamp now) {
  // Rotation without an end would let a stolen token live for ever in a quiet family: the absolute lifetime then always holds.
  if (!policy.rotating && (!policy.expiring || policy.infinite_token_lifetime)) return std::nullopt;
  return now + policy.token_lifetime;
}

Presented presented(const model::RefreshTokenFamily& family, const model::RefreshTokenPolicy& policy, int64_t generation, Timestamp now) {
  if (generation == family.generation) return Presented::current;
  const bool is_previous = generation == family.generation - 1;
  if (is_previous && policy.rotating && family.rotated_at && now <= *family.rotated_at + policy.leeway && policy.leeway > seconds(0))
    return Presented::previous;
  return Presented::spent;
}

}  // namespace gatehouse::oauth
