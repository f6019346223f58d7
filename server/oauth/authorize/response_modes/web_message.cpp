#include "model/clients/url_rules.h"
#include "oauth/authorize/response_modes/response_mode.h"

namespace gatehouse::oauth {
namespace {

/// JSON that may stand inside a script element: no `<`, and none of the line separators older scripts stumble over.
std::string script_json(const json::value& value) {
  const std::string text = json::serialize(value);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<')
      out += "\\u003c";
    else if (text[i] == '>')
      out += "\\u003e";
    else if (text[i] == '&')
      out += "\\u0026";
    else if (text.compare(i, 3, "\xe2\x80\xa8") == 0)
      out += "\\u2028", i += 2;
    else if (text.compare(i, 3, "\xe2\x80\xa9") == 0)
      out += "\\u2029", i += 2;
    else
      out += text[i];
  }
  return out;
}

}  // namespace

/// The answer of silent sign-in: a page in the application's hidden frame (or popup) that posts it to the application's origin
/// and to nobody else. The only page that may be framed, by that origin alone.
http::Response respond_web_message(std::string_view redirect_uri, const http::Parameters& answer, std::string_view nonce) {
  const std::string origin = model::origin_of(redirect_uri).value_or("null");
  json::object parameters;
  for (const auto& [name, value] : answer.pairs()) {
    if (name == "expires_in")
      parameters[name] = std::stoll(value);
    else
      parameters[name] = value;
  }
  const json::object message{{"type", "authorization_response"}, {"response", parameters}};
  std::string html =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Authorization response</title></head><body><script nonce=\"" +
      std::string(nonce) + "\">(function(w){var t=w.opener||(w.parent!==w?w.parent:null);if(t)t.postMessage(" +
      script_json(json::value(message)) + "," + script_json(json::value(origin)) + ");})(window);</script></body></html>";
  http::Response response = http::Response::html(200, std::move(html));
  response.set("Content-Security-Policy",
               "default-src 'none'; script-src 'nonce-" + std::string(nonce) + "'; frame-ancestors " + origin + "; base-uri 'none'");
  return response;
}

}  // namespace gatehouse::oauth
