#include "base/encoding.h"
#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class ClientCredentialsTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ClientCredentialsTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(ClientCredentialsTest, a_machine_gets_a_token_for_what_it_was_granted_by_form_json_and_basic) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_api(api, {"read:x", "write:x", "delete:x"});
  w.add_client_grant(client, api, {"read:x", "write:x"});
  const Fields form{
      {"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}};
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
  const http::Response json = w.post_json("/oauth/token", json::object{{"grant_type", "client_credentials"},
                                                                       {"client_id", client.str()},
                                                                       {"client_secret", World::secret(app)},
                                                                       {"audience", api},
                                                                       {"extra", 7}});
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

TEST_P(ClientCredentialsTest, a_machine_that_asks_on_every_call_is_named) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_api(api, {"read:x"});
  w.add_client_grant(client, api, {"read:x"});
  for (int i = 0; i < 2 * MachineTokenWatch::kTokens; ++i)
    w.token({{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", World::secret(app)}, {"audience", api}});
  EXPECT_EQ(w.events.count("w", client), 1u);
  EXPECT_EQ(w.events.last("w").details.at("token_lifetime_seconds"), 86400);
}

}  // namespace
}  // namespace gatehouse::oauth
