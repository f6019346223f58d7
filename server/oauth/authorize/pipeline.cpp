#include "oauth/authorize/pipeline.h"

namespace gatehouse::oauth {
namespace {

struct Step {
  Check check;
  Tell tell;
};

/// The whole of /authorize as a table. The order matters: nothing is redirected before client and redirect_uri are proved; state
/// and the way of answering come next, so that every later error reaches the application as it expects.
constexpr Step kSteps[] = {
    {check_repeated_parameters, Tell::page},
    {check_client, Tell::page},
    {check_redirect_uri, Tell::page},
    {check_web_message_origin, Tell::page},
    {check_state, Tell::redirect},
    {check_response_type, Tell::redirect},
    {check_response_mode, Tell::redirect},
    {check_request_objects, Tell::redirect},
    {check_unsupported, Tell::redirect},
    {check_grant_types, Tell::redirect},
    {check_pkce, Tell::redirect},
    {check_nonce, Tell::redirect},
    {check_prompt, Tell::redirect},
    {check_max_age, Tell::redirect},
    {check_id_token_hint, Tell::redirect},
    {check_connection, Tell::redirect},
    {check_audience, Tell::redirect},
    {check_scope, Tell::redirect},
};

}  // namespace

gatehouse::Result<void, Refusal> run_checks(AuthorizeRequest& request, const CheckParts& parts) {
  for (const Step& step : kSteps) {
    Result<void> passed = step.check(request, parts);
    if (!passed) return Refusal{std::move(passed).error(), step.tell};
  }
  return {};
}

}  // namespace gatehouse::oauth
