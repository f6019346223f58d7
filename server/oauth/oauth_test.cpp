// The protocol end to end on both databases; what is special about a part is tested beside it.
#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "oauth/testing.h"

namespace gatehouse::oauth {
namespace {

constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

class OauthTest : public ::testing::TestWithParam<std::string> {
 protected:
  World& w = World::of(GetParam());
  static std::string unique(std::string_view base) {
    static std::atomic<int> counter{0};
    return std::string(base) + std::to_string(++counter);
  }
  Fields code_grant(const ClientId& client, const std::string& name, const std::string& code) {
    return {{"grant_type", "authorization_code"}, {"client_id", client.str()}, {"client_secret", World::secret(name)}, {"code", code},
            {"redirect_uri", "https://" + name + ".example/cb"}};
  }
  Fields refresh_grant(const ClientId& client, const std::string& name, const std::string& token) {
    return {{"grant_type", "refresh_token"}, {"client_id", client.str()}, {"client_secret", World::secret(name)}, {"refresh_token", token}};
  }
  static std::string text(const json::object& object, std::string_view name) { return std::string(get_string(object, name).value_or("")); }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, OauthTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(OauthTest, a_web_application_logs_a_user_in_and_gets_an_id_token_with_the_profile) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"nonce", "n-1"}, {"max_age", "3600"}});
  const http::Response response = w.token(code_grant(client, app, code));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(header(response, "cache-control"), "no-store");
  const json::object tokens = json_of(response);
  EXPECT_EQ(text(tokens, "token_type"), "Bearer");
  EXPECT_EQ(get_int(tokens, "expires_in"), 86400);
  EXPECT_EQ(text(tokens, "scope"), "openid profile email");
  EXPECT_FALSE(tokens.contains("refresh_token"));
  const json::object claims = claims_of(text(tokens, "id_token"));
  EXPECT_EQ(text(claims, "iss"), World::kIssuer);
  EXPECT_EQ(text(claims, "sub"), id.str());
  EXPECT_EQ(text(claims, "aud"), client.str());
  EXPECT_EQ(text(claims, "nonce"), "n-1");
  EXPECT_EQ(text(claims, "email"), user + "@example.com");
  EXPECT_EQ(text(claims, "given_name"), "Given");
  EXPECT_FALSE(text(claims, "sid").empty());
  EXPECT_EQ(get_int(claims, "auth_time"), to_unix_seconds(w.clock.now()));
  EXPECT_EQ(get_int(claims, "exp").value() - get_int(claims, "iat").value(), 36000);
  EXPECT_FALSE(claims.contains("amr"));
  // Without an audience the access token is opaque, and opens /userinfo.
  const http::Response info = w.get("/userinfo", {}, {{"authorization", "Bearer " + text(tokens, "access_token")}});
  ASSERT_EQ(info.status, 200) << info.body;
  EXPECT_EQ(text(json_of(info), "sub"), id.str());
  EXPECT_EQ(text(json_of(info), "email"), user + "@example.com");
  // An ID token is no access token.
  EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + text(tokens, "id_token")}}).status, 401);
}

TEST_P(OauthTest, the_answer_has_code_state_and_issuer) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const http::Response response = w.authorize(browser, {{"client_id", client.str()}, {"redirect_uri", "https://" + app + ".example/cb"}, {"response_type", "code"},
                                                        {"scope", "openid"}, {"state", "a b&c=d+é"}}, user);
  EXPECT_EQ(response.status, 302);
  EXPECT_TRUE(header(response, "location").starts_with("https://" + app + ".example/cb?code="));
  EXPECT_EQ(location_parameter(response, "state"), "a b&c=d+é");
  EXPECT_EQ(location_parameter(response, "iss"), World::kIssuer);
}

TEST_P(OauthTest, a_second_application_signs_in_without_asking_and_prompt_none_needs_a_session) {
  const std::string one = unique("web"), two = unique("web"), user = unique("ann");
  const ClientId first = w.add_client(one), second = w.add_client(two);
  w.add_user(user);
  Browser browser;
  const Fields silent{{"client_id", second.str()}, {"redirect_uri", "https://" + two + ".example/cb"}, {"response_type", "code"}, {"scope", "openid"}, {"prompt", "none"}};
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "login_required");
  w.code_for(browser, first, one, user);
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());
  EXPECT_EQ(w.events.count("ssa", second), 1u);
  EXPECT_EQ(w.events.count("fsa", second), 1u);
  Fields login = silent;
  login.back().second = "login";
  EXPECT_TRUE(header(w.get(browser, "/authorize", login), "location").starts_with("https://localhost:8443/u/login?state="));
  w.clock.advance(seconds(100));
  login.back() = {"max_age", "60"};
  EXPECT_TRUE(header(w.get(browser, "/authorize", login), "location").starts_with("https://localhost:8443/u/login?state="));
  login.back() = {"max_age", "6000"};
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", login), "code").empty());
}

TEST_P(OauthTest, a_login_belongs_to_the_browser_that_began_it) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser, stranger;
  const http::Response begun = w.get(browser, "/authorize", {{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}});
  const std::string state = location_parameter(begun, "state");
  w.sign_in_on_page(browser, state, user);
  EXPECT_EQ(w.get(stranger, "/authorize/resume", {{"state", state}}).status, 400);
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize/resume", {{"state", state}}), "code").empty());
  EXPECT_EQ(w.get(browser, "/authorize/resume", {{"state", state}}).status, 400);  // single use
}

