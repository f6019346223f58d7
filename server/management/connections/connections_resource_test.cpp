#include "management/testing.h"

namespace gatehouse::management {

class ConnectionsTest : public ManagementTest {
 protected:
  Answer make(const std::string& body) { return post("/connections", body); }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ConnectionsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(ConnectionsTest, a_database_gets_auth0s_options) {
  const Answer made = make(R"({"name":"db","strategy":"auth0"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_TRUE(made.text("id").starts_with("con_"));
  const json::object& options = made.object().at("options").as_object();
  EXPECT_EQ(*get_string(options, "passwordPolicy"), "good");
  EXPECT_TRUE(*get_bool(options, "brute_force_protection"));
  EXPECT_EQ(json::serialize(options.at("authentication_methods").at("password")), R"({"enabled":true,"api_behavior":"required","signup_behavior":"allow"})");
  EXPECT_EQ(json::serialize(made.object().at("realms")), R"(["db"])");
  EXPECT_EQ(json::serialize(made.object().at("enabled_clients")), "[]");
  EXPECT_FALSE(made.object().contains("display_name"));
}

TEST_P(ConnectionsTest, database_options_are_checked_one_by_one) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({"name":"-db","strategy":"auth0"})",
     "Payload validation error: 'String does not match pattern ^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$: -db' on property name (The name of the connection)."},
    {R"({"name":"db"})", "Payload validation error: 'Missing required property: strategy'."},
    {R"({"name":"db","strategy":"nonsense"})",
     "Payload validation error: 'No enum match for: nonsense' on property strategy (The identity provider identifier for the connection)."},
    {R"({"name":"db","strategy":"auth0","options":{"passwordPolicy":"great"}})",
     "Payload validation error: 'No enum match for: great' on property options.passwordPolicy (Password strength level)."},
    {R"({"name":"db","strategy":"auth0","options":{"password_history":{"size":5}}})",
     "Payload validation error: 'Missing required property: enable' on property options.password_history."},
    {R"({"name":"db","strategy":"auth0","options":{"password_history":{"enable":true,"size":25}}})",
     "Payload validation error: 'Value 25 is greater than maximum 24' on property options.password_history.size."},
    {R"({"name":"db","strategy":"auth0","options":{"attributes":{},"requires_username":true}})", "Cannot set both options.attributes and options.requires_username"},
    {R"({"name":"db","strategy":"auth0","options":{"attributes":{},"validation":{"username":{"min":1,"max":5}}}})",
     "Cannot set both options.attributes and options.validation"},
    {R"({"name":"db","strategy":"auth0","options":{"attributes":{"phone_number":{"profile_required":true,"signup":{"status":"inactive"}}}}})",
     "attribute phone_number must also be required on signup"},
    {R"({"name":"db","strategy":"auth0","enabled_clients":["unknown"]})", "The client unknown does not exist"},
  };
  for (const auto& [body, message] : cases) {
    const Answer answer = make(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.text("message"), message);
    EXPECT_EQ(answer.text("errorCode"), "invalid_body");
  }
  EXPECT_EQ(make(R"({"name":"db","strategy":"auth0","cross_app_access_requesting_app":{"active":true}})").text("errorCode"), "operation_not_supported");
  EXPECT_EQ(get("/connections").body.as_array().size(), 1u) << "nothing was made";
}

TEST_P(ConnectionsTest, options_are_replaced_whole_and_their_defaults_come_back) {
  const Answer made = make(R"({"name":"db","strategy":"auth0","options":{"disable_signup":true,"passwordPolicy":"low"}})");
  const std::string path = "/connections/" + made.text("id");
  const Answer changed = patch(path, R"({"options":{"passwordPolicy":"excellent"}})");
  const json::object& options = changed.object().at("options").as_object();
  EXPECT_EQ(*get_string(options, "passwordPolicy"), "excellent");
  EXPECT_FALSE(options.contains("disable_signup")) << "what was not sent is lost";
  EXPECT_TRUE(options.contains("passkey_options"));
  EXPECT_EQ((*connections_.find_by_name(tenant_, "db"))->password_policy(), "excellent") << "the cache follows";
  EXPECT_EQ(patch(path, R"({"name":"new"})").text("message"), "Payload validation error: 'Additional properties not allowed: name'.");
  EXPECT_EQ(patch(path, R"({"options":{"attributes":{"email":{"unique":false}}}})").text("message"), "cannot add non-unique email attribute");
}

TEST_P(ConnectionsTest, clients_are_enabled_and_disabled) {
  const std::string path = "/connections/" + first_->connection.id;
  std::vector<std::string> ids;
  for (const char* name : {"a", "b", "c"}) ids.push_back(post("/clients", R"({"name":")" + std::string(name) + R"("})").text("client_id"));
  const auto entry = [](const std::string& id, bool on) { return R"({"client_id":")" + id + R"(","status":)" + (on ? "true" : "false") + "}"; };
  EXPECT_EQ(patch(path + "/clients", "[" + entry(ids[0], true) + "," + entry(ids[1], true) + "," + entry(ids[2], true) + "]").status, 204);
  EXPECT_EQ(patch(path + "/clients", "[" + entry(ids[0], false) + "]").status, 204);
  EXPECT_EQ(get(path + "/clients").object().at("clients").as_array().size(), 2u);
  const Answer first = get(path + "/clients?take=1");
  EXPECT_EQ(get(path + "/clients?take=1&from=" + first.text("next")).object().at("clients").at(0).at("client_id").as_string(), ids[2]);
  EXPECT_EQ((*connections_.enabled_for(tenant_, ClientId(ids[1]))).size(), 1u);
  EXPECT_TRUE((*connections_.enabled_for(tenant_, ClientId(ids[0]))).empty());
  EXPECT_EQ(patch(path + "/clients", "[" + entry("unknown", true) + "]").status, 400);
  EXPECT_EQ(patch(path + "/clients", "[]").status, 400);
  EXPECT_EQ(patch("/connections/con_unknown/clients", "[" + entry(ids[0], true) + "]").text("errorCode"), "inexistent_connection");
}

