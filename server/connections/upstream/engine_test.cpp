#include "connections/upstream/engine.h"

#include <gtest/gtest.h>

#include "connections/upstream/testing.h"
#include "crypto/testing.h"

namespace gatehouse::connections {
namespace {

constexpr const char* kCallback = "https://login.example.com/login/callback";

class UpstreamEngineTest : public ::testing::Test {
 protected:
  UpstreamEngineTest() {
    connection.id = ConnectionId("con_2");
    connection.tenant = TenantId("acme");
    connection.name = "acme-corp";
    connection.strategy = "oidc";
    connection.options = {{"discovery_url", FakeProvider::kIssuer}, {"client_id", "gatehouse"}, {"client_secret", "the secret"}};
  }
  UpstreamEngine::Begun begin(const json::object& asked = {}) {
    auto begun = engine.begin(connection, kCallback, "login-state", asked);
    EXPECT_TRUE(begun) << (begun ? "" : begun.error().message + " " + begun.error().detail);
    parameters = provider.visited(begun->url);
    return std::move(*begun);
  }
  Result<UpstreamIdentity, UpstreamError> finish(const json::object& answer = {{"code", "the code"}}) {
    const UpstreamEngine::Begun begun = begin();
    return engine.finish(connection, begun.request, answer);
  }
  void expect_refused(UpstreamErrc code, std::string_view why, const json::object& answer = {{"code", "the code"}}) {
    const auto identity = finish(answer);
    ASSERT_FALSE(identity) << why;
    EXPECT_EQ(identity.error().code, code) << identity.error().message;
    EXPECT_NE(identity.error().detail.find(why), std::string::npos) << identity.error().detail;
  }
  std::string asked(std::string_view name) const { return std::string(parameters.get(name).value_or("")); }

