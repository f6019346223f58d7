#include "management/keys/signing_keys_resource.h"

namespace gatehouse::management {
namespace {

ApiError missing_key() { return ApiError(ApiErrc::not_found, "The signing key does not exist", "inexistent_signing_key"); }

/// What rotation and revocation answer.
http::Response key_and_certificate(const model::SigningKeyRecord& key) {
  json::object body;
  body["cert"] = jose::certificate_pem(key.certificate);
  body["kid"] = key.kid;
  return http::Response::json(201, body);
}

}  // namespace

void SigningKeysResource::mount() {
  api_.get("/keys/signing", {"read:signing_keys"}, "Get signing keys", [this](const Call& call) { return list(call); });
  api_.get("/keys/signing/{kid}", {"read:signing_keys"}, "Get a signing key", [this](const Call& call) { return get(call); });
  api_.post("/keys/signing/rotate", {"create:signing_keys", "update:signing_keys"}, "Rotate the signing key",
            [this](const Call& call) { return rotate(call); });
  api_.put("/keys/signing/{kid}/revoke", {"update:signing_keys"}, "Revoke a signing key",
           [this](const Call& call) { return revoke(call); });
}

ApiResult<http::Response> SigningKeysResource::list(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::vector<model::SigningKeyRecord> keys, keys_.signing_keys(reader, call.tenant()));
    json::array shown;
    for (const model::SigningKeyRecord& key : keys) shown.push_back(key.to_json());
    return http::Response::json(200, shown);
  });
}

ApiResult<http::Response> SigningKeysResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::optional<model::SigningKeyRecord> key, keys_.find_signing_key(reader, call.tenant(), call.parameter("kid")));
    if (!key) return missing_key();
    return http::Response::json(200, key->to_json());
  });
}

/// The next key signs from now on; the one before verifies until it is revoked. Answers the new next key.
ApiResult<http::Response> SigningKeysResource::rotate(const Call& call) const {
  TRY(const std::vector<model::NewKey> next, ring_.make_next_keys(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(keys_.rotate(tx, call.tenant(), next, call.now()));
    TRY(const std::vector<model::SigningKeyRecord> keys, keys_.signing_keys(tx, call.tenant()));
    for (const model::SigningKeyRecord& key : keys)
      if (key.state == model::KeyState::next && key.algorithm == jose::Algorithm::RS256) return key_and_certificate(key);
    return ApiError(ApiErrc::internal, "An internal error occurred");
  });
}

/// Tokens signed with this key are worth nothing from now on. Errors: inexistent_signing_key; invalid_body for current and next.
ApiResult<http::Response> SigningKeysResource::revoke(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    Result<model::SigningKeyRecord> key = keys_.revoke(tx, call.tenant(), call.parameter("kid"), call.now());
    if (!key && key.error().code == Errc::not_found) return missing_key();
    if (!key) return ApiError(std::move(key).error());
    return key_and_certificate(*key);
  });
}

}  // namespace gatehouse::management
