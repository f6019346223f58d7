#include "management/testing.h"

namespace gatehouse::management {

using http::Method;

class ApiTest : public ManagementTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ApiTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(ApiTest, a_request_without_a_token_is_told_so) {
  const Answer answer = send(Method::GET, "/roles", "", "");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.text("message"), "Missing authentication");
  EXPECT_EQ(answer.text("error"), "Unauthorized");
}

TEST_P(ApiTest, only_access_tokens_of_this_issuer_for_this_api_pass) {
  struct Case { const char* name; std::function<void(json::object&)> change; std::string message; };
  const Case cases[] = {
    {"as it should be", [](json::object&) {}, ""},
    {"several audiences", [](json::object& c) { c["aud"] = {"https://other/", "https://localhost:8443/api/v2/"}; }, ""},
    {"another issuer", [](json::object& c) { c["iss"] = "https://localhost:8444/"; }, "Invalid issuer"},
    {"an ID token's audience", [](json::object& c) { c["aud"] = "client"; }, "Bad audience: client"},
    {"an audience that only begins alike", [](json::object& c) { c["aud"] = "https://localhost:8443/api/v2/x"; }, "Bad audience: https://localhost:8443/api/v2/x"},
    {"no audience", [](json::object& c) { c.erase("aud"); }, "Bad audience: undefined"},
    {"expired", [](json::object& c) { c["exp"] = 1; }, "Expired token received for JSON Web Token validation"},
    {"no end", [](json::object& c) { c.erase("exp"); }, "Invalid token"},
    {"an end that is a text", [](json::object& c) { c["exp"] = "9999999999"; }, "Invalid token"},
    {"not yet", [](json::object& c) { c["nbf"] = 9'999'999'999; }, "Invalid token"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    json::object changed = claims();
    row.change(changed);
    const Answer answer = send(Method::GET, "/roles", "", "Bearer " + token(changed));
    EXPECT_EQ(answer.status, row.message.empty() ? 200 : 401);
    if (!row.message.empty()) {
      EXPECT_EQ(answer.text("message"), row.message);
    }
  }
}

TEST_P(ApiTest, forged_and_malformed_tokens_are_refused) {
  const jose::PrivateKey other = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  const std::string good = token(claims());
  const std::string none = base64url_encode(R"({"alg":"none","kid":"test"})") + "." + base64url_encode(json::serialize(claims())) + ".";
  for (const std::string& bad : {jose::sign_jwt(other, "test", "JWT", claims()), jose::sign_jwt(other, "unknown", "JWT", claims()),
                                 good.substr(0, good.size() - 4) + "AAAA", good.substr(0, good.rfind('.')), none, std::string("x"), std::string("a.b.c"),
                                 jose::sign_jwt(key_.key, "test", "logout+jwt", claims())}) {
    EXPECT_EQ(send(Method::GET, "/roles", "", "Bearer " + bad).status, 401) << bad;
  }
  EXPECT_EQ(send(Method::GET, "/roles", "", "Basic " + good).status, 401);
  EXPECT_EQ(send(Method::GET, "/roles", "", "bearer " + good).status, 200) << "schemes compare without case";
}

TEST_P(ApiTest, a_token_seen_before_is_judged_anew) {
  const std::string authorization = "Bearer " + token(claims());
  const auto status = [&] { return send(Method::GET, "/roles", "", authorization).status; };
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 200) << "remembered";
  EXPECT_EQ(send(Method::GET, "/roles", "", authorization.substr(0, authorization.size() - 2) + "AA").status, 401) << "another signature";
  key_.revoked = true;
  EXPECT_EQ(status(), 401) << "its key was revoked";
  key_.revoked = false;
  EXPECT_EQ(status(), 200);
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(send(Method::GET, "/roles", "", authorization).status, 401) << "expired";
  EXPECT_EQ(call(Method::GET, "/roles").status, 200) << "a fresh one";
}

TEST_P(ApiTest, a_missing_scope_is_named) {
  scopes_ = "read:clients";
  const Answer answer = get("/roles");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.text("errorCode"), "insufficient_scope");
  EXPECT_EQ(answer.text("message"), "Insufficient scope, expected any of: read:roles");
  EXPECT_EQ(get("/clients/x").status, 404) << "one of several scopes is enough";
}

