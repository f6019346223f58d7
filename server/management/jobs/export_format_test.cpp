#include "management/jobs/export_format.h"

#include <gtest/gtest.h>

namespace gatehouse::management {
namespace {

model::User ada() {
  model::User user;
  user.id = UserId("auth0|1");
  user.email = "ada@example.com";
  user.email_verified = true;
  user.attributes = {{"name", "=HYPERLINK(\"http://evil\"),\n'Ada'"}, {"nickname", "ada"}};
  user.user_metadata = {{"plan", "gold"}, {"size", {{"shoe", 39}, {"hats", {"a", 7}}}}};
  user.identities = {{"db", "auth0", "1", false, {}}};
  user.created_at = user.updated_at = from_micros(1'700'000'000'000'000);
  return user;
}

std::string line(std::string_view format, std::string_view fields) {
  const json::value parsed = *parse_json(fields);
  const Result<ExportFormat> made = ExportFormat::parse(format, parsed.as_array());
  if (!made) return made.error().message;
  std::string out = made->head();
  made->append(out, ada());
  return out;
}

TEST(ExportFormat, csv_tames_texts_and_leaves_numbers_truths_and_our_dates_alone) {
  EXPECT_EQ(line("csv", R"([{"name":"user_id"},{"name":"name","export_as":"The \"name\""},{"name":"email_verified"},{"name":"created_at"},{"name":"user_metadata.size.shoe"},{"name":"last_login"}])"),
            "\"user_id\",\"The \"\"name\"\"\",\"email_verified\",\"created_at\",\"user_metadata.size.shoe\",\"last_login\"\n"
            "\"'auth0|1\",\"'=HYPERLINK(\"\"http://evil\"\"),\n'Ada'\",true,2023-11-14T22:13:20.000Z,39,\n");
}

TEST(ExportFormat, paths_lead_into_objects_and_lists) {
  EXPECT_EQ(line("json", R"([{"name":"identities[0].connection","export_as":"provider"},{"name":"user_metadata.size.hats[1]"},{"name":"user_metadata.size.hats[2]"},{"name":"email.x"},{"name":"user_metadata"}])"),
            R"({"provider":"db","user_metadata.size.hats[1]":7,"user_metadata":{"plan":"gold","size":{"shoe":39,"hats":["a",7]}}})" "\n");
  for (const std::string_view bad : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[1", "a[1]b", "[0]", "a[99999999999999999999]"})
    EXPECT_TRUE(line("json", json::serialize(json::array{json::object{{"name", bad}}})).starts_with("The field '")) << bad;
}

TEST(ExportFormat, without_fields_it_is_the_normalised_profile) {
  EXPECT_EQ(line("json", "[]").substr(0, 70), R"({"user_id":"auth0|1","email":"ada@example.com","email_verified":true,")");
  EXPECT_TRUE(line("csv", "[]").starts_with("\"user_id\",\"email\",\"email_verified\",\"name\",\"given_name\",\"family_name\",\"nickname\",\"picture\",\"created_at\",\"updated_at\"\n"));
}

TEST(ExportFormat, csv_has_thirty_fields_at_most_and_no_metadata_as_a_whole) {
  EXPECT_TRUE(line("csv", R"([{"name":"app_metadata"}])").starts_with("A CSV file cannot hold app_metadata"));
  json::array many;
  for (int i = 0; i < 31; ++i) many.push_back(json::object{{"name", "f" + std::to_string(i)}});
  EXPECT_EQ(line("csv", json::serialize(many)), "A file in this format has 30 fields at most");
  EXPECT_EQ(line("json", json::serialize(many)), "{}\n");
}

}  // namespace
}  // namespace gatehouse::management