struct BadRequest {
  const char* name;
  Fields change;      ///< replaces a parameter; an empty value removes it
  const char* error;  ///< told at the redirect_uri; "page": on a page of ours
};
class AuthorizeRefusals : public ::testing::TestWithParam<BadRequest> {};

TEST_P(AuthorizeRefusals, are_told_where_they_may_be) {
  World& w = World::of("sqlite");
  static const ClientId client = w.add_client("refusals", {{"grant_types", {"authorization_code", "implicit"}}});
  static const ClientId spa = w.add_client("refusals-spa", {{"app_type", "spa"}, {"token_endpoint_auth_method", "none"}, {"grant_types", json::array{"authorization_code"}}});
  static const bool once = [&] { return w.add_api("https://refusals.example/api", {"read:x"}), true; }();
  (void)once;
  Fields query{{"client_id", client.str()}, {"redirect_uri", "https://refusals.example/cb"}, {"response_type", "code"}, {"scope", "openid"}, {"state", "s"}};
  for (const auto& [name, value] : GetParam().change) {
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto& q) { return q.first == name; });
    if (value.empty()) query.erase(found);
    else if (found != query.end() && value[0] != '+') found->second = value;
    else query.emplace_back(name, value[0] == '+' ? value.substr(1) : value);
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
    ::testing::Values(BadRequest{"unknown_client", {{"client_id", "nobody"}}, "page"}, BadRequest{"no_client", {{"client_id", ""}}, "page"},
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
                      BadRequest{"public_client_without_pkce", {{"client_id", "client-refusals-spa"}, {"redirect_uri", "https://refusals-spa.example/cb"}}, "invalid_request"},
                      BadRequest{"implicit_not_granted", {{"client_id", "client-refusals-spa"}, {"redirect_uri", "https://refusals-spa.example/cb"},
                                                          {"response_type", "id_token"}, {"nonce", "n"}}, "unauthorized_client"},
                      BadRequest{"none_with_login", {{"prompt", "none login"}}, "invalid_request"}, BadRequest{"bad_max_age", {{"max_age", "soon"}}, "invalid_request"},
                      BadRequest{"bad_hint", {{"id_token_hint", "a.b.c"}}, "invalid_request"}, BadRequest{"unknown_connection", {{"connection", "nope"}}, "invalid_request"},
                      BadRequest{"unknown_audience", {{"audience", "https://refusals.example/api/"}}, "access_denied"},
                      BadRequest{"organization", {{"organization", "org_x"}}, "invalid_request"},
                      BadRequest{"web_message_elsewhere", {{"response_mode", "web_message"}}, "page"}),
    [](const auto& info) { return info.param.name; });

TEST_P(OauthTest, a_code_works_once_for_its_client_and_proves_possession_first) {
  const std::string app = unique("web"), other = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app), stranger = w.add_client(other);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"code_challenge", std::string(kChallenge)}, {"code_challenge_method", "S256"}});
  const auto refused = [&](Fields form) {
    const http::Response response = w.token(form);
    EXPECT_EQ(response.status, 403) << response.body;
    EXPECT_EQ(text(json_of(response), "error"), "invalid_grant");
  };
  refused(code_grant(stranger, other, code));
  refused(code_grant(client, app, code));  // no verifier
  Fields wrong = code_grant(client, app, code);
  wrong.emplace_back("code_verifier", kChallenge);
  refused(wrong);
  Fields elsewhere = code_grant(client, app, code);
  elsewhere.back().second = "https://" + app + ".example/other";
  elsewhere.emplace_back("code_verifier", kVerifier);
  refused(elsewhere);
  Fields right = code_grant(client, app, code);
  right.emplace_back("code_verifier", kVerifier);
  EXPECT_EQ(w.token(right).status, 200);
  refused(right);
  EXPECT_EQ(text(json_of(w.token(code_grant(client, app, "nonsense"))), "error_description"), "Invalid authorization code");
}

TEST_P(OauthTest, a_code_expires_and_a_verifier_without_challenge_is_refused) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string plain = w.code_for(browser, client, app, user);
  Fields with_verifier = code_grant(client, app, plain);
  with_verifier.emplace_back("code_verifier", kVerifier);
  EXPECT_EQ(w.token(with_verifier).status, 403);
  w.clock.advance(seconds(61));
  EXPECT_EQ(w.token(code_grant(client, app, plain)).status, 403);
}

TEST_P(OauthTest, a_replayed_code_revokes_what_it_gave) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string refresh = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  ASSERT_FALSE(refresh.empty());
  EXPECT_EQ(w.token(refresh_grant(client, app, refresh)).status, 200);
  EXPECT_EQ(w.token(code_grant(client, app, code)).status, 403);
  EXPECT_EQ(w.token(refresh_grant(client, app, refresh)).status, 403);
}

TEST_P(OauthTest, of_fifty_concurrent_redemptions_one_wins) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user);
  std::atomic<int> won{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&] {
      const http::Response response = w.token(code_grant(client, app, code));
      ++(response.status == 200 ? won : refused);
      if (response.status != 200) EXPECT_EQ(response.status, 403) << response.body;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, 49);
}