TEST_P(ConnectionsTest, deleting_answers_when_and_takes_the_users_along) {
  const Answer made = make(R"({"name":"db","strategy":"auth0"})");
  model::User user;
  user.tenant = tenant_;
  user.id = UserId("auth0|1");
  user.email = "a@example.com";
  user.identities = {{"db", "auth0", "1", false, {}}};
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, std::nullopt, clock_.now()); }));
  const Answer gone = remove("/connections/" + made.text("id"));
  EXPECT_EQ(gone.status, 202);
  EXPECT_EQ(gone.text("deleted_at"), to_iso8601(clock_.now()));
  EXPECT_FALSE(*users_.find(tenant_, user.id));
  EXPECT_EQ(remove("/connections/" + made.text("id")).status, 204);
  EXPECT_EQ(get("/connections/" + made.text("id")).text("message"), "The connection does not exist");
}

TEST_P(ConnectionsTest, a_name_is_taken_once) {
  const Answer again = make(R"({"name":"Username-Password-Authentication","strategy":"auth0"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.text("message"), "A connection with this name already exists");
}

TEST_P(ConnectionsTest, lists_are_filtered_by_name_and_strategy) {
  make(R"({"name":"google","strategy":"google-oauth2"})");
  EXPECT_EQ(get("/connections?strategy=auth0").body.as_array().size(), 1u);
  EXPECT_EQ(get("/connections?strategy=auth0&strategy=google-oauth2").body.as_array().size(), 2u);
  EXPECT_EQ(get("/connections?name=google&include_totals=true").object().at("total").as_int64(), 1);
}

TEST_P(ConnectionsTest, a_providers_secret_is_sealed_at_rest_and_given_back) {
  const Answer made = make(R"({"name":"github","strategy":"github","options":{"client_id":"id","client_secret":"SECRET-MARK"}})");
  EXPECT_EQ(made.object().at("options").at("client_secret").as_string(), "SECRET-MARK");
  const auto stored = db_->read([&](storage::Reader& reader) { return connections_.objects().find(reader, tenant_, made.text("id")); });
  EXPECT_EQ(json::serialize((*stored)->properties).find("SECRET-MARK"), std::string::npos);
  patch("/connections/" + made.text("id"), R"({"display_name":"GitHub"})");
  EXPECT_EQ(get("/connections/" + made.text("id")).object().at("options").at("client_secret").as_string(), "SECRET-MARK") << "sealed once, not twice";
}

TEST_P(ConnectionsTest, many_users_of_a_deleted_connection_follow_it_in_short_units_of_work) {
  const auto add = [&](const std::string& connection, const std::string& own) {
    model::User user;
    user.tenant = tenant_;
    user.id = UserId("auth0|" + own);
    user.email = own + "@example.com";
    user.identities = {{connection, "auth0", own, false, {}}};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, std::nullopt, clock_.now()); }));
    return user;
  };
  const auto count = [&] { return *db_->read([&](storage::Reader& reader) { return users_.count(reader, tenant_); }); };
  const Answer made = make(R"({"name":"many","strategy":"auth0"})");
  const std::string path = "/connections/" + made.text("id");
  for (int i = 0; i < 170; ++i) add("many", "m" + std::to_string(i));
  model::User kept = add("Username-Password-Authentication", "kept");
  const model::User secondary = add("many", "secondary");
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.link(tx, kept, secondary, clock_.now()); }));
  EXPECT_EQ(count(), 171);
  EXPECT_EQ(make(R"({"name":"many","strategy":"auth0"})").status, 409) << "it is there";
  EXPECT_EQ(count(), 171);

  EXPECT_EQ(remove(path).status, 202);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_FALSE(*connections_.find_by_name(tenant_, "many"));
  EXPECT_EQ(count(), 121) << "some go with it, the others later";
  const Answer early = make(R"({"name":"many","strategy":"auth0"})");
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(early.text("errorCode"), "connection_users_removal");
  EXPECT_EQ(count(), 121);

  EXPECT_EQ(*jobs_.run_due(), 1u);
  EXPECT_EQ(count(), 1);
  EXPECT_EQ((*users_.find(tenant_, kept.id))->identities.size(), 1u);
  EXPECT_EQ(make(R"({"name":"many","strategy":"auth0"})").status, 201);
}

TEST_P(ConnectionsTest, the_users_of_a_connections_successor_are_left_alone_by_a_late_removal) {
  const Answer made = make(R"({"name":"again","strategy":"auth0"})");
  const auto add = [&](const std::string& own) {
    model::User user;
    user.tenant = tenant_;
    user.id = UserId("auth0|" + own);
    user.email = own + "@example.com";
    user.identities = {{"again", "auth0", own, false, {}}};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, std::nullopt, clock_.now()); }));
  };
  for (int i = 0; i < 60; ++i) add("a" + std::to_string(i));
  EXPECT_EQ(remove("/connections/" + made.text("id")).status, 202);
  EXPECT_EQ(make(R"({"name":"again","strategy":"auth0"})").status, 201) << "the last ten are ended at once";
  add("new");
  EXPECT_EQ(*jobs_.run_due(), 1u);
  EXPECT_TRUE(*users_.find(tenant_, UserId("auth0|new")));
}

}  // namespace gatehouse::management
