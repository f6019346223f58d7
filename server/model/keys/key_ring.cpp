#include "model/keys/key_ring.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

Error no_key(const TenantId& tenant, std::string_view what) {
  return {Errc::internal, "The tenant has no key for this.", "tenant " + tenant.str() + " has no key for " + std::string(what)};
}

std::shared_ptr<const SigningKey> current_of(const KeySet& keys, jose::Algorithm algorithm) {
  const auto found = std::ranges::find_if(keys.current, [&](const auto& key) { return key->key.algorithm() == algorithm; });
  return found == keys.current.end() ? nullptr : *found;
}

std::shared_ptr<const KeySet> make_key_set(KeyStore::LiveKeys live) {
  auto keys = std::make_shared<KeySet>();
  keys->current = std::move(live.current);
  keys->verification = std::move(live.verification);
  keys->secrets = std::move(live.secrets);
  json::array jwks;
  for (const VerificationKey& key : keys->verification) jwks.push_back(key.to_jwk());
  keys->jwks_json = json::serialize(json::object{{"keys", std::move(jwks)}});
  keys->jwks_etag = "\"" + base64url_encode(crypto::sha256(keys->jwks_json)).substr(0, 22) + "\"";
  return keys;
}

}  // namespace

Result<std::shared_ptr<const KeySet>> KeyRing::keys(const TenantId& tenant) const {
  if (std::shared_ptr<const KeySet> cached = cache_.find(tenant, {})) return cached;
  const uint64_t generation = cache_.generation();
  TRY(KeyStore::LiveKeys live, db_.read([&](storage::Reader& reader) { return store_.live_keys(reader, tenant); }));
  std::shared_ptr<const KeySet> keys = make_key_set(std::move(live));
  if (!keys->current.empty()) cache_.put(tenant, {}, keys, generation);  // absence is never cached
  return keys;
}

Result<std::shared_ptr<const SigningKey>> KeyRing::current(const TenantId& tenant, jose::Algorithm algorithm) const {
  TRY(std::shared_ptr<const KeySet> set, keys(tenant));
  if (std::shared_ptr<const SigningKey> key = current_of(*set, algorithm)) return key;
  TRY_VOID(ensure(tenant, algorithm));
  TRY(set, keys(tenant));
  if (std::shared_ptr<const SigningKey> key = current_of(*set, algorithm)) return key;
  return no_key(tenant, jose::to_string(algorithm));
}

Result<void> KeyRing::ensure(const TenantId& tenant, jose::Algorithm algorithm) const {
  TRY(const std::shared_ptr<const KeySet> set, keys(tenant));
  if (current_of(*set, algorithm)) return {};
  // A tenant that has no keys at all does not exist, or lost them: neither is to be papered over with new ones.
  if (set->current.empty() || jose::is_symmetric(algorithm)) return no_key(tenant, jose::to_string(algorithm));
  const std::string common_name = jose::certificate_common_name(set->current.front()->certificate);
  const Timestamp now = clock_.now();
  TRY(const std::vector<NewKey> pair, store_.make_pair(tenant, algorithm, common_name, now));
  TRY_VOID(db_.write([&](storage::Transaction& tx) { return store_.insert_if_missing(tx, tenant, pair, now); }));
  return {};
}

Result<std::optional<jose::PublicKey>> KeyRing::find_public(const TenantId& tenant, std::string_view kid) const {
  TRY(const std::shared_ptr<const KeySet> set, keys(tenant));
  const auto found = std::ranges::find_if(set->verification, [&](const VerificationKey& key) { return key.kid == kid; });
  if (found == set->verification.end()) return std::optional<jose::PublicKey>{};
  return std::optional(found->key);
}

Result<std::shared_ptr<const SymmetricKey>> KeyRing::current_secret(const TenantId& tenant, SecretPurpose purpose) const {
  TRY(const std::shared_ptr<const KeySet> set, keys(tenant));
  const auto found =
      std::ranges::find_if(set->secrets, [&](const auto& key) { return key->purpose == purpose && key->state == KeyState::current; });
  if (found == set->secrets.end()) return no_key(tenant, to_string(purpose));
  return *found;
}

Result<std::shared_ptr<const SymmetricKey>> KeyRing::find_secret(const TenantId& tenant, SecretPurpose purpose,
                                                                 std::string_view kid) const {
  TRY(const std::shared_ptr<const KeySet> set, keys(tenant));
  const auto found = std::ranges::find_if(set->secrets, [&](const auto& key) { return key->purpose == purpose && key->kid == kid; });
  return found == set->secrets.end() ? std::shared_ptr<const SymmetricKey>{} : *found;
}

Result<std::vector<NewKey>> KeyRing::make_next_keys(const TenantId& tenant) const {
  TRY(const std::shared_ptr<const KeySet> set, keys(tenant));
  if (set->current.empty()) return no_key(tenant, "signing");
  std::vector<NewKey> next;
  for (const auto& key : set->current) {
    TRY(NewKey made, store_.make_signing_key(tenant, key->key.algorithm(), KeyState::next, jose::certificate_common_name(key->certificate),
                                             clock_.now()));
    next.push_back(std::move(made));
  }
  return next;
}

}  // namespace gatehouse::model
