#include "http/response.h"

#include "http/request.h"

namespace gatehouse::http {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
           return lower(x) == lower(y);
         });
}

/// Bytes that may stand in a cookie's value (RFC 6265 §4.1.1); the others are percent-encoded so that none can end it.
bool is_cookie_octet(unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; }

std::string encode_unless(std::string_view text, bool (*allowed)(unsigned char)) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (allowed(static_cast<unsigned char>(c))) {
      out.push_back(c);
    } else {
      out.append(percent_encode(std::string_view(&c, 1)));
    }
  }
  return out;
}

Response with_type(int status, std::string type, std::string body) {
  Response response;
  response.status = status;
  response.headers.reserve(8);
  response.headers.emplace_back("Content-Type", std::move(type));
  response.body = std::move(body);
  return response;
}

std::string_view same_site_name(Cookie::SameSite same_site) {
  switch (same_site) {
    case Cookie::SameSite::lax:
      return "Lax";
    case Cookie::SameSite::strict:
      return "Strict";
    case Cookie::SameSite::none:
      return "None";
  }
  return "Lax";
}

}  // namespace

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::json(int status, const json::value& value) { return json_text(status, json::serialize(value)); }

Response Response::json_text(int status, std::string body) { return with_type(status, "application/json; charset=utf-8", std::move(body)); }

Response Response::text(int status, std::string body) { return with_type(status, "text/plain; charset=utf-8", std::move(body)); }

Response Response::html(int status, std::string body) { return with_type(status, "text/html; charset=utf-8", std::move(body)); }

Response Response::redirect(std::string location, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Location", encode_unless(location, [](unsigned char c) { return c > 0x20 && c != 0x7f; }));
  return response;
}

Response& Response::set(std::string name, std::string value) & {
  if (headers.empty()) headers.reserve(8);
  std::erase_if(headers, [&](const auto& header) { return equal_names(header.first, name); });
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response&& Response::set(std::string name, std::string value) && { return std::move(set(std::move(name), std::move(value))); }

Response& Response::add(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response& Response::set_cookie(const Cookie& cookie) {
  std::string text = cookie.name + "=" + encode_unless(cookie.value, is_cookie_octet) + "; Path=/";
  if (cookie.max_age_seconds) {
    text.append("; Max-Age=").append(std::to_string(std::max<int64_t>(0, *cookie.max_age_seconds)));
    if (*cookie.max_age_seconds <= 0) text.append("; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  }
  text.append("; Secure");
  if (cookie.http_only) text.append("; HttpOnly");
  text.append("; SameSite=").append(same_site_name(cookie.same_site));
  return add("Set-Cookie", std::move(text));
}

Response& Response::no_store() {
  set("Cache-Control", "no-store");
  return set("Pragma", "no-cache");
}

}  // namespace gatehouse::http
