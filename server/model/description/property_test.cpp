#include <gtest/gtest.h>

#include "model/client_grants/client_grant_description.h"
#include "model/clients/client_description.h"
#include "model/connections/connection_description.h"
#include "model/description/description.h"
#include "model/resource_servers/resource_server_description.h"
#include "model/roles/role_description.h"
#include "model/tenants/tenant_description.h"

namespace gatehouse::model {
using namespace description;

std::string complaint(const Property& property, std::string_view text, Body body = Body::create) {
  return property.complaint(*parse_json(text), body).value_or("");
}

TEST(Properties, complain_in_auth0s_words) {
  const Property body = object()
    .field("text", string().length(2, 3).about("A text"))
    .field("word", one_of({"a", "b"}))
    .field("whole", integer().range(1, 10))
    .field("ratio", number().at_least(0.5))
    .field("flag", boolean())
    .field("list", array(string().max(3)).items(1, 2).unique())
    .field("deep", object().field("must", string().required()).field("more", object().field("x", integer())))
    .field("map", dictionary(string().max(2)).properties(0, 2).key_length(3))
    .field("maybe", string().nullable())
    .field("two", either().alternative(string()).alternative(array(string())))
    .field("when", string().format(Format::date_time));
  struct Case { const char* body; const char* complaint; };
  const Case cases[] = {
    {R"({"text":"äö"})", ""},
    {R"({"text":"ä"})", "'String is too short (1 chars), minimum 2' on property text (A text)"},
    {R"({"text":"long"})", "'String is too long (4 chars), maximum 3' on property text (A text)"},
    {R"({"text":1.5})", "'Expected type string but found type number' on property text (A text)"},
    {R"({"word":"c"})", "'No enum match for: c' on property word"},
    {R"({"whole":3.0})", ""},
    {R"({"whole":3.5})", "'Expected type integer but found type number' on property whole"},
    {R"({"whole":0})", "'Value 0 is less than minimum 1' on property whole"},
    {R"({"whole":1e300})", "'Value 1E300 is greater than maximum 10' on property whole"},
    {R"({"whole":"1"})", "'Expected type integer but found type string' on property whole"},
    {R"({"ratio":0.25})", "'Value 2.5E-1 is less than minimum 5E-1' on property ratio"},
    {R"({"flag":"true"})", "'Expected type boolean but found type string' on property flag"},
    {R"({"list":[]})", "'Array is too short (0), minimum 1' on property list"},
    {R"({"list":["a","b","c"]})", "'Array is too long (3), maximum 2' on property list"},
    {R"({"list":["a","a"]})", "'Array items are not unique (indexes 0 and 1)' on property list"},
    {R"({"list":["a",7]})", "'Expected type string but found type integer' on property list[1]"},
    {R"({"deep":{}})", "'Missing required property: must' on property deep"},
    {R"({"deep":{"must":"m","no":1}})", "'Additional properties not allowed: no' on property deep"},
    {R"({"deep":{"must":"m","more":{"x":"y"}}})", "'Expected type integer but found type string' on property deep.more.x"},
    {R"({"map":{"a":"long"}})", "'String is too long (4 chars), maximum 2' on property map.a"},
    {R"({"map":{"long":"a"}})", "'Additional properties not allowed: long' on property map"},
    {R"({"map":{"a":"","b":"","c":""}})", "'Too many properties defined (3), maximum 2' on property map"},
    {R"({"maybe":null})", ""},
    {R"({"maybe":1})", "'Expected type string,null but found type integer' on property maybe"},
    {R"({"two":["a"]})", ""},
    {R"({"two":7})", "'Data does not match any schemas from 'oneOf'' on property two"},
    {R"({"when":"2026-01-28T05:50:10.526Z"})", ""},
    {R"({"when":"2026-01-28"})", "'Object didn't pass validation for format date-time: 2026-01-28' on property when"},
    {R"([])", "'Expected type object but found type array'"},
    {R"({"a":1,"b":2})", "'Additional properties not allowed: a,b'"},
  };
  for (const Case& row : cases) EXPECT_EQ(complaint(body, row.body), row.complaint) << row.body;
}

TEST(Properties, long_values_are_cut_in_complaints) {
  const std::string long_text(100'000, 'x');
  EXPECT_LT(complaint(object().field("a", one_of({"b"})), R"({"a":")" + long_text + R"("})").size(), 400u);
  EXPECT_LT(complaint(object(), R"({")" + long_text + R"(":1})").size(), 400u);
}

TEST(Properties, what_may_be_set_depends_on_whether_the_object_is_made_or_changed) {
  const Property body = object()
    .field("name", string().required())
    .field("identifier", string().create_only())
    .field("later", string().update_only())
    .field("id", string().read_only());
  EXPECT_EQ(complaint(body, R"({"identifier":"x"})"), "'Missing required property: name'");
  EXPECT_EQ(complaint(body, R"({"later":"x"})", Body::update), "");
  EXPECT_EQ(complaint(body, R"({})", Body::update), "");
  EXPECT_EQ(complaint(body, R"({"identifier":"x"})", Body::update), "'Additional properties not allowed: identifier'");
  EXPECT_EQ(complaint(body, R"({"name":"x","later":"x"})"), "'Additional properties not allowed: later'");
  EXPECT_EQ(complaint(body, R"({"name":"x","id":"x"})"), "'Additional properties not allowed: id'");
}

TEST(Descriptions, fill_in_defaults_at_creation_and_inside_objects_sent_in_part) {
  const Description things = describe("things")
    .field("name", string().required())
    .field("flag", boolean().by_default(true))
    .field("gone", string().nullable())
    .field("deep", object().field("a", integer()).field("b", integer().by_default(2)));
  EXPECT_EQ(json::serialize(things.created({{"name", "x"}, {"gone", nullptr}, {"deep", {{"a", 1.0}}}})),
            R"({"name":"x","deep":{"a":1,"b":2},"flag":true})");
  EXPECT_EQ(json::serialize(things.updated({{"name", "x"}, {"gone", "y"}, {"deep", {{"a", 1}}}}, {{"gone", nullptr}, {"deep", {{"a", 3}}}})),
            R"({"name":"x","deep":{"a":3,"b":2}})");
}

TEST(Descriptions, name_their_texts_from_the_segment) {
  const Description things = describe("shiny-things");
  EXPECT_EQ(things.list_key(), "shiny_things");
  EXPECT_EQ(things.scopes_of(Verb::remove), std::vector<std::string>{"delete:shiny_things"});
  EXPECT_EQ(things.missing_text().message, "The shiny thing does not exist");
  EXPECT_EQ(things.missing_text().code, "inexistent_shiny_thing");
}

TEST(Descriptions, list_what_has_no_effect_yet) {
  const std::vector<std::string> names = client_description().without_effect();
  EXPECT_NE(std::find(names.begin(), names.end(), "organization_usage"), names.end());
  EXPECT_EQ(std::find(names.begin(), names.end(), "callbacks"), names.end());
}

TEST(Formats, tell_good_from_bad) {
  struct Case { Format format; const char* text; bool good; };
  const Case cases[] = {
    {Format::callback_url, "https://example.com/cb", true},     {Format::callback_url, "https://*.example.com/cb", true},
    {Format::callback_url, "http://localhost:3000", true},      {Format::callback_url, "myapp://callback", true},
    {Format::callback_url, "com.example:/cb", true},            {Format::callback_url, "javascript:alert(1)", false},
    {Format::callback_url, "JavaScript:alert(1)", false},       {Format::callback_url, "data:text/html,x", false},
    {Format::callback_url, "https://", false},                  {Format::callback_url, "//example.com", false},
    {Format::callback_url, "https://a b", false},               {Format::callback_url, "https://a/\n", false},
    {Format::callback_url, "https://a/#x", false},              {Format::callback_url, "https://a/<script>", false},
    {Format::url, "https://a", true},                           {Format::url, "ftp://a", false},
    {Format::https_uri_or_empty, "", true},                     {Format::https_uri_or_empty, "http://a", false},
    {Format::email, "a@example.com", true},                     {Format::email, "a b@example.com", false},
    {Format::email, "@example.com", false},                     {Format::email, "a@", false},
    {Format::email, "a@b@c", false},                            {Format::email, "", false},
    {Format::date_time, "2026-01-28T05:50:10Z", true},          {Format::date_time, "2026-01-28T05:50:10+01:00", true},
    {Format::date_time, "2026-01-28T05:50:10", false},          {Format::date_time, "2026-01-28T05:50:10.Z", false},
    {Format::ip_or_cidr, "10.0.0.0/8", true},                   {Format::ip_or_cidr, "fe80::1", true},
    {Format::ip_or_cidr, "example.com", false},                 {Format::none, "anything", true},
  };
  for (const Case& row : cases) EXPECT_EQ(matches(row.format, row.text), row.good) << row.text;
}

}  // namespace gatehouse::model