const json::object kRotating{{"refresh_token", {{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 0}, {"token_lifetime", 1000},
                                                {"idle_token_lifetime", 500}}}};

TEST_P(OauthTest, a_rotated_refresh_token_is_dead_and_its_reuse_kills_the_family) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string first = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const json::object second = json_of(w.token(refresh_grant(client, app, first)));
  const std::string successor = text(second, "refresh_token");
  EXPECT_NE(successor, first);
  EXPECT_FALSE(text(second, "id_token").empty());
  EXPECT_EQ(w.token(refresh_grant(client, app, first)).status, 403);
  EXPECT_EQ(w.events.count("ferrt", client), 1u);
  EXPECT_EQ(w.token(refresh_grant(client, app, successor)).status, 403);
}

TEST_P(OauthTest, fifty_concurrent_uses_without_leeway_give_one_successor_and_a_dead_family) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  std::atomic<int> won{0};
  std::mutex mutex;
  std::string successor;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&] {
      const http::Response response = w.token(refresh_grant(client, app, token));
      if (response.status != 200) return;
      ++won;
      const std::lock_guard lock(mutex);
      successor = text(json_of(response), "refresh_token");
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(w.token(refresh_grant(client, app, successor)).status, 403);
}

TEST_P(OauthTest, inside_the_leeway_the_previous_token_gives_the_same_successor_and_an_older_one_kills) {
  const std::string app = unique("web"), user = unique("ann");
  json::object policy = kRotating;
  policy["refresh_token"].as_object()["leeway"] = 30;
  const ClientId client = w.add_client(app, policy);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string first = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const std::string second = text(json_of(w.token(refresh_grant(client, app, first))), "refresh_token");
  EXPECT_EQ(text(json_of(w.token(refresh_grant(client, app, first))), "refresh_token"), second);
  const std::string third = text(json_of(w.token(refresh_grant(client, app, second))), "refresh_token");
  EXPECT_EQ(w.token(refresh_grant(client, app, first)).status, 403);  // two back
  EXPECT_EQ(w.token(refresh_grant(client, app, third)).status, 403);
}

TEST_P(OauthTest, refresh_tokens_end_when_idle_and_absolutely) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const auto begin = [&] {
    return text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}})))), "refresh_token");
  };
  const std::string idle = begin();
  w.clock.advance(seconds(501));
  EXPECT_EQ(w.token(refresh_grant(client, app, idle)).status, 403);
  std::string token = begin();
  for (int i = 0; i < 2; ++i) {
    w.clock.advance(seconds(450));
    token = text(json_of(w.token(refresh_grant(client, app, token))), "refresh_token");
    EXPECT_FALSE(token.empty());
  }
  w.clock.advance(seconds(150));  // 1050 s: rotation did not move the end
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 403);
}

TEST_P(OauthTest, a_refresh_narrows_and_never_widens_and_asks_the_user_anew) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  w.add_api(api, {"read:x", "write:x"}, {{"enforce_policies", true}, {"token_dialect", "access_token_authz"}});
  w.permit(id, api, {"read:x"});
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access read:x write:x"}, {"audience", api}});
  const json::object tokens = json_of(w.token(code_grant(client, app, code)));
  EXPECT_EQ(text(tokens, "scope"), "openid offline_access read:x");  // RBAC: not permitted to write
  EXPECT_EQ(claims_of(text(tokens, "access_token")).at("permissions"), json::array{"read:x"});
  const std::string refresh = text(tokens, "refresh_token");
  Fields narrow = refresh_grant(client, app, refresh);
  narrow.emplace_back("scope", "openid");
  EXPECT_EQ(text(json_of(w.token(narrow)), "scope"), "openid");
  narrow.back().second = "openid profile read:x write:x";
  EXPECT_EQ(text(json_of(w.token(narrow)), "scope"), "openid read:x");
  w.permit(id, api, {"write:x"});
  EXPECT_EQ(claims_of(text(json_of(w.token(refresh_grant(client, app, refresh))), "access_token")).at("permissions"), (json::array{"read:x", "write:x"}));
  Fields other = refresh_grant(client, app, refresh);
  other.emplace_back("audience", "https://elsewhere.example");
  EXPECT_EQ(w.token(other).status, 403);
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  const http::Response blocked = w.token(refresh_grant(client, app, refresh));
  EXPECT_EQ(blocked.status, 403);
  EXPECT_EQ(text(json_of(blocked), "error_description"), "user is blocked");
}

TEST_P(OauthTest, another_clients_refresh_token_is_refused_and_lives_on) {
  const std::string app = unique("web"), other = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating), stranger = w.add_client(other);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  EXPECT_EQ(w.token(refresh_grant(stranger, other, token)).status, 403);
  EXPECT_EQ(w.post("/oauth/revoke", {{"client_id", stranger.str()}, {"client_secret", World::secret(other)}, {"token", token}}).status, 200);
  std::string forged = token;
  forged[forged.find('.') + 3] ^= 1;
  EXPECT_EQ(w.token(refresh_grant(client, app, forged)).status, 403);
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 200);
}