  ManualClock clock;
  crypto::FakeRandom random;
  FakeProvider provider{clock};
  crypto::Sealer sealer{*crypto::MasterKeys::parse("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), random};
  UpstreamEngine engine{{provider, sealer, random, clock}};
  model::Connection connection;
  http::Parameters parameters;
};

TEST_F(UpstreamEngineTest, who_signs_in_there_is_known_here) {
  provider.more_claims = {{"email", "Eve@Example.com"}, {"email_verified", true}, {"name", "Eve"}, {"groups", json::array{"staff"}}, {"department", "IT"}};
  const auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->profile().subject, "248289761001");
  EXPECT_EQ(identity->profile().email, "eve@example.com");
  EXPECT_TRUE(identity->profile().email_verified);
  EXPECT_EQ(identity->profile().attributes.at("name"), "Eve");
  EXPECT_EQ(identity->profile().attributes.at("department"), "IT");
  EXPECT_FALSE(identity->profile().attributes.contains("iss"));
  EXPECT_FALSE(identity->profile().attributes.contains("nonce"));
  EXPECT_EQ(identity->tokens().access_token.reveal(), "upstream-access");
}

TEST_F(UpstreamEngineTest, the_request_is_bound_by_state_nonce_and_challenge) {
  const auto begun = begin({{"login_hint", "eve@example.com"}, {"connection_scope", "calendar,files"}});
  EXPECT_TRUE(begun.url.starts_with("https://idp.example.com/authorize?"));
  EXPECT_EQ(asked("response_type"), "code");
  EXPECT_EQ(asked("client_id"), "gatehouse");
  EXPECT_EQ(asked("redirect_uri"), kCallback);
  EXPECT_EQ(asked("state"), begun.state);
  EXPECT_GE(begun.state.size(), 43u);
  EXPECT_FALSE(asked("nonce").empty());
  EXPECT_EQ(asked("code_challenge_method"), "S256");
  EXPECT_EQ(asked("code_challenge"), base64url_encode(crypto::sha256(begun.request.verifier)));
  EXPECT_EQ(asked("login_hint"), "eve@example.com");
  EXPECT_EQ(asked("scope"), "openid calendar files");
}

TEST_F(UpstreamEngineTest, a_code_is_redeemed_with_its_verifier_and_the_secret) {
  ASSERT_TRUE(finish());
  const auto& request = *std::ranges::find_if(provider.requests, [](const auto& r) { return r.url.ends_with("/token"); });
  const http::Parameters form = *http::Parameters::parse(request.body);
  EXPECT_EQ(form.get("code"), "the code");
  EXPECT_EQ(form.get("client_secret"), "the secret");
  EXPECT_TRUE(form.contains("code_verifier"));
  EXPECT_LE(request.timeout, milliseconds(10'000));
}

TEST_F(UpstreamEngineTest, a_provider_that_wants_the_secret_in_the_header_gets_it_there) {
  provider.pages["https://idp.example.com/token"] = [&](const http::OutboundRequest& request) -> Result<http::OutboundResponse> {
    const bool basic = std::ranges::any_of(request.headers, [](const auto& h) { return h.first == "authorization" && h.second.starts_with("Basic "); });
    if (!basic) return http::OutboundResponse{401, {}, R"({"error":"invalid_client"})"};
    return FakeProvider::answer(provider.token(request));
  };
  EXPECT_TRUE(finish());
}

TEST_F(UpstreamEngineTest, parameters_are_passed_on_as_the_connection_says_but_none_that_are_ours) {
  connection.options["upstream_params"] = {{"hd", {{"value", "acme.example"}}}, {"lang", {{"alias", "ui_locales"}}},
                                           {"state", {{"value", "mine"}}}, {"redirect_uri", {{"value", "https://evil.example"}}},
                                           {"nonce", {{"alias", "login_hint"}}}, {"x", {{"alias", "redirect_uri"}}}};
  const auto begun = begin({{"ui_locales", "de"}, {"login_hint", "eve"}, {"redirect_uri", "https://app.example"}});
  EXPECT_EQ(asked("hd"), "acme.example");
  EXPECT_EQ(asked("lang"), "de");
  EXPECT_EQ(asked("state"), begun.state);
  EXPECT_EQ(asked("redirect_uri"), kCallback);
  EXPECT_FALSE(parameters.contains("x"));
}

TEST_F(UpstreamEngineTest, an_id_token_that_lies_is_refused) {
  const auto claims = [&](json::object more) { provider.more_claims = std::move(more); };
  claims({{"iss", "https://evil.example.com"}});
  expect_refused(UpstreamErrc::unverified, "iss");
  claims({{"aud", "another"}});
  expect_refused(UpstreamErrc::unverified, "aud");
  claims({{"aud", json::array{"gatehouse", "another"}}});
  expect_refused(UpstreamErrc::unverified, "azp");
  claims({{"azp", "another"}});
  expect_refused(UpstreamErrc::unverified, "azp");
  claims({{"nonce", nullptr}});
  expect_refused(UpstreamErrc::unverified, "nonce");
  claims({{"nonce", "of another login"}});
  expect_refused(UpstreamErrc::unverified, "nonce");
  claims({{"exp", to_unix_seconds(clock.now()) - 61}});
  expect_refused(UpstreamErrc::unverified, "exp");
  claims({{"exp", nullptr}});
  expect_refused(UpstreamErrc::unverified, "exp");
  claims({{"iat", to_unix_seconds(clock.now()) + 61}});
  expect_refused(UpstreamErrc::unverified, "iat");
  claims({{"nbf", to_unix_seconds(clock.now()) + 3600}});
  expect_refused(UpstreamErrc::unverified, "nbf");
  claims({{"at_hash", "AAAAAAAAAAAAAAAAAAAAAA"}});
  expect_refused(UpstreamErrc::unverified, "at_hash");
  claims({{"sub", nullptr}});
  expect_refused(UpstreamErrc::unverified, "sub");
  claims({{"sub", ""}});
  expect_refused(UpstreamErrc::unverified, "sub");
  claims({{"at_hash", base64url_encode(crypto::sha256("upstream-access").substr(0, 16))}});
  EXPECT_TRUE(finish());
}

TEST_F(UpstreamEngineTest, only_the_providers_own_keys_and_allowed_algorithms_count) {
  begin();
  const auto refused_with = [&](std::string token, std::string_view why) {
    provider.id_token = std::move(token);
    const UpstreamEngine::Begun begun = begin();
    const auto identity = engine.finish(connection, begun.request, {{"code", "c"}});
    ASSERT_FALSE(identity) << why;
    EXPECT_NE(identity.error().detail.find(why), std::string::npos) << identity.error().detail;
  };
  const auto other = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  refused_with(jose::sign_jwt(other, "key-1", "JWT", provider.claims()), "not genuine");
  refused_with(jose::sign_jwt(other, "unknown", "JWT", provider.claims()), "no key");
  refused_with(jose::sign_jwt_hs(jose::Algorithm::HS256, "the secret", "JWT", provider.claims()), "algorithm HS256");
  refused_with(base64url_encode(R"({"alg":"none"})") + "." + base64url_encode(json::serialize(provider.claims())) + ".AA", "ID token");
  refused_with(jose::sign_jwt(provider.key, "key-1", "at+jwt", provider.claims()), "typ");
  refused_with("not a token", "not a JWT");
  refused_with(std::string(200'000, 'a'), "longer");
  connection.options["id_token_signed_response_algs"] = json::array{"RS256"};
  refused_with("", "algorithm ES256");
}

TEST_F(UpstreamEngineTest, a_shared_secret_signs_where_the_connection_says_so) {
  connection.options["id_token_signed_response_algs"] = json::array{"HS256"};
  const UpstreamEngine::Begun begun = begin();
  provider.id_token = jose::sign_jwt_hs(jose::Algorithm::HS256, "the secret", "JWT", provider.claims());
  EXPECT_TRUE(engine.finish(connection, begun.request, {{"code", "c"}}));
}

TEST_F(UpstreamEngineTest, keys_are_fetched_anew_for_an_unknown_key_id_but_not_again_and_again) {
  ASSERT_TRUE(finish());
  EXPECT_EQ(provider.asked("/jwks"), 1);
  provider.key = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  provider.kid = "key-2";
  EXPECT_TRUE(finish()) << "a rotated key is learnt at once";
  EXPECT_EQ(provider.asked("/jwks"), 2);
  for (int i = 0; i < 5; ++i) {
    const UpstreamEngine::Begun begun = begin();
    provider.id_token = jose::sign_jwt(provider.key, "made-up", "JWT", provider.claims());
    EXPECT_FALSE(engine.finish(connection, begun.request, {{"code", "c"}}));
  }
  EXPECT_EQ(provider.asked("/jwks"), 2) << "made-up key ids do not make us ask";
  clock.advance(seconds(31));
  provider.id_token.clear();
  EXPECT_TRUE(finish());
}

TEST_F(UpstreamEngineTest, discovery_is_kept_refreshed_and_outlives_an_outage) {
  ASSERT_TRUE(finish());
  ASSERT_TRUE(finish());
  EXPECT_EQ(provider.asked("/.well-known"), 1);
  clock.advance(Documents::kFresh);
  begin();
  EXPECT_EQ(provider.asked("/.well-known"), 2);
  clock.advance(Documents::kFresh);
  provider.down = true;
  begin();
  begin();
  EXPECT_EQ(provider.asked("/.well-known"), 3) << "who does not answer is left in peace for a while";
  clock.advance(Documents::kGood);
  const auto gone = engine.begin(connection, kCallback, "s", {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, UpstreamErrc::unreachable);
}

TEST_F(UpstreamEngineTest, a_discovery_document_speaks_for_its_own_address_only) {
  provider.more_metadata = {{"issuer", "https://bank.example.com"}};
  const auto begun = engine.begin(connection, kCallback, "s", {});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, UpstreamErrc::misconfigured);
  EXPECT_NE(begun.error().detail.find("https://bank.example.com"), std::string::npos);
  provider.more_metadata = {{"authorization_endpoint", "javascript:alert(1)"}};
  clock.advance(Documents::kFresh);
  EXPECT_FALSE(engine.begin(connection, kCallback, "s", {}));
}

TEST_F(UpstreamEngineTest, an_answer_of_another_issuer_is_refused) {
  expect_refused(UpstreamErrc::unverified, "iss is https://evil", {{"code", "c"}, {"iss", "https://evil.example.com"}});
  EXPECT_TRUE(finish({{"code", "c"}, {"iss", FakeProvider::kIssuer}}));
  provider.more_metadata = {{"authorization_response_iss_parameter_supported", true}};
  clock.advance(Documents::kFresh);
  expect_refused(UpstreamErrc::unverified, "iss is missing");
}

TEST_F(UpstreamEngineTest, errors_of_the_provider_are_told_apart) {
  auto denied = finish({{"error", "access_denied"}, {"error_description", "she\nsaid no"}});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, UpstreamErrc::denied);
  EXPECT_EQ(denied.error().detail, "she said no");
  auto refused = finish({{"error", "temporarily_unavailable"}});
  EXPECT_EQ(refused.error().code, UpstreamErrc::refused);
  provider.pages["https://idp.example.com/token"] = [](const auto&) { return http::OutboundResponse{400, {}, R"({"error":"invalid_grant"})"}; };
  EXPECT_EQ(finish().error().code, UpstreamErrc::refused);
  provider.pages["https://idp.example.com/token"] = [](const auto&) { return http::OutboundResponse{500, {}, "<html>"}; };
  EXPECT_EQ(finish().error().code, UpstreamErrc::unreachable);
}

TEST_F(UpstreamEngineTest, user_information_is_about_the_same_person) {
  provider.userinfo = {{"sub", "somebody else"}, {"email", "admin@example.com"}};
  expect_refused(UpstreamErrc::unverified, "sub of the user information");
}

TEST_F(UpstreamEngineTest, a_profile_has_bounds_and_sets_nothing_that_is_ours) {
  std::string huge(10'000, 'x');
  json::array groups;
  for (int i = 0; i < 5'000; ++i) groups.push_back(json::string("g" + std::to_string(i)));
  provider.more_claims = {{"email", "eve@example.com"}, {"name", huge}, {"groups", groups}, {"app_metadata", {{"admin", true}}}, {"roles", json::array{"admin"}},
                          {"blocked", false}, {"user_id", "auth0|1"}, {"identities", json::array{}}, {"note", std::string("a\0b", 3)},
                          {"picture", "javascript:alert(1)"}, {"nickname", "e\nve"}};
  const auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  const json::object& attributes = identity->profile().attributes;
  for (const char* name : {"app_metadata", "roles", "blocked", "user_id", "identities", "note", "picture", "nickname"}) EXPECT_FALSE(attributes.contains(name)) << name;
  EXPECT_LE(attributes.at("name").as_string().size(), 300u);
  EXPECT_LE(attributes.at("groups").as_array().size(), 500u);
  EXPECT_EQ(identity->profile().subject, "248289761001");
  json::object many;
  for (int i = 0; i < 60; ++i) many["a" + std::to_string(i)] = std::string(1'000, 'y');
  provider.more_claims = {{"email", "eve@example.com"}};
  for (int k = 0; k < 3; ++k) provider.more_claims["m" + std::to_string(k)] = many;
  provider.userinfo = {{"sub", "248289761001"}};
  EXPECT_FALSE(finish()) << "100 kB in all";
}

TEST_F(UpstreamEngineTest, an_attribute_map_says_what_claims_mean) {
  connection.options["attribute_map"] = {{"mapping_mode", "use_map"},
                                         {"attributes", {{"name", "${context.tokenset.full_name}"}, {"email", "${context.userinfo.email}"}, {"alt_id", "acme|${context.tokenset.employee}"},
                                                         {"federated_groups", "${context.tokenset.groups}"}, {"connection", "${context.connection.strategy}"},
                                                         {"stolen", "${context.tokenset.access_token}"}, {"roles", "${context.tokenset.groups}"}}}};
  provider.more_claims = {{"full_name", "Eve E."}, {"employee", 7}, {"groups", json::array{"a", "b"}}, {"email_verified", true}};
  const auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  const json::object& attributes = identity->profile().attributes;
  EXPECT_EQ(attributes.at("name"), "Eve E.");
  EXPECT_EQ(attributes.at("alt_id"), "acme|7");
  EXPECT_EQ(attributes.at("federated_groups"), (json::array{"a", "b"}));
  EXPECT_EQ(attributes.at("connection"), "oidc");
  EXPECT_FALSE(attributes.contains("stolen"));
  EXPECT_FALSE(attributes.contains("roles"));
  EXPECT_EQ(identity->profile().email, "eve@example.com");
  EXPECT_FALSE(identity->profile().email_verified) << "the map does not say so";
}

TEST_F(UpstreamEngineTest, the_front_channel_gives_an_id_token_alone) {
  connection.options["type"] = "front_channel";
  const UpstreamEngine::Begun begun = begin();
  EXPECT_EQ(asked("response_type"), "id_token");
  EXPECT_EQ(asked("response_mode"), "form_post");
  EXPECT_FALSE(parameters.contains("code_challenge"));
  provider.more_claims = {{"email", "eve@example.com"}};
  const std::string token = jose::sign_jwt(provider.key, provider.kid, "JWT", provider.claims());
  EXPECT_TRUE(engine.finish(connection, begun.request, {{"id_token", token}}));
  EXPECT_FALSE(engine.finish(connection, begun.request, {{"code", "c"}}));
}

TEST_F(UpstreamEngineTest, github_says_elsewhere_whose_address_it_is) {
  connection.strategy = "github";
  connection.options = {{"client_id", "id"}, {"client_secret", "secret"}, {"authorizationURL", "https://ghe.example.com/authorize"},
                        {"tokenURL", "https://ghe.example.com/token"}, {"userInfoURL", "https://ghe.example.com/api/v3/user"}, {"repo", true}};
  provider.pages["https://ghe.example.com/token"] = [](const auto&) { return http::OutboundResponse{200, {}, "access_token=gho_1&scope=user%3Aemail&token_type=bearer"}; };
  provider.pages["https://ghe.example.com/api/v3/user"] = [](const auto&) {
    return FakeProvider::answer({{"id", 583231}, {"login", "octocat"}, {"name", "Octo Cat"}, {"email", "typed@example.com"}, {"avatar_url", "https://a.example/1.png"}, {"bio", "meow"}});
  };
  json::array emails{json::object{{"email", "old@example.com"}, {"primary", false}, {"verified", true}},
                     json::object{{"email", "octo@example.com"}, {"primary", true}, {"verified", true}}};
  provider.pages["https://ghe.example.com/api/v3/user/emails"] = [&](const auto&) { return FakeProvider::answer(emails); };
  auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(asked("scope"), "user:email repo");
  EXPECT_FALSE(parameters.contains("nonce"));
  EXPECT_EQ(identity->profile().subject, "583231");
  EXPECT_EQ(identity->profile().email, "octo@example.com");
  EXPECT_TRUE(identity->profile().email_verified);
  EXPECT_EQ(identity->profile().attributes.at("nickname"), "octocat");
  EXPECT_EQ(identity->profile().attributes.at("bio"), "meow");
  EXPECT_FALSE(identity->profile().attributes.contains("login"));
  emails = json::array{json::object{{"email", "octo@example.com"}, {"primary", true}, {"verified", false}}};
  identity = finish();
  EXPECT_FALSE(identity->profile().email_verified);
}

TEST_F(UpstreamEngineTest, a_custom_provider_is_mapped_by_pointers) {
  connection.strategy = "oauth2";
  connection.options = {{"client_id", "id"}, {"client_secret", "secret"}, {"authorizationURL", "https://o.example.com/authorize"}, {"tokenURL", "https://idp.example.com/token"},
                        {"userInfoURL", "https://o.example.com/me"}, {"scope", "read"}, {"profileMapping", {{"user_id", "/data/0/uid"}, {"email", "/data/0/mail"}, {"name", "label"}}}};
  provider.pages["https://o.example.com/me"] = [](const auto&) {
    return FakeProvider::answer({{"label", "Eve"}, {"data", json::array{json::object{{"uid", 42}, {"mail", "eve@example.com"}}}}, {"email_verified", true}});
  };
  const auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->profile().subject, "42");
  EXPECT_EQ(identity->profile().email, "eve@example.com");
  EXPECT_FALSE(identity->profile().email_verified);
  EXPECT_FALSE(identity->profile().attributes.contains("data"));
}

TEST_F(UpstreamEngineTest, apple_gets_a_signed_secret_and_tells_a_name_once) {
  const auto key = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  connection.strategy = "apple";
  connection.options = {{"client_id", "gatehouse"}, {"app_secret", key.to_pem().reveal()}, {"team_id", "TEAM"}, {"kid", "APPLEKEY"}, {"scope", "name email"},
                        {"authorizationURL", "https://idp.example.com/authorize"}, {"tokenURL", "https://idp.example.com/token"}, {"jwks_uri", "https://idp.example.com/jwks"},
                        {"issuer", FakeProvider::kIssuer}};
  UpstreamEngine::Begun begun = begin();
  EXPECT_EQ(asked("response_mode"), "form_post");
  provider.more_claims = {{"email", "eve@privaterelay.example"}, {"email_verified", "true"}};
  begun.request.answer = {{"code", "c"}, {"user", R"({"name":{"firstName":"Eve","lastName":"Doe"},"email":"admin@example.com"})"}};
  const auto identity = engine.finish(connection, begun.request, begun.request.answer);
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->profile().attributes.at("name"), "Eve Doe");
  EXPECT_EQ(identity->profile().email, "eve@privaterelay.example") << "the address beside the answer is not signed";
  EXPECT_TRUE(identity->profile().email_verified);
  const auto& request = *std::ranges::find_if(provider.requests, [](const auto& r) { return r.url.ends_with("/token"); });
  const auto secret = jose::ParsedJwt::parse(*http::Parameters::parse(request.body)->get("client_secret"));
  ASSERT_TRUE(secret);
  EXPECT_TRUE(jose::verify_signature(*secret, key.public_key()));
  EXPECT_EQ(secret->claims.at("iss"), "TEAM");
  EXPECT_EQ(secret->claims.at("sub"), "gatehouse");
  EXPECT_EQ(secret->kid, "APPLEKEY");
}

TEST_F(UpstreamEngineTest, google_workspace_is_for_people_of_the_domain) {
  connection.strategy = "google-apps";
  connection.options = {{"client_id", "gatehouse"}, {"client_secret", "s"}, {"issuer", FakeProvider::kIssuer}, {"domain", "acme.example"}};
  provider.more_claims = {{"email", "eve@acme.example"}, {"email_verified", true}, {"hd", "acme.example"}};
  const auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(asked("hd"), "acme.example");
  EXPECT_EQ(identity->profile().subject, "eve@acme.example");
  provider.more_claims["hd"] = "evil.example";
  EXPECT_FALSE(finish());
  provider.more_claims["hd"] = nullptr;
  EXPECT_FALSE(finish());
}

TEST_F(UpstreamEngineTest, a_directory_of_microsofts_is_told_by_its_number_and_vouches_for_no_address) {
  connection.strategy = "waad";
  connection.options = {{"client_id", "gatehouse"}, {"client_secret", "s"}, {"tenant_domain", "acme.example"}};
  const std::string directory = "11111111-2222-3333-4444-555555555555", issuer = "https://login.microsoftonline.com/" + directory + "/v2.0";
  std::string named = issuer;
  provider.pages["https://login.microsoftonline.com/acme.example/v2.0/.well-known/openid-configuration"] = [&](const auto&) {
    json::object metadata = provider.metadata();
    metadata["issuer"] = named;
    return FakeProvider::answer(metadata);
  };
  provider.more_claims = {{"iss", issuer}, {"tid", directory}, {"email", "ceo@acme.example"}, {"email_verified", true}, {"oid", "the-oid"}};
  auto identity = finish();
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->profile().email, "ceo@acme.example");
  EXPECT_FALSE(identity->profile().email_verified);
  connection.options["should_trust_email_verified_connection"] = "always_set_emails_as_verified";
  EXPECT_TRUE(finish()->profile().email_verified);
  provider.more_claims["iss"] = "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0";
  EXPECT_FALSE(finish());
}

TEST_F(UpstreamEngineTest, one_slow_provider_takes_no_more_than_its_places) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool open = false;
  begin();
  provider.pages["https://idp.example.com/token"] = nullptr;
  struct Slow final : http::Client {
    std::function<Result<http::OutboundResponse>()> answer;
    Result<http::OutboundResponse> send(const http::OutboundRequest&) override { return answer(); }
  } slow;
  slow.answer = [&]() -> Result<http::OutboundResponse> {
    std::unique_lock lock(mutex);
    ++inside;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    return Error{Errc::timeout, "slow"};
  };
  connection.strategy = "github";
  connection.options = {{"client_id", "id"}, {"client_secret", "secret"}};
  UpstreamEngine hanging{{slow, sealer, random, clock}};
  const UpstreamEngine::Begun begun = *hanging.begin(connection, kCallback, "s", {});
  std::vector<std::thread> threads;
  for (int i = 0; i < UpstreamEngine::kMostWaiting; ++i)
    threads.emplace_back([&] { EXPECT_FALSE(hanging.finish(connection, begun.request, {{"code", "c"}})); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside == UpstreamEngine::kMostWaiting; });
  }
  EXPECT_EQ(hanging.finish(connection, begun.request, {{"code", "c"}}).error().code, UpstreamErrc::overloaded);
  {
    const std::lock_guard lock(mutex);
    open = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace gatehouse::connections
