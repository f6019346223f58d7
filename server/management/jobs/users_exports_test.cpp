#include "management/jobs/users_exports.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "http/body_source.h"
#include "management/jobs/jobs_resource.h"
#include "management/testing.h"

namespace gatehouse::management {
namespace {

std::string unpacked(const std::string& file) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(file.data()));
  stream.avail_in = uInt(file.size());
  std::string out(64 * 1024 * 1024, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "not a whole gzip file";
}

class UsersExportsTest : public ManagementTest {
 protected:
  UsersExportsTest() {
    exports_.mount();
    // what JobsResource shows of other jobs is tested with them; here its parts for mails are not needed
    api_.get("/jobs/{id}", {"create:users", "read:users"}, "Get a job", [this](const Call& call) -> ApiResult<http::Response> {
      return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
        TRY(const std::optional<jobs::Job> job, jobs_.find(reader, call.tenant(), call.parameter()));
        return http::Response::json(200, UsersExports::shown(*job, call, sealer_));
      });
    });
  }

  void add_users(int64_t count, const std::string& connection, size_t padding = 0) {
    for (int64_t done = 0; done < count;) {
      const int64_t end = std::min(done + 500, count);
      ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
        for (; done < end; ++done) {
          model::User user;
          user.tenant = tenant_;
          const std::string own = connection + std::to_string(done);
          user.id = UserId("auth0|" + own);
          user.email = own + "@example.com";
          user.identities = {{connection, "auth0", own, false, {}}};
          user.fill_defaults();
          if (padding) user.user_metadata["noise"] = random_.alphanumeric(padding);
          TRY_VOID(users_.insert(tx, user, std::nullopt, clock_.now()));
        }
        return {};
      }));
    }
  }

  struct Download {
    int status;
    std::string content;
    std::vector<size_t> pieces{};
    std::vector<std::pair<std::string, std::string>> headers{};
  };
  Download download(const std::string& location, const TenantId& tenant) {
    http::Request request;
    const std::string path = location.substr(std::string(issuer).size() - 1);
    request.path = path.substr(0, path.find('?'));
    request.query = *http::Parameters::parse(path.substr(path.find('?') + 1));
    request.tenant = tenant;
    const http::Router::Match match = router_.match(http::Method::GET, request.path);
    const http::Response response = match.route->handler(request);
    Download out{response.status, response.body, {}, response.headers};
    for (int64_t left = response.source ? response.source->size() : 0; left > 0; left -= int64_t(out.pieces.back())) {
      const std::string piece = *response.source->next();
      out.pieces.push_back(piece.size());
      out.content += piece;
    }
    return out;
  }
  Download download(const std::string& location) { return download(location, tenant_); }

  std::string exported(const std::string& body) {
    const Answer made = post("/jobs/users-exports", body);
    EXPECT_EQ(made.status, 200) << json::serialize(made.body);
    EXPECT_EQ(*jobs_.run_due(), 1u);
    const Answer job = get("/jobs/" + made.text("id"));
    EXPECT_EQ(job.text("status"), "completed") << json::serialize(job.body);
    last_ = job.object();
    return unpacked(download(job.text("location")).content);
  }
  static int64_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }

  jobs::JobFiles files_{sealer_};
  UsersExports exports_{api_, {router_, jobs_, files_, users_, connections_}};
  json::object last_;
};

TEST_P(UsersExportsTest, AJobIsShownWithItsProgressAndEndsWithAFile) {
  add_users(3, "Username-Password-Authentication");
  const std::string id = first_->connection.id;
  const Answer made = post("/jobs/users-exports", R"({"connection_id":")" + id + R"(","format":"csv","limit":2,"fields":[{"name":"email"},{"name":"identities[0].connection","export_as":"provider"}]})");
  EXPECT_EQ(made.status, 200);
  json::object expected = *parse_json(R"({"type":"users_export","status":"pending","connection":"Username-Password-Authentication","format":"csv","limit":2,
    "fields":[{"name":"email"},{"name":"identities[0].connection","export_as":"provider"}]})")->if_object();
  expected["connection_id"] = id;
  expected["id"] = made.text("id");
  expected["created_at"] = to_iso8601(clock_.now());
  EXPECT_EQ(made.object(), expected);
  ASSERT_EQ(*jobs_.run_due(), 1u);
  json::object job = get("/jobs/" + made.text("id")).object();
  const std::string location(*get_string(job, "location"));
  EXPECT_TRUE(location.starts_with(std::string(issuer) + "user-exports/tenant.csv.gz?token=v1."));
  job.erase("location");
  expected["status"] = "completed";
  expected["percentage_done"] = 100;
  EXPECT_EQ(job, expected);
  const Download file = download(location);
  EXPECT_EQ(unpacked(file.content), "\"email\",\"provider\"\n\"'Username-Password-Authentication0@example.com\",\"'Username-Password-Authentication\"\n"
                                    "\"'Username-Password-Authentication1@example.com\",\"'Username-Password-Authentication\"\n");
  EXPECT_NE(std::ranges::find(file.headers, std::pair<std::string, std::string>("Content-Disposition", "attachment; filename=\"tenant.csv.gz\"")), file.headers.end());
}

