#include "management/testing.h"

// APIs, client grants, tenant settings, branding, prompts and signing keys.
namespace gatehouse::management {

class ConfigurationTest : public ManagementTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ConfigurationTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(ConfigurationTest, an_api_is_made_with_defaults_and_found_by_id_and_identifier) {
  const Answer made = post("/resource-servers", R"({"name":"API","identifier":"https://api.example.com/"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.text("id").size(), 24u);
  EXPECT_EQ(made.object().at("token_lifetime").as_int64(), 86'400);
  EXPECT_EQ(json::serialize(made.object().at("subject_type_authorization")), R"({"client":{"policy":"require_client_grant"},"user":{"policy":"allow_all"}})");
  EXPECT_FALSE(made.object().contains("scopes")) << "only when it has some";
  EXPECT_EQ(get("/resource-servers/" + made.text("id")).text("identifier"), "https://api.example.com/");
  EXPECT_EQ(get("/resource-servers/https%3A%2F%2Fapi.example.com%2F").text("id"), made.text("id"));
  EXPECT_EQ(get("/resource-servers/https%253A%252F%252Fapi.example.com%252F").text("id"), made.text("id")) << "some encode twice";
  EXPECT_EQ(get("/resource-servers/unknown").text("errorCode"), "inexistent_resource_server");
  EXPECT_EQ(post("/resource-servers", R"({"identifier":"https://api.example.com/"})").status, 409);
  EXPECT_EQ(patch("/resource-servers/" + made.text("id"), R"({"identifier":"x"})").text("message"),
            "Payload validation error: 'Additional properties not allowed: identifier'.");
  EXPECT_EQ(get("/resource-servers?identifiers=https%3A%2F%2Fapi.example.com%2F").body.as_array().size(), 1u);
}

TEST_P(ConfigurationTest, a_symmetric_api_has_a_secret_and_an_asymmetric_one_has_none) {
  const Answer made = post("/resource-servers", R"({"identifier":"https://hs","signing_alg":"HS256"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.text("signing_secret").size(), 32u);
  EXPECT_EQ(apis_.signing_secret(**apis_.find_by_identifier(tenant_, "https://hs"))->reveal(), made.text("signing_secret"));
  const Answer changed = patch("/resource-servers/" + made.text("id"), R"({"signing_alg":"RS256"})");
  EXPECT_FALSE(changed.object().contains("signing_secret"));
  EXPECT_EQ(post("/resource-servers", R"({"identifier":"https://x","signing_alg":"HS256","signing_secret":"short"})").status, 400);
}

TEST_P(ConfigurationTest, the_system_api_keeps_what_is_its_own) {
  const std::string path = "/resource-servers/https%3A%2F%2Flocalhost%3A8443%2Fapi%2Fv2%2F";
  EXPECT_TRUE(get(path).object().at("is_system").as_bool());
  EXPECT_TRUE(get(path).object().at("enforce_policies").as_bool()) << "or every user could ask for every scope";
  EXPECT_EQ(patch(path, R"({"token_lifetime":3600})").object().at("token_lifetime").as_int64(), 3600);
  for (const char* body : {R"({"scopes":[]})", R"({"name":"mine"})", R"({"enforce_policies":false})", R"({"signing_alg":"HS256"})", R"({"token_dialect":"access_token"})"})
    EXPECT_EQ(patch(path, body).status, 400) << body;
  EXPECT_EQ(remove(path).status, 400);
}

TEST_P(ConfigurationTest, a_scope_that_goes_is_taken_from_grants) {
  post("/resource-servers", R"({"identifier":"https://api","scopes":[{"value":"a"},{"value":"b"}]})");
  const std::string client = post("/clients", R"({"name":"m"})").text("client_id");
  const Answer grant = post("/client-grants", R"({"client_id":")" + client + R"(","audience":"https://api","scope":["a","b"]})");
  ASSERT_EQ(grant.status, 201);
  EXPECT_EQ((*grants_.find(tenant_, ClientId(client), "https://api"))->scopes.size(), 2u);
  patch("/resource-servers/https%3A%2F%2Fapi", R"({"scopes":[{"value":"b"}]})");
  EXPECT_EQ((*grants_.find(tenant_, ClientId(client), "https://api"))->scopes, std::vector<std::string>{"b"});
  EXPECT_EQ(remove("/resource-servers/https%3A%2F%2Fapi").status, 204);
  EXPECT_EQ(get("/client-grants/" + grant.text("id")).status, 404);
  EXPECT_EQ(post("/resource-servers", R"({"identifier":"https://d","scopes":[{"value":"a"},{"value":"a"}]})").text("message"), "Duplicate scope: a");
}

TEST_P(ConfigurationTest, client_grants_need_a_client_and_an_api) {
  post("/resource-servers", R"({"identifier":"https://api"})");
  const std::string client = post("/clients", R"({"name":"m"})").text("client_id");
  const std::string body = R"({"client_id":")" + client + R"(","audience":"https://api","scope":["x"]})";
  const Answer made = post("/client-grants", body);
  EXPECT_EQ(json::serialize(made.object().at("scope")), R"(["x"])");
  EXPECT_EQ(made.text("subject_type"), "client");
  EXPECT_EQ(post("/client-grants", body).status, 409);
  EXPECT_EQ(post("/client-grants", R"({"client_id":"no","audience":"https://api"})").text("errorCode"), "inexistent_client");
  EXPECT_EQ(post("/client-grants", R"({"client_id":")" + client + R"(","audience":"https://no"})").text("errorCode"), "inexistent_resource_server");
  EXPECT_EQ(post("/client-grants", R"({"audience":"https://api"})").text("message"), "Payload validation error: 'Missing required property: client_id'.");
  EXPECT_EQ(get("/client-grants?client_id=" + client + "&audience=https://api").body.as_array().size(), 1u);
  EXPECT_EQ(json::serialize(patch("/client-grants/" + made.text("id"), R"({"scope":[]})").object().at("scope")), "[]");
  EXPECT_EQ(remove("/client-grants/" + made.text("id")).status, 204);
}

TEST_P(ConfigurationTest, settings_merge_flags_and_turn_minutes_into_hours) {
  const Answer changed = patch("/tenants/settings", R"({"friendly_name":"Acme","flags":{"enable_sso":false},"session_lifetime_in_minutes":90})");
  ASSERT_EQ(changed.status, 200) << changed.text("message");
  EXPECT_TRUE(changed.object().at("flags").as_object().size() > 5) << "the other flags stay";
  EXPECT_EQ(changed.object().at("session_lifetime").as_double(), 1.5);
  const auto tenant = *tenants_.find(tenant_);
  EXPECT_EQ(tenant->friendly_name(), "Acme");
  EXPECT_EQ(tenant->session_lifetime(), seconds(5400));
  EXPECT_TRUE(get("/tenants/settings").object().contains("sandbox_versions_available"));
  EXPECT_EQ(get("/tenants/settings?fields=friendly_name").object().size(), 1u);
  EXPECT_EQ(patch("/tenants/settings", R"({"session_lifetime":1,"session_lifetime_in_minutes":1})").status, 400);
  EXPECT_EQ(patch("/tenants/settings", R"({"flags":{"made_up":true}})").text("message"),
            "Payload validation error: 'Additional properties not allowed: made_up' on property flags.");
  EXPECT_EQ(patch("/tenants/settings", R"({"picture_url":"javascript:1"})").status, 200) << "an absolute URI; pages check schemes themselves";
}

TEST_P(ConfigurationTest, branding_and_settings_show_the_same_colours_and_logo) {
  EXPECT_EQ(patch("/branding", R"({"colors":{"primary":"#0059d6"},"logo_url":"https://example.com/l.png"})").status, 200);
  const Answer settings = get("/tenants/settings");
  EXPECT_EQ(settings.text("picture_url"), "https://example.com/l.png");
  EXPECT_EQ(settings.object().at("universal_login").at("colors").at("primary").as_string(), "#0059d6");
  patch("/tenants/settings", R"({"picture_url":"https://example.com/m.png"})");
  EXPECT_EQ(get("/branding").text("logo_url"), "https://example.com/m.png");
  EXPECT_EQ(patch("/branding", R"({"colors":{"primary":"red"}})").text("message"),
            "Payload validation error: 'String does not match pattern ^#(([0-9a-fA-F]{3}){1,2})$: red' on property colors.primary (Accent color).");
}

TEST_P(ConfigurationTest, prompts_are_read_and_changed) {
  EXPECT_EQ(json::serialize(get("/prompts").body), R"({"universal_login_experience":"new","identifier_first":false})");
  EXPECT_TRUE(patch("/prompts", R"({"identifier_first":true})").object().at("identifier_first").as_bool());
  EXPECT_TRUE((*tenants_.find(tenant_))->identifier_first());
}

TEST_P(ConfigurationTest, signing_keys_rotate_and_are_revoked) {
  const auto find = [&](const char* state) {
    const Answer keys = get("/keys/signing");  // it must outlive the loop
    for (const json::value& key : keys.body.as_array())
      if (key.at(state).as_bool()) return std::string(key.at("kid").as_string());
    return std::string();
  };
  const std::string current = find("current"), next = find("next");
  EXPECT_EQ(get("/keys/signing/" + next).status, 200);
  const Answer rotated = post("/keys/signing/rotate", "");
  EXPECT_EQ(rotated.status, 201);
  EXPECT_EQ(find("current"), next);
  EXPECT_EQ(rotated.text("kid"), find("next"));
  EXPECT_EQ(find("previous"), current);
  EXPECT_EQ(call(http::Method::PUT, "/keys/signing/" + next + "/revoke").status, 400) << "the current key stays";
  EXPECT_EQ(call(http::Method::PUT, "/keys/signing/" + current + "/revoke").status, 201);
  EXPECT_EQ(find("revoked"), current);
  EXPECT_EQ(call(http::Method::PUT, "/keys/signing/unknown/revoke").status, 404);
}

}  // namespace gatehouse::management
