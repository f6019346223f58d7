#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace gatehouse::connections {

/// What an ID token has to say to be believed.
struct ExpectedIdToken {
  std::function<bool(std::string_view issuer, const json::object& claims)> issuer_fits;
  std::string client_id;
  std::string nonce;                    ///< empty: none was sent
  std::string access_token;             ///< empty: none came with it
  std::string code;                     ///< empty: it did not come with a code
  std::vector<std::string> algorithms;  ///< allowed ones
  std::string secret;                   ///< for HS256 only, where it is among them
  Timestamp now{};
};

/// Finds the provider's JWK set; with `again`, a newer one than before, because a key id is unknown.
using FindKeys = std::function<Result<const json::object*>(bool again)>;

/// Verifies an ID token (OpenID Connect Core §3.1.3.7 and §3.2.2.11): signature under one of the provider's keys and an algorithm that is
/// allowed, issuer, audience, azp, nonce, times (60 s of skew), at_hash and c_hash where they are given, and `sub`. The claims of a good
/// one. Errors: invalid_argument, with the reason in `detail`; what finding the keys failed with.
Result<json::object> verify_id_token(std::string_view token, const ExpectedIdToken& expected, const FindKeys& keys);

}  // namespace gatehouse::connections