TEST_P(ApiTest, bodies_that_are_not_json_change_nothing) {
  for (const std::string body : {"", "{", "[]", "null", "\"x\"", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\xff\"}"}) {
    const Answer answer = post("/roles", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.text("errorCode"), "invalid_body") << body;
  }
  EXPECT_TRUE(get("/roles").body.as_array().empty());
}

TEST_P(ApiTest, another_media_type_is_refused) {
  http::Request request;
  request.method = Method::POST;
  request.path = request.target = "/api/v2/roles";
  request.body = "name=x";
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}, {"authorization", "Bearer " + token(claims())}};
  request.tenant = tenant_;
  request.issuer = issuer;
  EXPECT_EQ(router_.match(Method::POST, request.path).route->handler(request).status, 415);
}

TEST_P(ApiTest, answers_tell_how_many_requests_are_left_and_a_full_bucket_refuses) {
  const Answer first = get("/roles");
  const auto header = [](const Answer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers)
      if (key == name) return value;
    return std::string();
  };
  EXPECT_EQ(header(first, "x-ratelimit-limit"), "100");
  EXPECT_EQ(header(first, "x-ratelimit-remaining"), "99");
  EXPECT_EQ(header(first, "x-ratelimit-reset"), std::to_string(to_unix_seconds(clock_.now()) + 1));
  EXPECT_EQ(header(first, "cache-control"), "no-cache");
  for (int i = 0; i < 99; ++i) get("/roles");
  const Answer refused = get("/roles");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.text("errorCode"), "too_many_requests");
  clock_.advance(seconds(1));
  EXPECT_EQ(get("/roles").status, 200);
}

TEST_P(ApiTest, strangers_do_not_use_up_what_administrators_may_ask) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(send(http::Method::GET, "/roles", "", "").status, 401);
    EXPECT_EQ(send(http::Method::GET, "/roles", "", "Bearer " + token({{"iss", "somebody"}})).status, 401);
  }
  EXPECT_EQ(get("/roles").status, 200);
}

TEST_P(ApiTest, writes_leave_an_event_and_failed_ones_another) {
  post("/roles", R"({"name":"admin"})");
  ASSERT_EQ(log_.written.size(), 1u);
  EXPECT_EQ(log_.written[0].type, "sapi");
  EXPECT_EQ(log_.written[0].description, "Create a role");
  EXPECT_EQ(log_.written[0].client.str(), "machine");
  get("/roles");
  EXPECT_EQ(log_.written.size(), 1u) << "reads leave none";
  post("/roles", R"({"name":""})");
  ASSERT_EQ(log_.queued.size(), 1u);
  EXPECT_EQ(log_.queued[0].type, "fapi");
}

TEST_P(ApiTest, no_secret_reaches_the_tenant_log) {
  const Answer client = post("/clients", R"({"name":"app","client_secret":"SECRET-MARK"})");
  ASSERT_EQ(client.status, 201);
  post("/clients/" + client.text("client_id") + "/rotate-secret", "{}");
  for (const logs::Event& event : log_.written) {
    const std::string text = json::serialize(event.details);
    EXPECT_EQ(text.find("SECRET-MARK"), std::string::npos) << text;
    EXPECT_EQ(text.find("-----BEGIN"), std::string::npos) << text;
  }
}

TEST_P(ApiTest, query_parameters_are_checked) {
  const std::pair<const char*, const char*> cases[] = {
    {"page=x", "Query validation error: 'Expected type integer but found type string' on property page."},
    {"page=-1", "Query validation error: 'Value -1 is less than minimum 0' on property page."},
    {"per_page=101", "Query validation error: 'Value 101 is greater than maximum 100' on property per_page."},
    {"page=99999999999999999999", "Query validation error: 'Value 9223372036854775807 is greater than maximum 1000000000' on property page."},
    {"include_totals=maybe", "Query validation error: 'Expected type boolean but found type string' on property include_totals."},
    {"take=0", "Query validation error: 'Value 0 is less than minimum 1' on property take."},
    {"from=nonsense", "The 'from' parameter is not a checkpoint of this list."},
  };
  for (const auto& [query, message] : cases) {
    const Answer answer = get(std::string("/roles?") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.text("errorCode"), "invalid_query_string");
    EXPECT_EQ(answer.text("message"), message);
  }
  EXPECT_EQ(get("/roles?unknown=1&per_page=").status, 200) << "what nobody knows is left alone";
}

}  // namespace gatehouse::management
