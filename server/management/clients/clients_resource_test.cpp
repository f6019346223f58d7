#include "management/testing.h"

namespace gatehouse::management {

class ClientsTest : public ManagementTest {
 protected:
  Answer make(const std::string& body) { return post("/clients", body); }
  std::string path_of(const Answer& client) { return "/clients/" + client.text("client_id"); }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ClientsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

/// A fresh RSA key as a JSON text with escaped line ends.
std::string fresh_pem() {
  const std::string pem = jose::PrivateKey::generate(jose::Algorithm::RS256)->public_key().to_pem();
  std::string escaped;
  for (const char c : pem)
    if (c == '\n') escaped += "\\n";
    else escaped.push_back(c);
  return escaped;
}

TEST_P(ClientsTest, a_client_with_a_name_only_gets_auth0s_defaults) {
  const Answer made = make(R"({"name":"app"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.text("client_id").size(), 32u);
  EXPECT_GE(made.text("client_secret").size(), 64u);
  EXPECT_EQ(made.text("tenant"), "tenant");
  EXPECT_EQ(json::serialize(made.object().at("grant_types")), R"(["authorization_code","implicit","refresh_token","client_credentials"])");
  EXPECT_EQ(json::serialize(made.object().at("jwt_configuration")), R"({"secret_encoded":false,"lifetime_in_seconds":36000})");
  EXPECT_EQ(made.object().at("refresh_token").as_object().at("token_lifetime").as_int64(), 2'592'000);
  EXPECT_FALSE(made.object().contains("app_type"));
  EXPECT_FALSE(made.object().contains("callbacks"));
  EXPECT_TRUE(made.object().at("signing_keys").as_array().at(0).as_object().contains("cert"));
  const Answer read = get(path_of(made));
  EXPECT_EQ(read.text("client_secret"), made.text("client_secret"));
}

TEST_P(ClientsTest, the_kind_of_application_decides_the_defaults) {
  const Answer third = make(R"({"name":"other","is_first_party":false})");
  EXPECT_EQ(json::serialize(third.object().at("grant_types")), R"(["authorization_code"])");
  EXPECT_TRUE(third.object().at("oidc_conformant").as_bool());
  EXPECT_EQ(third.object().at("refresh_token").as_object().at("expiration_type").as_string(), "expiring");
  const Answer confidential = make(R"({"name":"web","app_type":"regular_web","token_endpoint_auth_method":"client_secret_post"})");
  EXPECT_EQ(confidential.object().at("refresh_token").as_object().at("token_lifetime").as_int64(), 31'557'600);
  EXPECT_EQ(json::serialize(make(R"({"name":"phone","app_type":"native"})").object().at("grant_types")),
            R"(["authorization_code","implicit","refresh_token"])");
}

TEST_P(ClientsTest, bodies_that_do_not_fit_are_refused_in_auth0s_words) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({"name":"<b>"})", "Payload validation error: 'String does not match pattern ^[^<>]+$: <b>' on property name (Name of this client)."},
    {R"({"name":"x","app_type":"mobile"})", "Payload validation error: 'No enum match for: mobile' on property app_type (Type of client)."},
    {R"_({"name":"x","callbacks":["javascript:alert(1)"]})_",
     "Payload validation error: 'Object didn't pass validation for format callback-url: javascript:alert(1)' on property callbacks[0]."},
    {R"({"name":"x","callbacks":["https://a/","https://a/"]})",
     "Payload validation error: 'Array items are not unique (indexes 0 and 1)' on property callbacks (URLs whitelisted for Auth0 to use as a callback to the client "
     "after authentication)."},
    {R"({"name":"x","callbacks":"https://a/"})",
     "Payload validation error: 'Expected type array but found type string' on property callbacks (URLs whitelisted for Auth0 to use as a callback to the client "
     "after authentication)."},
    {R"({"name":"x","refresh_token":{"rotation_type":"rotating"}})",
     "Payload validation error: 'Missing required property: expiration_type' on property refresh_token."},
    {R"({"name":"x","jwt_configuration":{"lifetime_in_seconds":0}})",
     "Payload validation error: 'Value 0 is less than minimum 1' on property jwt_configuration.lifetime_in_seconds (Number of seconds the JWT will be valid for)."},
    {R"({"name":"x","initiate_login_uri":"http://a/"})",
     "Payload validation error: 'Object didn't pass validation for format absolute-https-uri-or-empty: http://a/' on property initiate_login_uri (Initiate login uri, "
     "must be https)."},
    {R"({"name":"x","client_id":"mine"})", "Payload validation error: 'Additional properties not allowed: client_id'."},
    {R"({"name":"x","global":true})", "Payload validation error: 'Additional properties not allowed: global'."},
    {R"({"name":"x","_credentials":[]})", "Payload validation error: 'Additional properties not allowed: _credentials'."},
  };
  for (const auto& [body, message] : cases) {
    const Answer answer = make(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.text("message"), message);
  }
  EXPECT_EQ(get("/clients?include_totals=true").object().at("total").as_int64(), 2) << "nothing was made";
}

TEST_P(ClientsTest, secrets_show_only_with_their_scope) {
  const Answer made = make(R"({"name":"app","addons":{"firebase":{"private_key":"PRIVATE"}}})");
  EXPECT_EQ(get(path_of(made)).object().at("addons").as_object().at("firebase").as_object().at("private_key").as_string(), "PRIVATE");
  scopes_ = "read:clients";
  const Answer read = get(path_of(made));
  EXPECT_FALSE(read.object().contains("client_secret"));
  EXPECT_FALSE(read.object().contains("signing_keys"));
  EXPECT_TRUE(read.object().at("addons").as_object().at("firebase").as_object().empty());
  scopes_ = "read:client_summary";
  const Answer summary = get(path_of(made));
  EXPECT_EQ(summary.text("name"), "app");
  EXPECT_FALSE(summary.object().contains("grant_types"));
}

TEST_P(ClientsTest, secrets_are_sealed_at_rest) {
  const Answer made = make(R"({"name":"app","client_secret":"SECRET-MARK","addons":{"layer":{"providerId":"p","keyId":"k","privateKey":"KEY-MARK"}}})");
  const auto stored = db_->read([&](storage::Reader& reader) { return clients_.objects().find(reader, tenant_, made.text("client_id")); });
  const std::string text = json::serialize((*stored)->properties);
  EXPECT_EQ(text.find("SECRET-MARK"), std::string::npos);
  EXPECT_EQ(text.find("KEY-MARK"), std::string::npos);
  const auto client = clients_.find(tenant_, ClientId(made.text("client_id")));
  EXPECT_EQ(clients_.secret(**client)->reveal(), "SECRET-MARK");
}

TEST_P(ClientsTest, a_rotated_secret_replaces_the_old_one) {
  const Answer made = make(R"({"name":"app"})");
  const Answer rotated = post(path_of(made) + "/rotate-secret", "{}");
  EXPECT_EQ(rotated.status, 200);
  EXPECT_NE(rotated.text("client_secret"), made.text("client_secret"));
  EXPECT_EQ(clients_.secret(**clients_.find(tenant_, ClientId(made.text("client_id"))))->reveal(), rotated.text("client_secret"));
  scopes_ = "update:clients";
  EXPECT_EQ(post(path_of(made) + "/rotate-secret", "{}").status, 403);
  EXPECT_EQ(patch(path_of(made), R"({"client_secret":"mine"})").status, 403) << "a secret needs update:client_keys";
}

TEST_P(ClientsTest, patch_replaces_merges_and_removes) {
  const Answer made = make(R"({"name":"app","description":"d","callbacks":["https://a/"],"organization_usage":"allow","client_metadata":{"a":"1","b":"2"},
    "mobile":{"ios":{"team_id":"t"}}})");
  ASSERT_EQ(made.status, 201) << made.text("message");
  const Answer changed = patch(path_of(made), R"({"callbacks":["https://b/"],"organization_usage":null,"client_metadata":{"a":null,"c":"3"},
    "mobile":{"android":{"app_package_name":"p"}},"jwt_configuration":{"alg":"RS256"}})");
  ASSERT_EQ(changed.status, 200) << changed.text("message");
  EXPECT_EQ(json::serialize(changed.object().at("callbacks")), R"(["https://b/"])") << "lists are replaced";
  EXPECT_FALSE(changed.object().contains("organization_usage")) << "null removes";
  EXPECT_EQ(changed.object().at("client_metadata").as_object().size(), 2u) << "metadata is merged, null removes";
  EXPECT_TRUE(changed.object().at("mobile").as_object().contains("ios")) << "recorded: the other platform stays";
  EXPECT_EQ(changed.object().at("jwt_configuration").as_object().at("lifetime_in_seconds").as_int64(), 36'000);
  EXPECT_EQ(changed.text("description"), "d");
  EXPECT_EQ(patch(path_of(made), R"({"name":null})").status, 400);
}

TEST_P(ClientsTest, the_cached_client_follows_each_change) {
  const Answer made = make(R"({"name":"app"})");
  const ClientId id(made.text("client_id"));
  EXPECT_EQ((*clients_.find(tenant_, id))->name, "app");
  patch(path_of(made), R"({"name":"new","token_endpoint_auth_method":"none","callbacks":["myapp://cb"]})");
  const auto client = *clients_.find(tenant_, id);
  EXPECT_EQ(client->name, "new");
  EXPECT_TRUE(client->is_public());
  EXPECT_EQ(client->callbacks, std::vector<std::string>{"myapp://cb"});
  EXPECT_EQ(remove(path_of(made)).status, 204);
  EXPECT_EQ(*clients_.find(tenant_, id), nullptr);
}

TEST_P(ClientsTest, the_global_client_is_found_and_stays) {
  const Answer listed = get("/clients?is_global=true&fields=client_id&include_totals=true");
  ASSERT_EQ(listed.object().at("total").as_int64(), 1);
  const json::object& global = listed.object().at("clients").as_array().at(0).as_object();
  EXPECT_EQ(global.size(), 2u) << "tenant is never dropped";
  const std::string path = "/clients/" + std::string(*get_string(global, "client_id"));
  EXPECT_EQ(remove(path).status, 400);
  EXPECT_EQ(get(path).text("name"), "All Applications");
}

TEST_P(ClientsTest, lists_are_filtered) {
  make(R"({"name":"a","app_type":"spa"})");
  make(R"({"name":"b","app_type":"native","is_first_party":false})");
  EXPECT_EQ(get("/clients?app_type=spa,native&is_global=false").body.as_array().size(), 2u);
  EXPECT_EQ(get("/clients?is_first_party=false").body.as_array().size(), 1u);
  const Answer page = get("/clients?is_global=false&per_page=1&page=1&include_totals=true");
  EXPECT_EQ(page.object().at("total").as_int64(), 3);
  EXPECT_EQ(page.object().at("clients").as_array().size(), 1u);
  const Answer first = get("/clients?is_global=false&take=2");
  EXPECT_EQ(get("/clients?is_global=false&take=2&from=" + first.text("next")).object().at("clients").as_array().size(), 1u);
}

TEST_P(ClientsTest, credentials_are_made_named_used_and_removed) {
  const Answer made = make(R"({"name":"app","app_type":"non_interactive"})");
  const std::string credentials = path_of(made) + "/credentials";
  EXPECT_TRUE(get(credentials).body.as_array().empty());
  const Answer key = post(credentials, R"({"credential_type":"public_key","name":"k","pem":")" + fresh_pem() + R"(","expires_at":"2050-01-01T01:00:00+01:00"})");
  ASSERT_EQ(key.status, 201) << key.text("message");
  EXPECT_TRUE(key.text("id").starts_with("cred_"));
  EXPECT_EQ(key.text("alg"), "RS256");
  EXPECT_EQ(key.text("kid").size(), 43u);
  EXPECT_EQ(key.text("expires_at"), "2050-01-01T00:00:00.000Z");
  EXPECT_FALSE(key.object().contains("jwk"));

  const std::string use = R"({"client_authentication_methods":{"private_key_jwt":{"credentials":[{"id":")" + key.text("id") + R"("}]}},"token_endpoint_auth_method":null})";
  const Answer changed = patch(path_of(made), use);
  ASSERT_EQ(changed.status, 200) << changed.text("message");
  EXPECT_FALSE(changed.object().contains("client_secret")) << "such a client shows no secret";
  const auto client = *clients_.find(tenant_, ClientId(made.text("client_id")));
  EXPECT_EQ(client->auth_method, model::TokenEndpointAuthMethod::private_key_jwt);
  ASSERT_EQ(client->credentials.size(), 1u);
  EXPECT_EQ(client->credentials[0].kid, key.text("kid"));

  const std::string one = credentials + "/" + key.text("id");
  EXPECT_EQ(remove(one).status, 400) << "it is in use";
  EXPECT_EQ(patch(one, R"({"expires_at":null})").object().contains("expires_at"), false);
  EXPECT_TRUE(patch(path_of(made), R"({"client_authentication_methods":null,"token_endpoint_auth_method":"client_secret_post"})").object().contains("client_secret"));
  EXPECT_EQ(remove(one).status, 204);
  EXPECT_EQ(get(one).status, 404);
}

TEST_P(ClientsTest, keys_that_are_none_are_refused) {
  const Answer made = make(R"({"name":"app"})");
  const std::string credentials = path_of(made) + "/credentials";
  for (const std::string body : {R"({"credential_type":"public_key","pem":"nonsense"})", R"({"credential_type":"public_key"})", R"({"credential_type":"x509_cert","pem":"x"})",
                                 R"({"credential_type":"cert_subject_dn"})", R"({"credential_type":"other","pem":"x"})",
                                 R"({"credential_type":"public_key","pem":"x","expires_at":"tomorrow"})"})
    EXPECT_EQ(post(credentials, body).status, 400) << body;
  EXPECT_EQ(patch(path_of(made), R"({"client_authentication_methods":{"private_key_jwt":{"credentials":[{"id":"cred_unknown"}]}}})").status, 400);
  EXPECT_EQ(patch(path_of(made), R"({"client_authentication_methods":{"private_key_jwt":{"credentials":[]}},"token_endpoint_auth_method":"none"})").status, 400);
}

TEST_P(ClientsTest, a_client_can_be_made_with_its_keys) {
  const Answer made = make(R"({"name":"app","client_authentication_methods":{"private_key_jwt":{"credentials":[{"credential_type":"public_key","pem":")" + fresh_pem() + R"("}]}}})");
  ASSERT_EQ(made.status, 201) << made.text("message");
  const json::value& named = made.object().at("client_authentication_methods").at("private_key_jwt").at("credentials").at(0);
  EXPECT_EQ(named.as_object().size(), 1u);
  EXPECT_EQ(get(path_of(made) + "/credentials").body.as_array().at(0).at("id"), named.at("id"));
}

TEST_P(ClientsTest, what_hangs_on_a_client_goes_with_it) {
  const Answer made = make(R"({"name":"app"})");
  const std::string id = made.text("client_id");
  post("/resource-servers", R"({"identifier":"https://api"})");
  const Answer grant = post("/client-grants", R"({"client_id":")" + id + R"(","audience":"https://api","scope":[]})");
  ASSERT_EQ(grant.status, 201) << grant.text("message");
  const std::string connection = "/connections/" + first_->connection.id;
  ASSERT_EQ(patch(connection + "/clients", R"([{"client_id":")" + id + R"(","status":true}])").status, 204);
  EXPECT_EQ(get(path_of(made) + "/connections").object().at("connections").as_array().size(), 1u);
  EXPECT_EQ(remove(path_of(made)).status, 204);
  EXPECT_EQ(get("/client-grants/" + grant.text("id")).status, 404);
  EXPECT_TRUE(get(connection).object().at("enabled_clients").as_array().empty());
  EXPECT_EQ(remove(path_of(made)).status, 204) << "removing twice is no error";
}

}  // namespace gatehouse::management