TEST_P(OauthTest, revocation_ends_the_family_and_answers_200_to_anything_else) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const json::object body{{"client_id", client.str()}, {"client_secret", World::secret(app)}, {"token", token}};
  const http::Response revoked = w.post_json("/oauth/revoke", body);
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(revoked.body, "");
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 403);
  EXPECT_EQ(w.post_json("/oauth/revoke", body).status, 200);
  EXPECT_EQ(w.post("/oauth/revoke", {{"client_id", client.str()}, {"token", token}}).status, 401);
}

TEST_P(OauthTest, a_machine_gets_a_token_for_what_it_was_granted_by_form_json_and_basic) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_api(api, {"read:x", "write:x", "delete:x"});
  w.add_client_grant(client, api, {"read:x", "write:x"});
  const Fields form{{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}};
  const json::object tokens = json_of(w.token(form));
  EXPECT_EQ(get_int(tokens, "expires_in"), 86400);
  EXPECT_EQ(text(tokens, "scope"), "read:x write:x");
  EXPECT_FALSE(tokens.contains("id_token"));
  const json::object claims = claims_of(text(tokens, "access_token"));
  EXPECT_EQ(text(claims, "sub"), client.str() + "@clients");
  EXPECT_EQ(text(claims, "gty"), "client-credentials");
  EXPECT_EQ(text(claims, "azp"), client.str());
  EXPECT_EQ(text(claims, "aud"), api);
  EXPECT_FALSE(claims.contains("permissions"));
  const http::Response json = w.post_json("/oauth/token", json::object{{"grant_type", "client_credentials"}, {"client_id", client.str()},
                                                                      {"client_secret", World::secret(app)}, {"audience", api}, {"extra", 7}});
  EXPECT_EQ(json.status, 200) << json.body;
  const http::Response basic = w.post("/oauth/token", {{"grant_type", "client_credentials"}, {"audience", api}},
                                      {{"authorization", "Basic " + base64_encode(client.str() + ":" + World::secret(app))}});
  EXPECT_EQ(basic.status, 200) << basic.body;
  Fields scoped = form;
  scoped.emplace_back("scope", "write:x");
  EXPECT_EQ(text(json_of(w.token(scoped)), "scope"), "write:x");
  scoped.back().second = "write:x delete:x";
  const http::Response beyond = w.token(scoped);
  EXPECT_EQ(beyond.status, 403);
  EXPECT_EQ(text(json_of(beyond), "error_description"), "Client has not been granted scopes: delete:x");
  EXPECT_GE(w.events.count("seccft", client), 4u);
}

