#include "http/request.h"

#include <stdexcept>

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::http {
std::string_view to_string(Method method) {
  switch (method) {
    case Method::GET:
      return "GET";
    case Method::HEAD:
      return "HEAD";
    case Method::POST:
      return "POST";
    case Method::PUT:
      return "PUT";
    case Method::PATCH:
      return "PATCH";
    case Method::DELETE:
      return "DELETE";
    case Method::OPTIONS:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : headers) {
    if (key != "cookie") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const size_t end = rest.find(';');
      const std::string_view pair = trim(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return std::nullopt;  // a planted twin (cookie tossing): neither is believed
      found = pair.substr(equals + 1);
    }
  }
  return found;
}

const std::string& Request::parameter(std::string_view name) const {
  const auto it = path_parameters.find(name);
  if (it == path_parameters.end()) throw std::logic_error("the route's pattern has no {" + std::string(name) + "}");
  return it->second;
}

std::string Request::content_type() const {
  const std::string_view value = header("content-type").value_or("");
  return to_lower_ascii(trim(value.substr(0, value.find(';'))));
}

}  // namespace gatehouse::http
