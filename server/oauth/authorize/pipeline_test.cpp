#include <gtest/gtest.h>

#include "oauth/testing.h"

namespace gatehouse::oauth {
namespace {

constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct BadRequest {
  const char* name;
  Fields change;      ///< replaces a parameter; an empty value removes it
  const char* error;  ///< told at the redirect_uri; "page": on a page of ours
};
class AuthorizeRefusals : public ::testing::TestWithParam<BadRequest> {};

TEST_P(AuthorizeRefusals, are_told_where_they_may_be) {
  World& w = World::of("sqlite");
  static const ClientId client = w.add_client("refusals", {{"grant_types", {"authorization_code", "implicit"}}});
  static const ClientId spa = w.add_client(
      "refusals-spa", {{"app_type", "spa"}, {"token_endpoint_auth_method", "none"}, {"grant_types", json::array{"authorization_code"}}});
  static const bool once = [&] { return w.add_api("https://refusals.example/api", {"read:x"}), true; }();
  (void)once;
  Fields query{{"client_id", client.str()},
               {"redirect_uri", "https://refusals.example/cb"},
               {"response_type", "code"},
               {"scope", "openid"},
               {"state", "s"}};
  for (const auto& [name, value] : GetParam().change) {
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto& q) { return q.first == name; });
    if (value.empty())
      query.erase(found);
    else if (found != query.end() && value[0] != '+')
      found->second = value;
    else
      query.emplace_back(name, value[0] == '+' ? value.substr(1) : value);
  }
  Browser browser;
  const http::Response response = w.get(browser, "/authorize", query);
  if (std::string_view(GetParam().error) == "page") {
    EXPECT_GE(response.status, 400);
    EXPECT_LT(response.status, 500);
    EXPECT_EQ(header(response, "location"), "");
  } else {
    EXPECT_EQ(response.status, 302) << response.body;
    EXPECT_EQ(location_parameter(response, "error"), GetParam().error) << header(response, "location");
    EXPECT_EQ(location_parameter(response, "state"), "s");
    EXPECT_EQ(location_parameter(response, "iss"), World::kIssuer);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Authorize, AuthorizeRefusals,
    ::testing::Values(
        BadRequest{"unknown_client", {{"client_id", "nobody"}}, "page"}, BadRequest{"no_client", {{"client_id", ""}}, "page"},
        BadRequest{"foreign_callback", {{"redirect_uri", "https://refusals.example/cb2"}}, "page"},
        BadRequest{"repeated", {{"scope", "+openid"}}, "page"}, BadRequest{"no_response_type", {{"response_type", ""}}, "invalid_request"},
        BadRequest{"unknown_response_type", {{"response_type", "code foo"}}, "unsupported_response_type"},
        BadRequest{"unknown_response_mode", {{"response_mode", "carrier_pigeon"}}, "invalid_request"},
        BadRequest{"token_in_query", {{"response_type", "token"}, {"response_mode", "query"}}, "invalid_request"},
        BadRequest{"id_token_without_nonce", {{"response_type", "id_token"}}, "invalid_request"},
        BadRequest{"id_token_without_openid", {{"response_type", "id_token"}, {"nonce", "n"}, {"scope", "profile"}}, "invalid_scope"},
        BadRequest{"request_object", {{"request", "e30."}}, "request_not_supported"},
        BadRequest{"request_uri", {{"request_uri", "http://169.254.169.254/"}}, "request_uri_not_supported"},
        BadRequest{"unknown_method", {{"code_challenge", std::string(kChallenge)}, {"code_challenge_method", "S512"}}, "invalid_request"},
        BadRequest{"method_alone", {{"code_challenge_method", "S256"}}, "invalid_request"},
        BadRequest{"short_challenge", {{"code_challenge", "abc"}, {"code_challenge_method", "S256"}}, "invalid_request"},
        BadRequest{"public_client_without_pkce",
                   {{"client_id", "client-refusals-spa"}, {"redirect_uri", "https://refusals-spa.example/cb"}},
                   "invalid_request"},
        BadRequest{"implicit_not_granted",
                   {{"client_id", "client-refusals-spa"},
                    {"redirect_uri", "https://refusals-spa.example/cb"},
                    {"response_type", "id_token"},
                    {"nonce", "n"}},
                   "unauthorized_client"},
        BadRequest{"none_with_login", {{"prompt", "none login"}}, "invalid_request"},
        BadRequest{"bad_max_age", {{"max_age", "soon"}}, "invalid_request"},
        BadRequest{"bad_hint", {{"id_token_hint", "a.b.c"}}, "invalid_request"},
        BadRequest{"unknown_connection", {{"connection", "nope"}}, "invalid_request"},
        BadRequest{"unknown_audience", {{"audience", "https://refusals.example/api/"}}, "access_denied"},
        BadRequest{"organization", {{"organization", "org_x"}}, "invalid_request"},
        BadRequest{"web_message_elsewhere", {{"response_mode", "web_message"}}, "page"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gatehouse::oauth