TEST_P(UsersExportsTest, AllUsersOrThoseOfAConnectionInPiecesOfBoundedSize) {
  add_users(1'100, "Username-Password-Authentication", 1'000);
  add_users(3, "elsewhere");
  const std::string all = exported(R"({"format":"json","fields":[{"name":"email"},{"name":"user_metadata.noise"}]})");
  EXPECT_EQ(lines(all), 1'103);
  EXPECT_TRUE(all.starts_with(R"({"email":"Username-Password-Authentication0@example.com","user_metadata.noise":")"));
  const Download file = download(std::string(*get_string(last_, "location")));
  EXPECT_GE(file.pieces.size(), 2u);
  for (const size_t piece : file.pieces) EXPECT_LT(piece, 800'000u);
  const std::string some = exported(R"({"format":"json","connection_id":")" + std::string(first_->connection.id) + R"(","fields":[{"name":"email"}]})");
  EXPECT_EQ(lines(some), 1'100);
  EXPECT_EQ(some.find("elsewhere"), std::string::npos);
  EXPECT_EQ(lines(exported(R"({"format":"json","limit":1})")), 1);
}

TEST_P(UsersExportsTest, NobodyIsAFileToo) {
  EXPECT_EQ(exported(R"({"format":"json"})"), "");
  EXPECT_EQ(exported(R"({"fields":[{"name":"email"}]})"), "\"email\"\n");
}

TEST_P(UsersExportsTest, ALinkIsGoodForAMinuteAndItsTenantAndAsLongAsTheJobIsThere) {
  exported("{}");
  const std::string location(*get_string(last_, "location"));
  EXPECT_EQ(download(location).status, 200);
  EXPECT_EQ(download(location, TenantId("other")).status, 403);
  EXPECT_EQ(download(location + "x").status, 403);
  EXPECT_EQ(download(std::string(issuer) + "user-exports/tenant.csv.gz?token=").status, 403);
  clock_.advance(seconds(59));
  EXPECT_EQ(download(location).status, 200);
  clock_.advance(seconds(1));
  EXPECT_EQ(download(location).status, 403);
  const std::string again = get("/jobs/" + std::string(*get_string(last_, "id"))).text("location");
  EXPECT_EQ(download(again).status, 200);
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tx.execute("DELETE FROM jobs WHERE tenant = $1 AND id = $2", tenant_, *get_string(last_, "id")); }));
  EXPECT_EQ(download(again).status, 403);
}

TEST_P(UsersExportsTest, OnlyWhoMayReadUsersGetsALink) {
  exported("{}");
  scopes_ = "create:users";
  const Answer job = get("/jobs/" + std::string(*get_string(last_, "id")));
  EXPECT_EQ(job.text("status"), "completed");
  EXPECT_FALSE(job.object().contains("location"));
  EXPECT_EQ(post("/jobs/users-exports", "{}").status, 403);
}

TEST_P(UsersExportsTest, WhatCannotBeExportedIsRefused) {
  for (const std::string_view body : {R"({"format":"xml"})", R"({"limit":0})", R"({"fields":[{}]})", R"({"fields":[{"name":"a..b"}]})", R"({"fields":[{"name":"user_metadata"}]})",
                                      R"({"q":"x"})", "[]"})
    EXPECT_EQ(post("/jobs/users-exports", std::string(body)).status, 400) << body;
  EXPECT_EQ(post("/jobs/users-exports", R"({"connection_id":"con_0000000000000000"})").text("errorCode"), "inexistent_connection");
  EXPECT_EQ(post("/jobs/users-exports", "{}").status, 200);
  EXPECT_EQ(post("/jobs/users-exports", "{}").status, 200);
  EXPECT_EQ(post("/jobs/users-exports", "{}").status, 429);
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, UsersExportsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::management
