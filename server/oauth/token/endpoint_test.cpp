#include "base/encoding.h"
#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class TokenEndpointTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, TokenEndpointTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(TokenEndpointTest, token_requests_are_refused_in_auth0s_words) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example/v1";
  const ClientId client = w.add_client(app, {{"grant_types", json::array{"client_credentials"}}});
  w.add_api(api, {"read:x"});
  const Fields base{
      {"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}};
  const auto expect = [&](size_t index, const std::string& value, int status, const std::string& error, const std::string& sentence) {
    Fields form = base;
    if (value.empty())
      form.erase(form.begin() + static_cast<long>(index));
    else
      form[index].second = value;
    const http::Response response = w.token(form);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(text(json_of(response), "error"), error);
    EXPECT_TRUE(text(json_of(response), "error_description").starts_with(sentence)) << response.body;
  };
  expect(2, "wrong", 401, "access_denied", "Unauthorized");
  EXPECT_EQ(w.events.last("feccft").details.at("reason"), "wrong client secret");
  expect(2, "", 401, "access_denied", "Unauthorized");
  expect(1, "nobody", 401, "access_denied", "Unauthorized");
  EXPECT_EQ(w.events.last("feccft").details.at("reason"), "unknown client");
  expect(1, "", 400, "invalid_request", "Missing required parameter: client_id");
  expect(0, "", 400, "invalid_request", "Missing required parameter: grant_type");
  expect(0, "magic", 403, "unsupported_grant_type", "Unsupported grant type: magic");
  expect(0, "password", 403, "unauthorized_client", "Grant type 'password' not allowed for the client.");
  expect(3, api, 403, "access_denied",
         "Client is not authorized to access \"" + api + "\". You need to create a \"client-grant\" associated to this API.");
  expect(3, api + "/", 403, "access_denied", "Service not enabled within domain: " + api + "/");
  Fields slash = base;
  slash[3].second += "/";
  EXPECT_NE(text(json_of(w.token(slash)), "error_description").find("\"" + api + "\""), std::string::npos);  // names the closest
  expect(3, "", 403, "access_denied", "No audience parameter was provided, and no default audience has been configured");
  Fields twice = base;
  twice.emplace_back("audience", api);
  EXPECT_EQ(w.token(twice).status, 400);
  EXPECT_EQ(w.post("/oauth/token", base, {{"authorization", "Basic " + base64_encode(client.str() + ":x")}}).status, 400);  // two methods
  EXPECT_EQ(w.post_json("/oauth/token",
                        json::object{
                            {"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", true}, {"audience", api}})
                .status,
            400);
  EXPECT_EQ(w.call(http::Method::POST, "/oauth/token", "{", "application/json").status, 400);
  EXPECT_EQ(w.call(http::Method::POST, "/oauth/token", "a=%zz", "application/x-www-form-urlencoded").status, 400);
  EXPECT_EQ(w.get("/oauth/token").status, 405);
}

TEST_P(TokenEndpointTest, scripts_of_the_client_alone_may_read_token_answers) {
  const std::string app = unique("spa");
  const ClientId client = w.add_client(app, {{"allowed_origins", json::array{"https://" + app + ".example"}}});
  const auto origin_of_answer = [&](const std::string& origin) {
    return header(w.post("/oauth/token", {{"grant_type", "refresh_token"}, {"client_id", client.str()}, {"refresh_token", "x"}},
                         {{"origin", origin}}),
                  "access-control-allow-origin");
  };
  EXPECT_EQ(origin_of_answer("https://" + app + ".example"), "https://" + app + ".example");
  EXPECT_EQ(origin_of_answer("https://evil.example"), "");
  EXPECT_EQ(origin_of_answer("null"), "");
  const http::Response preflight = w.call(http::Method::OPTIONS, "/oauth/token", {}, {},
                                          {{"origin", "https://" + app + ".example"}, {"access-control-request-method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_NE(header(preflight, "access-control-allow-headers").find("Auth0-Client"), std::string::npos);
  EXPECT_EQ(header(preflight, "access-control-allow-credentials"), "");
}

}  // namespace
}  // namespace gatehouse::oauth
