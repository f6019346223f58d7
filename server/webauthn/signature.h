#pragma once
#include <string_view>

#include "base/result.h"

namespace gatehouse::webauthn {

/// Algorithms a credential may have, in the order of preference (IANA COSE).
enum class Algorithm : int { EdDSA = -8, ES256 = -7, RS256 = -257 };
inline constexpr Algorithm kAlgorithms[] = {Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256};

/// Whether a COSE_Key (RFC 9052 §7) is one of ours: complete, of a known algorithm and curve, RSA with 2048 bits. Errors: invalid_argument.
Result<Algorithm> check_public_key(std::string_view cose_key);

/// Whether the owner of `cose_key` signed these authenticator data and client data for this relying party, with the user there.
/// Errors: invalid_argument for data or keys that do not parse.
Result<bool> verify_signature(std::string_view cose_key, std::string_view rp_id, std::string_view authenticator_data,
                              std::string_view client_data_hash, std::string_view signature);

}  // namespace gatehouse::webauthn