TEST_P(OauthTest, token_requests_are_refused_in_auth0s_words) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example/v1";
  const ClientId client = w.add_client(app, {{"grant_types", json::array{"client_credentials"}}});
  w.add_api(api, {"read:x"});
  const Fields base{{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}};
  const auto expect = [&](size_t index, const std::string& value, int status, const std::string& error, const std::string& sentence) {
    Fields form = base;
    if (value.empty()) form.erase(form.begin() + static_cast<long>(index));
    else form[index].second = value;
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
  expect(3, api, 403, "access_denied", "Client is not authorized to access \"" + api + "\". You need to create a \"client-grant\" associated to this API.");
  expect(3, api + "/", 403, "access_denied", "Service not enabled within domain: " + api + "/");
  Fields slash = base;
  slash[3].second += "/";
  EXPECT_NE(text(json_of(w.token(slash)), "error_description").find("\"" + api + "\""), std::string::npos);  // names the closest
  expect(3, "", 403, "access_denied", "No audience parameter was provided, and no default audience has been configured");
  Fields twice = base;
  twice.emplace_back("audience", api);
  EXPECT_EQ(w.token(twice).status, 400);
  EXPECT_EQ(w.post("/oauth/token", base, {{"authorization", "Basic " + base64_encode(client.str() + ":x")}}).status, 400);  // two methods
  EXPECT_EQ(w.post_json("/oauth/token", json::object{{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", true}, {"audience", api}}).status, 400);
  EXPECT_EQ(w.call(http::Method::POST, "/oauth/token", "{", "application/json").status, 400);
  EXPECT_EQ(w.call(http::Method::POST, "/oauth/token", "a=%zz", "application/x-www-form-urlencoded").status, 400);
  EXPECT_EQ(w.get("/oauth/token").status, 405);
}

TEST_P(OauthTest, a_rotated_secret_is_told_in_the_log_alone) {
  const std::string app = unique("m2m");
  const ClientId client = w.add_client(app, {{std::string(model::ClientStore::rotated_secrets_property), json::array{hex_encode(crypto::sha256("old secret"))}}});
  const http::Response response = w.token({{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", "old secret"}});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body.find("rotated"), std::string::npos);
  EXPECT_NE(json::serialize(w.events.last("feccft").details).find("rotated"), std::string::npos);
}

TEST_P(OauthTest, private_key_jwt_works_once_and_has_no_secret_to_fall_back_to) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const jose::PrivateKey key = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  const ClientId client = w.add_client(
      app, {{"client_authentication_methods", {{"private_key_jwt", {{"credentials", json::array{json::object{{"id", "cred_1"}}}}}}}},
            {std::string(model::ClientStore::credentials_property), json::array{json::object{{"id", "cred_1"}, {"kid", "k1"}, {"alg", "ES256"}, {"jwk", key.public_key().to_jwk("k1")}}}}});
  w.add_api(api, {"read:x"});
  w.add_client_grant(client, api, {"read:x"});
  const int64_t now = to_unix_seconds(w.clock.now());
  const auto ask = [&](json::object claims) {
    return w.token({{"grant_type", "client_credentials"}, {"audience", api}, {"client_assertion", jose::sign_jwt(key, "k1", "JWT", claims)},
                    {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}});
  };
  const json::object good{{"iss", client.str()}, {"sub", client.str()}, {"aud", World::kIssuer}, {"iat", now}, {"exp", now + 60}, {"jti", w.random.uuid()}};
  EXPECT_EQ(ask(good).status, 200) << ask(good).body;
  EXPECT_EQ(ask(good).status, 401);  // the same jti
  const auto with = [&](std::string_view name, json::value value) {
    json::object claims = good;
    claims["jti"] = w.random.uuid();
    claims[name] = std::move(value);
    return claims;
  };
  EXPECT_EQ(ask(with("aud", json::array{"https://x.example", "https://localhost:8443/oauth/token"})).status, 200);
  EXPECT_EQ(ask(with("iat", now + 9)).status, 200);
  EXPECT_EQ(ask(with("iat", now + 11)).status, 401);
  EXPECT_EQ(ask(with("exp", now)).status, 401);
  EXPECT_EQ(ask(with("exp", now + 86400)).status, 401);
  EXPECT_EQ(ask(with("aud", "https://elsewhere.example/")).status, 401);
  EXPECT_EQ(ask(with("iss", "someone else")).status, 401);
  EXPECT_EQ(ask(with("jti", json::value(std::string(65, 'j')))).status, 401);
  EXPECT_EQ(w.token({{"grant_type", "client_credentials"}, {"audience", api}, {"client_id", client.str()}, {"client_secret", World::secret(app)}}).status, 401);
}

TEST_P(OauthTest, a_password_is_exchanged_through_the_directory_or_a_realm) {
  const std::string app = unique("ropg"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  w.add_api(api, {"read:x"});
  Fields form{{"grant_type", "password"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"username", user + "@example.com"},
              {"password", "correct horse " + user}, {"audience", api}, {"scope", "openid read:x offline_access"}};
  const http::Response response = w.token(form);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::object tokens = json_of(response);
  EXPECT_EQ(text(claims_of(text(tokens, "access_token")), "gty"), "password");
  EXPECT_EQ(text(claims_of(text(tokens, "id_token")), "sub"), id.str());
  EXPECT_FALSE(claims_of(text(tokens, "id_token")).contains("sid"));
  EXPECT_EQ(w.token(refresh_grant(client, app, text(tokens, "refresh_token"))).status, 200);
  EXPECT_EQ(w.events.count("sepft", client), 1u);
  Fields realm = form;
  realm[0].second = "http://auth0.com/oauth/grant-type/password-realm";
  EXPECT_EQ(w.token(realm).status, 400);
  realm.emplace_back("realm", World::kConnection);
  EXPECT_EQ(w.token(realm).status, 200);
  realm.back().second = "nowhere";
  EXPECT_EQ(w.token(realm).status, 403);
  form[4].second = "wrong";
  const http::Response wrong = w.token(form);
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(text(json_of(wrong), "error_description"), "Wrong email or password.");
  form[3].second = "nobody@example.com";
  EXPECT_EQ(w.token(form).body, wrong.body);
  form[3].second = user + "@example.com";
  form[4].second = "correct horse " + user;
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  EXPECT_EQ(text(json_of(w.token(form)), "error_description"), "user is blocked");
}

TEST_P(OauthTest, tokens_follow_the_api_and_the_client) {
  const std::string app = unique("alg"), user = unique("ann"), hs = "https://" + unique("hs") + ".example", rfc = "https://" + unique("rfc") + ".example";
  const ClientId client = w.add_client(app, {{"jwt_configuration", {{"alg", "HS256"}, {"lifetime_in_seconds", 100}}}});
  w.add_user(user);
  w.add_api(hs, {"read:x"}, {{"signing_alg", "HS256"}, {"signing_secret", "0123456789abcdef0123456789abcdef"}, {"token_lifetime", 50}});
  w.add_api(rfc, {"read:x"}, {{"token_dialect", "rfc9068_profile"}, {"signing_alg", "PS256"}});
  Browser browser;
  const auto tokens_for = [&](const std::string& api) {
    return json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"audience", api}, {"scope", "openid read:x"}}))));
  };
  const json::object first = tokens_for(hs);
  const auto access = jose::ParsedJwt::parse(text(first, "access_token"));
  EXPECT_TRUE(jose::verify_signature_hs(*access, jose::Algorithm::HS256, "0123456789abcdef0123456789abcdef"));
  EXPECT_EQ(text(access->claims, "aud"), hs);  // /userinfo could not verify it
  EXPECT_EQ(get_int(first, "expires_in"), 50);
  const auto id = jose::ParsedJwt::parse(text(first, "id_token"));
  EXPECT_TRUE(jose::verify_signature_hs(*id, jose::Algorithm::HS256, World::secret(app)));
  EXPECT_EQ(get_int(id->claims, "exp").value() - get_int(id->claims, "iat").value(), 100);
  const auto second = jose::ParsedJwt::parse(text(tokens_for(rfc), "access_token"));
  EXPECT_EQ(text(second->header, "typ"), "at+jwt");
  EXPECT_EQ(second->algorithm, "PS256");
  EXPECT_EQ(text(second->claims, "client_id"), client.str());
  EXPECT_FALSE(text(second->claims, "jti").empty());
  EXPECT_EQ(second->claims.at("aud"), (json::array{rfc, "https://localhost:8443/userinfo"}));
}

TEST_P(OauthTest, permissions_that_do_not_reach_tokens_are_named_once_per_api_and_day) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.permit(w.add_user(user), api, {"delete:users"});
  w.add_api(api, {"delete:users"});
  Browser browser;
  for (int i = 0; i < 2; ++i) w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"audience", api}})));
  EXPECT_EQ(w.events.count("w", client), 1u);
  EXPECT_NE(w.events.last("w").description.find(api), std::string::npos);
}

