#include "liquid/liquid.h"
#include "oauth/authorize/response_modes/response_mode.h"

namespace gatehouse::oauth {

/// A form that sends itself (OAuth 2.0 Form Post Response Mode). Works with the button alone; the script only presses it. No
/// form-action: the application's redirects after the post would be blocked by it.
http::Response respond_form_post(std::string_view redirect_uri, const http::Parameters& answer, std::string_view nonce) {
  std::string html =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signing in</title></head><body><form method=\"post\" "
      "action=\"" +
      liquid::escape_html(redirect_uri) + "\">";
  for (const auto& [name, value] : answer.pairs())
    html += "<input type=\"hidden\" name=\"" + liquid::escape_html(name) + "\" value=\"" + liquid::escape_html(value) + "\">";
  html += "<noscript><p>Press the button to go on.</p><button type=\"submit\">Continue</button></noscript></form><script nonce=\"" +
          std::string(nonce) + "\">document.forms[0].submit()</script></body></html>";
  http::Response response = http::Response::html(200, std::move(html));
  response.set("Content-Security-Policy",
               "default-src 'none'; script-src 'nonce-" + std::string(nonce) + "'; frame-ancestors 'none'; base-uri 'none'");
  response.set("X-Frame-Options", "DENY");
  response.set("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace gatehouse::oauth
