#include "base/text.h"
#include "model/clients/url_rules.h"
#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// RFC 6749 §3.1.2.3, RFC 9700 §2.1: compared as bytes before anything parses it. Until this check has passed no error goes there.
Result<void> check_redirect_uri(AuthorizeRequest& request, const CheckParts&) {
  const model::Client& client = *request.client;
  const std::string_view asked = request.get("redirect_uri");
  if (asked.empty()) {
    // Without one only a registered callback can be meant: the first, if it is a URL and not a pattern.
    if (client.callbacks.empty() || !model::callback_allowed(client.callbacks, client.callbacks.front(), {.wildcards = false}))
      return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: redirect_uri"};
    request.redirect_uri = client.callbacks.front();
    return {};
  }
  const model::UrlRules rules{.wildcards = client.is_first_party, .any_loopback_port = client.app_type == "native"};
  if (!model::callback_allowed(client.callbacks, asked, rules)) {
    std::string details = "You sent " + std::string(asked) + ". ";
    if (const std::optional<std::string> near = model::nearest_url(client.callbacks, asked))
      details += "The closest allowed one is " + *near + ". ";
    details += "Allowed for \"" + client.name + "\": " + (client.callbacks.empty() ? "none" : join(client.callbacks, ", ")) +
               ". Add it to the application's callbacks (Allowed Callback URLs).";
    return OAuthError{OAuthErrc::unauthorized_client,
                      "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs.", std::move(details)};
  }
  request.redirect_uri = std::string(asked);
  return {};
}

}  // namespace gatehouse::oauth