TEST_P(OauthTest, a_machine_that_asks_on_every_call_is_named) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_api(api, {"read:x"});
  w.add_client_grant(client, api, {"read:x"});
  for (int i = 0; i < 2 * MachineTokenWatch::kTokens; ++i)
    w.token({{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}});
  EXPECT_EQ(w.events.count("w", client), 1u);
  EXPECT_EQ(w.events.last("w").details.at("token_lifetime_seconds"), 86400);
}

TEST_P(OauthTest, implicit_and_hybrid_answers_stand_in_the_fragment_with_hashes) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_user(user);
  w.add_api(api, {"read:x"});
  Browser browser;
  const http::Response response = w.authorize(browser, {{"client_id", client.str()}, {"response_type", "code id_token token"}, {"scope", "openid read:x offline_access"},
                                                        {"nonce", "n"}, {"audience", api}, {"state", "s"}}, user);
  EXPECT_NE(header(response, "location").find("/cb#"), std::string::npos);
  const json::object claims = claims_of(location_parameter(response, "id_token"));
  const std::string access = location_parameter(response, "access_token"), code = location_parameter(response, "code");
  EXPECT_EQ(text(claims, "at_hash"), base64url_encode(crypto::sha256(access).substr(0, 16)));
  EXPECT_EQ(text(claims, "c_hash"), base64url_encode(crypto::sha256(code).substr(0, 16)));
  EXPECT_EQ(text(claims, "nonce"), "n");
  EXPECT_EQ(location_parameter(response, "expires_in"), "7200");  // token_lifetime_for_web
  EXPECT_EQ(w.token(code_grant(client, app, code)).status, 200);
}

TEST_P(OauthTest, form_post_and_web_message_escape_and_allow_only_their_own_script) {
  const std::string app = unique("spa"), user = unique("ann");
  const ClientId client = w.add_client(app, {{"web_origins", json::array{"https://" + app + ".example"}}});
  w.add_user(user);
  Browser browser;
  w.code_for(browser, client, app, user);
  const std::string evil = "</script><script>alert(1)</script>\"'<>&";
  Fields query{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}, {"state", evil}, {"response_mode", "form_post"}};
  const http::Response form = w.get(browser, "/authorize", query);
  EXPECT_EQ(form.status, 200);
  EXPECT_EQ(form.body.find("<script>alert"), std::string::npos);
  EXPECT_NE(header(form, "content-security-policy").find("script-src 'nonce-"), std::string::npos);
  query.back().second = "web_message";
  query.emplace_back("prompt", "none");
  const http::Response message = w.get(browser, "/authorize", query);
  EXPECT_EQ(message.status, 200);
  EXPECT_EQ(message.body.find("<script>alert"), std::string::npos);
  EXPECT_NE(message.body.find("\"https://" + app + ".example\""), std::string::npos);
  EXPECT_NE(header(message, "content-security-policy").find("frame-ancestors https://" + app + ".example;"), std::string::npos);
  EXPECT_EQ(header(message, "x-frame-options"), "");
  EXPECT_NE(message.body.find("authorization_response"), std::string::npos);
}

TEST_P(OauthTest, third_party_clients_ask_once_and_a_refusal_is_told) {
  const std::string app = unique("third"), user = unique("ann");
  const ClientId client = w.add_client(app, {{"is_first_party", false}});
  w.add_user(user);
  Browser browser;
  const Fields query{{"client_id", client.str()}, {"redirect_uri", "https://" + app + ".example/cb"}, {"response_type", "code"}, {"scope", "openid email"}, {"state", "s"}};
  const auto consent_state = [&](const http::Response& response) {
    EXPECT_TRUE(header(response, "location").starts_with("https://localhost:8443/u/consent?state=")) << header(response, "location");
    return location_parameter(response, "state");
  };
  const auto answer = [&](const std::string& state, std::string_view choice) {
    w.answer_consent(state, browser.cookies[std::string(model::kBrowserCookie)], choice);
    return w.get(browser, "/authorize/resume", {{"state", state}});
  };
  const http::Response denied = answer(consent_state(w.authorize(browser, query, user)), "deny");
  EXPECT_EQ(location_parameter(denied, "error"), "access_denied");
  Fields silent = query;
  silent.emplace_back("prompt", "none");
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "consent_required");
  EXPECT_FALSE(location_parameter(answer(consent_state(w.get(browser, "/authorize", query)), "accept"), "code").empty());
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());  // remembered
  silent[3].second = "openid email profile";
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "consent_required");  // more than was allowed
}

