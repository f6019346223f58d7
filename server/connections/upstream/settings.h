#pragma once
#include "connections/upstream/documents.h"
#include "connections/upstream/provider.h"
#include "crypto/sealing.h"

namespace gatehouse::connections {

/// Algorithms that an ID token may be signed with unless the connection allows fewer. Shared secrets (HS256) only where it names them.
inline constexpr std::string_view kIdTokenAlgorithms[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                                          "PS512", "ES256", "ES384", "ES512", "EdDSA"};

/// Makes an Upstream of a connection: the provider's built-in endpoints, the options that override them (CONTRACT.md), then discovery for
/// what is still open; the secret opened. Once an endpoint that gets secrets is overridden, no built-in one behind it is used: a token of
/// one server never goes to another. Blocks while discovery documents are fetched. Errors: invalid_argument (the connection is not set up
/// right; `detail` says what to change), unavailable, timeout.
Result<Upstream> make_upstream(const model::Connection& connection, const crypto::Sealer& sealer, Documents& documents,
                               const Deadline& deadline, bool allow_plain_http);

/// Words of a scope option: a text with blanks or commas, or a list.
void add_scopes(std::vector<std::string>& scopes, std::string_view text);

}  // namespace gatehouse::connections
