#pragma once
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "oauth/authorize/authorize_request.h"
#include "oauth/tokens/api_access.h"
#include "oauth/tokens/verifier.h"

namespace gatehouse::oauth {

/// What checks look things up in.
struct CheckParts {
  const model::ClientStore& clients;
  const model::ConnectionStore& connections;
  const ApiAccess& api_access;
  const TokenVerifier& verifier;
};

/// One check each, one file each. A check proves one thing about the request and writes it down, or says what is wrong.
using Check = Result<void> (*)(AuthorizeRequest&, const CheckParts&);
Result<void> check_repeated_parameters(AuthorizeRequest&, const CheckParts&);
Result<void> check_client(AuthorizeRequest&, const CheckParts&);
Result<void> check_redirect_uri(AuthorizeRequest&, const CheckParts&);
Result<void> check_state(AuthorizeRequest&, const CheckParts&);
Result<void> check_response_type(AuthorizeRequest&, const CheckParts&);
Result<void> check_response_mode(AuthorizeRequest&, const CheckParts&);
Result<void> check_web_message_origin(AuthorizeRequest&, const CheckParts&);
Result<void> check_request_objects(AuthorizeRequest&, const CheckParts&);
Result<void> check_unsupported(AuthorizeRequest&, const CheckParts&);
Result<void> check_grant_types(AuthorizeRequest&, const CheckParts&);
Result<void> check_pkce(AuthorizeRequest&, const CheckParts&);
Result<void> check_nonce(AuthorizeRequest&, const CheckParts&);
Result<void> check_prompt(AuthorizeRequest&, const CheckParts&);
Result<void> check_max_age(AuthorizeRequest&, const CheckParts&);
Result<void> check_id_token_hint(AuthorizeRequest&, const CheckParts&);
Result<void> check_connection(AuthorizeRequest&, const CheckParts&);
Result<void> check_audience(AuthorizeRequest&, const CheckParts&);
Result<void> check_scope(AuthorizeRequest&, const CheckParts&);

}  // namespace gatehouse::oauth
