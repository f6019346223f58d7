#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace gatehouse::http {

class BodySource;

/// A cookie to be set. The defaults are the safe ones: Secure, HttpOnly, SameSite=Lax, no Domain, path /.
struct Cookie {
  enum class SameSite { lax, strict, none };
  std::string name;  ///< begins with __Host- wherever the cookie is a secret
  std::string value;
  SameSite same_site = SameSite::lax;
  std::optional<int64_t> max_age_seconds{};  ///< absent: until the browser closes; 0 removes it
  bool http_only = true;
};

/// An answer. Made by the named constructors; headers are added with set().
class Response {
 public:
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<BodySource> source;              ///< a body too large for memory (body_source.h); used instead of body when set
  std::shared_ptr<const std::string> shared_body;  ///< prebuilt bytes (JWKS, discovery, static files); used instead of body when set

  static Response empty(int status = 204);
  static Response json(int status, const json::value& value);  ///< application/json; charset=utf-8
  static Response json_text(int status, std::string body);     ///< the same of a text that is JSON already
  static Response text(int status, std::string body);
  static Response html(int status, std::string body);
  /// 302 by default; a form post is answered with 303 (never 307 or 308, which would resend credentials). CR, LF and NUL in
  /// `location` are percent-encoded.
  static Response redirect(std::string location, int status = 302);

  Response& set(std::string name, std::string value) &;  ///< replaces
  Response&& set(std::string name, std::string value) &&;
  Response& add(std::string name, std::string value);  ///< keeps earlier ones (Set-Cookie, Vary)
  Response& set_cookie(const Cookie& cookie);
  Response& no_store();  ///< Cache-Control: no-store, Pragma: no-cache
  [[nodiscard]] std::string_view bytes() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
};

}  // namespace gatehouse::http
