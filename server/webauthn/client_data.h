#pragma once
#include <string>

#include "base/result.h"

namespace gatehouse::webauthn {

/// What the browser says it asked the authenticator for (WebAuthn §5.8.1, CollectedClientData).
struct ClientData {
  std::string type;       ///< webauthn.create or webauthn.get
  std::string challenge;  ///< bytes
  std::string origin;     ///< of the page that asked
  bool cross_origin = false;

  /// `bytes`: the JSON text as it was signed. Errors: invalid_argument.
  static Result<ClientData> parse(std::string_view bytes);
};

}  // namespace gatehouse::webauthn