TEST_P(OauthTest, a_callback_nobody_vouches_for_is_confirmed_unless_that_is_switched_off) {
  const std::string app = unique("native"), user = unique("ann");
  const ClientId client = w.add_client(app, {{"callbacks", json::array{"com.example.app://cb"}}, {"skip_non_verifiable_callback_uri_confirmation_prompt", false}});
  w.add_user(user);
  Browser browser;
  const Fields query{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}};
  EXPECT_FALSE(location_parameter(w.authorize(browser, query, user), "code").empty());  // the login page was a prompt
  const http::Response again = w.get(browser, "/authorize", query);
  EXPECT_TRUE(header(again, "location").starts_with("https://localhost:8443/u/consent?state="));
  const std::string state = location_parameter(again, "state");
  w.answer_consent(state, browser.cookies[std::string(model::kBrowserCookie)], "accept");
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize/resume", {{"state", state}}), "code").empty());
  Fields silent = query;
  silent.emplace_back("prompt", "none");
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "interaction_required");
  w.change_client(client, {{"skip_non_verifiable_callback_uri_confirmation_prompt", true}});
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());
}

TEST_P(OauthTest, an_application_that_sends_its_user_round_is_stopped_at_a_page) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string first = w.code_for(browser, client, app, user);
  const auto rounds_of = [&](const Fields& headers, const std::function<void(const http::Response&)>& use) {
    const Fields query{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}};
    Fields sent = browser.headers();
    sent.insert(sent.end(), headers.begin(), headers.end());
    for (int round = 1; round < 60; ++round) {
      const http::Response response = w.get("/authorize", query, sent);
      if (response.status != 302) {
        EXPECT_EQ(response.status, 400);
        EXPECT_NE(response.body.find("cookie"), std::string::npos);
        return round;
      }
      use(response);
    }
    return 60;
  };
  const auto redeem = [&](const http::Response& response) { EXPECT_EQ(w.token(code_grant(client, app, location_parameter(response, "code"))).status, 200); };
  EXPECT_EQ(w.token(code_grant(client, app, first)).status, 200);
  EXPECT_EQ(rounds_of({}, redeem), 60);  // a script that uses its codes is no loop
  EXPECT_EQ(rounds_of({{"sec-fetch-mode", "navigate"}}, redeem), LoopGuard::kNavigations.answers + 1);
  EXPECT_EQ(rounds_of({}, [](const http::Response&) {}), LoopGuard::kUnredeemed.answers);  // the refused one was counted too
  w.clock.advance(seconds(31));
  EXPECT_EQ(w.get(browser, "/authorize", {{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}}).status, 302);
}

TEST_P(OauthTest, logout_ends_the_session_and_goes_only_to_registered_urls) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  w.code_for(browser, client, app, user);
  const Fields silent{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}, {"prompt", "none"}};
  const http::Response elsewhere = w.get(browser, "/v2/logout", {{"client_id", client.str()}, {"returnTo", "https://evil.example"}});
  EXPECT_EQ(elsewhere.status, 400);
  EXPECT_EQ(header(elsewhere, "location"), "");
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());  // nothing was changed
  const http::Response out = w.get(browser, "/v2/logout", {{"client_id", client.str()}, {"returnTo", "https://" + app + ".example?x=1"}});
  EXPECT_EQ(header(out, "location"), "https://" + app + ".example?x=1");
  EXPECT_EQ(w.events.count("slo", client), 1u);
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "login_required");
  EXPECT_EQ(header(w.get("/v2/logout", {{"client_id", client.str()}}), "location"), "https://" + app + ".example");  // the first one
  EXPECT_EQ(header(w.get("/v2/logout", {{"returnTo", "https://tenant.example/bye"}}), "location"), "https://tenant.example/bye");
  EXPECT_EQ(w.get("/v2/logout", {{"returnTo", "https://" + app + ".example"}}).status, 400);
  EXPECT_EQ(w.get("/v2/logout").status, 200);
}

