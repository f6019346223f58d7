#include "management/testing.h"

namespace gatehouse::management {

class RolesTest : public ManagementTest {
 protected:
  std::string make_role(const std::string& name) { return post("/roles", R"({"name":")" + name + R"("})").text("id"); }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, RolesTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(RolesTest, a_role_is_made_read_changed_and_removed_as_recorded) {
  const Answer made = post("/roles", R"({"name":"admin"})");
  EXPECT_EQ(made.status, 200);
  EXPECT_TRUE(made.text("id").starts_with("rol_"));
  EXPECT_TRUE(made.object().at("description").is_null());
  const std::string path = "/roles/" + made.text("id");
  EXPECT_EQ(get(path).text("description"), "");
  EXPECT_EQ(patch(path, R"({"description":"who may"})").text("description"), "who may");
  EXPECT_EQ(get(path).text("name"), "admin");
  const Answer gone = remove(path, "{}");
  EXPECT_EQ(gone.status, 200);
  EXPECT_TRUE(gone.object().empty());
  EXPECT_EQ(get(path).text("errorCode"), "inexistent_role");
}

TEST_P(RolesTest, bodies_that_do_not_fit_get_auth0s_complaints) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({})", "Payload validation error: 'Missing required property: name'."},
    {R"({"name":"x","foo":1})", "Payload validation error: 'Additional properties not allowed: foo'."},
    {R"({"name":"x","foo":1,"bar":2})", "Payload validation error: 'Additional properties not allowed: foo,bar'."},
    {R"({"name":1})", "Payload validation error: 'Expected type string but found type integer' on property name (Name of the role)."},
    {R"({"name":null})", "Payload validation error: 'Expected type string but found type null' on property name (Name of the role)."},
    {R"({"name":""})", "Payload validation error: 'String is too short (0 chars), minimum 1' on property name (Name of the role)."},
    {R"({"name":"ääääääääääääääääääääääääääääääääääääääääääääääääääx"})",
     "Payload validation error: 'String is too long (51 chars), maximum 50' on property name (Name of the role)."},
    {R"({"name":"x","type":"tenant"})", "Payload validation error: 'Additional properties not allowed: type'."},
  };
  for (const auto& [body, message] : cases) {
    const Answer answer = post("/roles", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.text("message"), message);
    EXPECT_EQ(answer.text("errorCode"), "invalid_body");
  }
}

TEST_P(RolesTest, a_name_is_taken_once) {
  make_role("admin");
  const Answer again = post("/roles", R"({"name":"admin"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.text("error"), "Conflict");
  const std::string other = make_role("other");
  EXPECT_EQ(patch("/roles/" + other, R"({"name":"admin"})").status, 409);
}

TEST_P(RolesTest, lists_have_auth0s_three_shapes) {
  for (const char* name : {"a", "b", "c"}) make_role(name);
  EXPECT_EQ(get("/roles").body.as_array().size(), 3u);
  const Answer paged = get("/roles?page=1&per_page=2&include_totals=true");
  EXPECT_EQ(paged.object().at("start").as_int64(), 2);
  EXPECT_EQ(paged.object().at("limit").as_int64(), 2);
  EXPECT_EQ(paged.object().at("total").as_int64(), 3);
  EXPECT_EQ(paged.object().at("roles").as_array().size(), 1u);
  const Answer first = get("/roles?take=2&include_totals=true");
  EXPECT_FALSE(first.object().contains("total")) << "take wins";
  const Answer second = get("/roles?take=2&from=" + first.text("next"));
  EXPECT_EQ(second.object().at("roles").as_array().size(), 1u);
  EXPECT_FALSE(second.object().contains("next")) << "missing on the last page";
  EXPECT_TRUE(get("/roles?page=9").body.as_array().empty()) << "beyond the end: empty";
  EXPECT_EQ(get("/roles?name_filter=B&include_totals=true").object().at("total").as_int64(), 1);
  const json::object narrow = get("/roles?fields=name").body.as_array().at(0).as_object();
  EXPECT_EQ(narrow.size(), 1u);
  EXPECT_FALSE(get("/roles?fields=name&include_fields=false").body.as_array().at(0).as_object().contains("name"));
}

TEST_P(RolesTest, permissions_are_given_listed_and_taken) {
  ASSERT_EQ(post("/resource-servers", R"({"identifier":"https://api","name":"API","scopes":[{"value":"read:x","description":"Read"},{"value":"write:x"}]})").status, 201);
  const std::string path = "/roles/" + make_role("admin") + "/permissions";
  const std::string both = R"({"permissions":[{"resource_server_identifier":"https://api","permission_name":"read:x"},
                                              {"resource_server_identifier":"https://api","permission_name":"write:x"}]})";
  EXPECT_EQ(post(path, both).status, 201);
  EXPECT_EQ(post(path, both).status, 201) << "giving twice is no error";
  const Answer listed = get(path + "?include_totals=true&per_page=100");
  EXPECT_EQ(listed.object().at("total").as_int64(), 2);
  const json::object& first = listed.object().at("permissions").as_array().at(0).as_object();
  EXPECT_EQ(json::serialize(first),
            R"({"permission_name":"read:x","description":"Read","resource_server_name":"API","resource_server_identifier":"https://api"})");
  EXPECT_EQ(remove(path, R"({"permissions":[{"resource_server_identifier":"https://api","permission_name":"read:x"}]})").status, 204);
  EXPECT_EQ(get(path).body.as_array().size(), 1u);
  EXPECT_EQ(patch("/resource-servers/https%3A%2F%2Fapi", R"({"scopes":[]})").status, 200);
  EXPECT_TRUE(get(path).body.as_array().empty()) << "a scope that is gone is nobody's";
}

TEST_P(RolesTest, permissions_that_do_not_exist_change_nothing) {
  ASSERT_EQ(post("/resource-servers", R"({"identifier":"https://api","scopes":[{"value":"read:x"}]})").status, 201);
  const std::string path = "/roles/" + make_role("admin") + "/permissions";
  EXPECT_EQ(post(path, R"({"permissions":[{"resource_server_identifier":"https://no","permission_name":"x"}]})").text("errorCode"),
            "inexistent_resource_server");
  EXPECT_EQ(post(path, R"({"permissions":[{"resource_server_identifier":"https://api","permission_name":"read:x"},
                                          {"resource_server_identifier":"https://api","permission_name":"no"}]})").status, 400);
  EXPECT_TRUE(get(path).body.as_array().empty());
  EXPECT_EQ(post("/roles/rol_unknown/permissions", R"({"permissions":[{"resource_server_identifier":"https://api","permission_name":"read:x"}]})").status, 404);
  EXPECT_EQ(post(path, R"({"permissions":[]})").text("message"),
            "Payload validation error: 'Array is too short (0), minimum 1' on property permissions (Permissions of existing APIs).");
}

}  // namespace gatehouse::management
