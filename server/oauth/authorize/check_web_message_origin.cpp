#include "model/clients/url_rules.h"
#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// A web_message answer is posted to the origin of redirect_uri, which must be one of the application's web origins. Errors of this
/// check cannot be posted anywhere.
Result<void> check_web_message_origin(AuthorizeRequest& request, const CheckParts&) {
  if (request.get("response_mode") != "web_message") return {};
  const model::Client& client = *request.client;
  const std::optional<std::string> origin = model::origin_of(request.redirect_uri);
  const model::UrlRules rules{.wildcards = client.is_first_party};
  if (origin && model::origin_allowed(client.web_origins, *origin, rules)) return {};
  std::string details = "You sent " + origin.value_or(request.redirect_uri) + ".";
  if (const std::optional<std::string> near = model::nearest_url(client.web_origins, request.redirect_uri))
    details += " The closest allowed one is " + *near + ".";
  details += " Add it to the application's web_origins (Allowed Web Origins).";
  return OAuthError{OAuthErrc::unauthorized_client, "The origin of the redirect_uri is not in the list of allowed web origins.",
                    std::move(details)};
}

}  // namespace gatehouse::oauth