TEST_P(OauthTest, oidc_logout_asks_unless_a_hint_names_the_session) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string id_token = text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user)))), "id_token");
  const std::string sid = text(claims_of(id_token), "sid");
  const Fields base{{"client_id", client.str()}, {"post_logout_redirect_uri", "https://" + app + ".example/bye"}, {"state", "s t"}};
  EXPECT_TRUE(header(w.get(browser, "/oidc/logout", base), "location").starts_with("https://localhost:8443/u/logout?state="));
  Fields wrong = base;
  wrong.emplace_back("logout_hint", "other");
  EXPECT_TRUE(header(w.get(browser, "/oidc/logout", wrong), "location").starts_with("https://localhost:8443/u/logout?state="));
  Fields forged = base;
  forged.emplace_back("id_token_hint", id_token.substr(0, id_token.size() - 4) + "AAAA");
  EXPECT_EQ(w.get(browser, "/oidc/logout", forged).status, 400);
  Fields mismatch = base;
  mismatch.emplace_back("id_token_hint", id_token);
  mismatch.emplace_back("logout_hint", "other");
  EXPECT_EQ(w.get(browser, "/oidc/logout", mismatch).status, 400);
  w.clock.advance(seconds(40'000));  // an expired ID token is still a hint
  Fields hinted = base;
  hinted.emplace_back("id_token_hint", id_token);
  hinted.emplace_back("logout_hint", sid);
  const http::Response out = w.get(browser, "/oidc/logout", hinted);
  EXPECT_EQ(header(out, "location"), "https://" + app + ".example/bye?state=s%20t");
  EXPECT_FALSE(browser.cookies.contains(std::string(model::kSessionCookie)));
  EXPECT_EQ(header(w.get(browser, "/oidc/logout", base), "location"), "https://" + app + ".example/bye?state=s%20t");  // nobody to ask
}

TEST_P(OauthTest, userinfo_takes_the_token_in_one_place_only) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  Browser browser;
  const std::string token = text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user)))), "access_token");
  EXPECT_EQ(w.post("/userinfo", {{"access_token", token}}).status, 200);
  EXPECT_EQ(w.get("/userinfo", {{"access_token", token}}).status, 200);
  EXPECT_EQ(w.get("/userinfo", {{"access_token", token}}, {{"authorization", "Bearer " + token}}).status, 400);
  EXPECT_EQ(w.get("/userinfo").status, 401);
  for (const std::string& bad : {std::string("x"), std::string("a.b"), std::string("a.b.c"), std::string("a.b.c.d"), std::string("a.b.c.d.e"), token + "x"})
    EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + bad}}).status, 401) << bad;
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + token}}).status, 401);
}

TEST_P(OauthTest, discovery_and_keys_are_public_and_cacheable) {
  const http::Response document = w.get("/.well-known/openid-configuration");
  const json::object configuration = json_of(document);
  EXPECT_EQ(text(configuration, "issuer"), World::kIssuer);
  EXPECT_EQ(text(configuration, "end_session_endpoint"), "https://localhost:8443/oidc/logout");
  EXPECT_EQ(header(document, "access-control-allow-origin"), "*");
  EXPECT_EQ(w.get("/.well-known/openid-configuration", {}, {{"if-none-match", header(document, "etag")}}).status, 304);
  const http::Response keys = w.get("/.well-known/jwks.json");
  const json::object set = json_of(keys);
  EXPECT_GE(set.at("keys").as_array().size(), 2u);
  for (const json::value& key : set.at("keys").as_array()) EXPECT_FALSE(key.as_object().contains("d"));
}

TEST_P(OauthTest, scripts_of_the_client_alone_may_read_token_answers) {
  const std::string app = unique("spa");
  const ClientId client = w.add_client(app, {{"allowed_origins", json::array{"https://" + app + ".example"}}});
  const auto origin_of_answer = [&](const std::string& origin) {
    return header(w.post("/oauth/token", {{"grant_type", "refresh_token"}, {"client_id", client.str()}, {"refresh_token", "x"}}, {{"origin", origin}}), "access-control-allow-origin");
  };
  EXPECT_EQ(origin_of_answer("https://" + app + ".example"), "https://" + app + ".example");
  EXPECT_EQ(origin_of_answer("https://evil.example"), "");
  EXPECT_EQ(origin_of_answer("null"), "");
  const http::Response preflight = w.call(http::Method::OPTIONS, "/oauth/token", {}, {}, {{"origin", "https://" + app + ".example"}, {"access-control-request-method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_NE(header(preflight, "access-control-allow-headers").find("Auth0-Client"), std::string::npos);
  EXPECT_EQ(header(preflight, "access-control-allow-credentials"), "");
}

TEST_P(OauthTest, people_sign_up_and_ask_for_a_new_password_without_a_page) {
  const std::string app = unique("web"), name = unique("new");
  const ClientId client = w.add_client(app);
  const json::object body{{"client_id", client.str()}, {"connection", World::kConnection}, {"email", name + "@example.com"}, {"password", "correct horse " + name},
                          {"user_metadata", {{"plan", "gold"}}}, {"email_verified", true}, {"app_metadata", {{"role", "admin"}}}};
  const http::Response made = w.post_json("/dbconnections/signup", body);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(text(json_of(made), "_id").size(), 24u);
  EXPECT_EQ(json_of(made).at("email_verified"), false);
  const http::Response again = w.post_json("/dbconnections/signup", body);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(text(json_of(again), "code"), "invalid_signup");
  const http::Response known = w.post_json("/dbconnections/change_password", {{"client_id", client.str()}, {"connection", World::kConnection}, {"email", name + "@example.com"}});
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, "We've just sent you an email to reset your password.");
  const http::Response unknown = w.post_json("/dbconnections/change_password", {{"client_id", client.str()}, {"connection", World::kConnection}, {"email", "nobody@example.com"}});
  EXPECT_EQ(unknown.body, known.body);
  EXPECT_EQ(w.post_json("/dbconnections/signup", {{"client_id", client.str()}, {"connection", "other"}, {"email", "x@example.com"}, {"password", "p"}}).status, 400);
  EXPECT_EQ(w.post_json("/dbconnections/signup", {{"connection", World::kConnection}}).status, 400);
}

}  // namespace
}  // namespace gatehouse::oauth
