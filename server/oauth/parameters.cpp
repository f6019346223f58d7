#include "oauth/parameters.h"

#include <array>

namespace gatehouse::oauth {
namespace {

/// What the protocol reads; only these must be strings in a JSON body, applications may add whatever they like.
constexpr std::array<std::string_view, 22> kStrings{"grant_type",
                                                    "client_id",
                                                    "client_secret",
                                                    "client_assertion",
                                                    "client_assertion_type",
                                                    "audience",
                                                    "scope",
                                                    "code",
                                                    "code_verifier",
                                                    "redirect_uri",
                                                    "refresh_token",
                                                    "username",
                                                    "password",
                                                    "realm",
                                                    "token",
                                                    "token_type_hint",
                                                    "email",
                                                    "phone_number",
                                                    "connection",
                                                    "organization",
                                                    "resource",
                                                    "access_token"};

/// A request line can carry no more either.
constexpr size_t kMaxScope = 16 * 1024;

Result<BodyParameters> bounded(BodyParameters parameters) {
  if (parameters.get("scope").value_or("").size() > kMaxScope)
    return OAuthError{OAuthErrc::invalid_scope, "The parameter scope is too long."};
  return parameters;
}

}  // namespace

Result<BodyParameters> BodyParameters::parse(const http::Request& request) {
  BodyParameters parameters;
  const std::string type = request.content_type();
  if (type == "application/x-www-form-urlencoded") {
    TRY(parameters.form_, http::Parameters::parse(request.body));
    if (const std::optional<std::string_view> name = parameters.form_.repeated())
      return OAuthError{OAuthErrc::invalid_request, "Parameter sent more than once: " + std::string(*name)};
    return bounded(std::move(parameters));
  }
  if (type == "application/json" || type.ends_with("+json")) {
    TRY(json::value value, parse_json(request.body));
    if (!value.is_object()) return OAuthError{OAuthErrc::invalid_request, "The body must be a JSON object."};
    parameters.json_ = std::move(value.as_object());
    for (const std::string_view name : kStrings) {
      const auto member = parameters.json_.find(name);
      if (member == parameters.json_.end() || member->value().is_string()) continue;
      if (!member->value().is_null()) return OAuthError{OAuthErrc::invalid_request, "Parameter must be a string: " + std::string(name)};
      parameters.json_.erase(member);
    }
    return bounded(std::move(parameters));
  }
  if (request.body.empty()) return parameters;
  return OAuthError{OAuthErrc::invalid_request, "Content-Type must be application/x-www-form-urlencoded or application/json."};
}

const Result<BodyParameters>& BodyParameters::of(const http::Request& request) {
  if (!request.parsed_body.has_value()) request.parsed_body = parse(request);
  return std::any_cast<const Result<BodyParameters>&>(request.parsed_body);
}

std::optional<std::string_view> BodyParameters::get(std::string_view name) const {
  std::optional<std::string_view> value = json_.empty() ? form_.get(name) : get_string(json_, name);
  if (value && value->empty()) value.reset();
  return value;
}

Result<std::string> BodyParameters::require(std::string_view name) const {
  if (const std::optional<std::string_view> value = get(name)) return std::string(*value);
  return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: " + std::string(name)};
}

}  // namespace gatehouse::oauth
