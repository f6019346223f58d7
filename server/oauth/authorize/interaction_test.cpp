#include "oauth/authorize/interaction.h"

#include <gtest/gtest.h>

namespace gatehouse::oauth {
namespace {

/// A first-party application that asks for an API on a real issuer, with somebody signed in an hour ago.
class InteractionTest : public ::testing::Test {
 protected:
  InteractionTest() {
    tenant.issuer = "https://login.example.com/";
    tenant.host = "login.example.com";
    api.identifier = "https://api.example.com";
    session.id = SessionId("sid");
    session.connection = "db";
    session.authenticated_at = now - seconds(3600);
    user.id = UserId("auth0|1");
  }
  AuthorizeRequest request() {
    AuthorizeRequest made{.http = http, .tenant = tenant};
    made.client = std::make_shared<const model::Client>(client);
    made.api = std::make_shared<const model::ResourceServer>(api);
    made.audience = api.identifier;
    made.redirect_uri = redirect_uri;
    made.enabled_connections = {"db"};
    return made;
  }
  Visitor visitor() { return {.session = session, .user = user, .granted = Scopes::parse("openid read:x"), .consented = consented}; }
  Due due(const AuthorizeRequest& asked, const Progress& progress = {}) { return what_is_due(asked, visitor(), progress, now); }

  const Timestamp now = from_micros(1'800'000'000'000'000);
  http::Request http;
  model::Tenant tenant;
  model::Client client;
  model::ResourceServer api;
  model::Session session;
  model::User user;
  std::string redirect_uri = "https://app.example.com/cb";
  std::vector<std::string> consented;
};

TEST_F(InteractionTest, an_api_that_does_not_let_first_party_clients_skip_consent_asks_once) {
  EXPECT_EQ(due(request()), Due::consent);
  consented = {"openid", "read:x"};
  EXPECT_EQ(due(request()), Due::nothing);
  consented = {};
  api.skip_consent_for_verifiable_first_party_clients = true;
  EXPECT_EQ(due(request()), Due::nothing);
}

TEST_F(InteractionTest, skipping_needs_a_callback_somebody_vouches_for) {
  api.skip_consent_for_verifiable_first_party_clients = true;
  redirect_uri = "http://localhost:3000/cb";
  EXPECT_EQ(due(request()), Due::consent);
  tenant.settings["skip_non_verifiable_callback_uri_confirmation_prompt"] = true;
  EXPECT_EQ(due(request()), Due::nothing);
}

TEST_F(InteractionTest, a_local_issuer_asks_first_party_clients_nothing) {
  tenant.issuer = "https://localhost:8443/";
  tenant.host = "localhost:8443";
  EXPECT_EQ(due(request()), Due::nothing);
}

TEST_F(InteractionTest, the_clients_own_setting_for_unverifiable_callbacks_wins_over_the_tenants) {
  api.skip_consent_for_verifiable_first_party_clients = true;
  consented = {"openid", "read:x"};
  redirect_uri = "com.example.app://cb";
  EXPECT_EQ(due(request()), Due::confirmation);
  EXPECT_EQ(due(request(), {.prompted = true}), Due::nothing);
  tenant.settings["skip_non_verifiable_callback_uri_confirmation_prompt"] = true;
  EXPECT_EQ(due(request()), Due::nothing);
  client.properties["skip_non_verifiable_callback_uri_confirmation_prompt"] = false;
  EXPECT_EQ(due(request()), Due::confirmation);
}

TEST_F(InteractionTest, a_third_partys_application_is_consented_to_also_when_it_asks_for_no_scope) {
  client.is_first_party = false;
  Visitor nothing = visitor();
  nothing.granted = {};
  EXPECT_EQ(what_is_due(request(), nothing, {}, now), Due::consent);
  EXPECT_EQ(scopes_to_consent(request(), nothing), std::vector<std::string>{"openid"}) << "who the user is";
  nothing.consented = {"openid"};
  EXPECT_EQ(what_is_due(request(), nothing, {}, now), Due::nothing);
}

TEST_F(InteractionTest, a_session_of_a_connection_that_the_client_may_not_use_is_none) {
  AuthorizeRequest asked = request();
  asked.enabled_connections = {"another"};
  EXPECT_EQ(due(asked), Due::login);
  EXPECT_EQ(due(asked, {.signed_in_now = true, .prompted = true, .consent = true}), Due::nothing) << "the pages have looked";
}

TEST_F(InteractionTest, the_session_must_be_what_was_asked_for) {
  api.skip_consent_for_verifiable_first_party_clients = true;
  AuthorizeRequest asked = request();
  EXPECT_EQ(due(asked), Due::nothing);
  asked.max_age = seconds(3600);
  EXPECT_EQ(due(asked), Due::nothing);
  asked.max_age = seconds(3599);
  EXPECT_EQ(due(asked), Due::login);
  EXPECT_EQ(due(asked, {.signed_in_now = true, .prompted = true}), Due::nothing);
  AuthorizeRequest anew = request();
  anew.prompt.login = true;
  EXPECT_EQ(due(anew), Due::login);
  AuthorizeRequest elsewhere = request();
  elsewhere.connection = "other";
  EXPECT_EQ(due(elsewhere), Due::login);
  AuthorizeRequest hinted = request();
  hinted.hinted_subject = "auth0|2";
  EXPECT_EQ(due(hinted), Due::login);
  EXPECT_EQ(due(hinted, {.signed_in_now = true, .prompted = true}), Due::login);  // somebody else signed in
}

TEST_F(InteractionTest, prompt_consent_asks_even_for_what_was_allowed) {
  api.skip_consent_for_verifiable_first_party_clients = true;
  consented = {"openid", "read:x"};
  AuthorizeRequest asked = request();
  asked.prompt.consent = true;
  EXPECT_EQ(due(asked), Due::consent);
  EXPECT_EQ(due(asked, {.prompted = true, .consent = true}), Due::nothing);
}

}  // namespace
}  // namespace gatehouse::oauth
