#include "http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace gatehouse::http {
namespace {

Response nothing(const Request&) { return Response::empty(); }

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.get("/", {}, nothing);
    router.get("/api/v2/users", {}, nothing);
    router.post("/api/v2/users", {}, nothing);
    router.get("/api/v2/users/{id}", {}, nothing);
    router.add(Method::PATCH, "/api/v2/users/{id}", {}, nothing);
    router.add(Method::DELETE, "/api/v2/users/{id}", {}, nothing);
    router.post("/api/v2/users/export", {}, nothing);
    router.get("/api/v2/users/{id}/roles", {}, nothing);
    router.get("/api/v2/users/{user_id}/logs/{page}", {}, nothing);
  }
  std::string pattern(Method method, std::string_view path) const {
    const Router::Match match = router.match(method, path);
    return match.route ? match.route->pattern : match.path_known ? "405" : "404";
  }
  Router router;
};

TEST_F(RouterTest, FindsLiteralAndParameterRoutes) {
  EXPECT_EQ(pattern(Method::GET, "/"), "/");
  EXPECT_EQ(pattern(Method::GET, "/api/v2/users"), "/api/v2/users");
  EXPECT_EQ(pattern(Method::GET, "/api/v2/users/x"), "/api/v2/users/{id}");
  EXPECT_EQ(pattern(Method::GET, "/api/v2/users/x/roles"), "/api/v2/users/{id}/roles");
}

TEST_F(RouterTest, LiteralBeatsParameterAndGivesWayWhereItLeadsNowhere) {
  EXPECT_EQ(pattern(Method::POST, "/api/v2/users/export"), "/api/v2/users/export");
  EXPECT_EQ(pattern(Method::GET, "/api/v2/users/export"), "/api/v2/users/{id}");
  EXPECT_EQ(pattern(Method::GET, "/api/v2/users/export/roles"), "/api/v2/users/{id}/roles");
}

TEST_F(RouterTest, DecodesParametersOnceUnderTheNamesOfTheirRoute) {
  const auto match = router.match(Method::GET, "/api/v2/users/auth0%7C12%2534/logs/2");
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.parameters, (decltype(match.parameters){{"user_id", "auth0|12%34"}, {"page", "2"}}));
}

TEST_F(RouterTest, KeepsAnEncodedSlashInsideItsSegment) {
  const auto match = router.match(Method::GET, "/api/v2/users/a%2Froles");
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.route->pattern, "/api/v2/users/{id}");
  EXPECT_EQ(match.parameters.front().second, "a/roles");
}

TEST_F(RouterTest, MatchesNothingThatSomebodyElseWouldNormalise) {
  for (const char* path : {"", "api/v2/users", "//", "//api/v2/users", "/api//v2/users", "/api/v2/users/", "/api/v2/./users", "/api/v2/x/../users",
                           "/api/v2/users/..", "/api/v2/users/.", "/api/v2/users/%2e%2E", "/api/v2/users/%2e/roles", "/API/v2/users",
                           "/api/v2/Users", "/%61pi/v2/users", "/api/v2%2Fusers", "/api/v2/users;x", "/api/v2/users/%00", "/api/v2/users/%ff",
                           "/api/v2/users/%zz", "/api/v2/users/%4"})
    EXPECT_EQ(pattern(Method::GET, path), "404") << path;
}

TEST_F(RouterTest, NamesTheMethodsOfAKnownPath) {
  const auto match = router.match(Method::PUT, "/api/v2/users/x");
  EXPECT_FALSE(match.route);
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(match.allow, (std::vector{Method::GET, Method::HEAD, Method::PATCH, Method::DELETE}));
  EXPECT_EQ(pattern(Method::OPTIONS, "/api/v2/users"), "405");
  EXPECT_EQ(pattern(Method::OPTIONS, "/api/v2/nowhere"), "404");
}

TEST_F(RouterTest, AnswersHeadWithTheGetRoute) {
  EXPECT_EQ(pattern(Method::HEAD, "/api/v2/users"), "/api/v2/users");
  EXPECT_EQ(pattern(Method::HEAD, "/api/v2/users/export"), "/api/v2/users/{id}");
}

TEST_F(RouterTest, RefusesPatternsThatCannotWork) {
  EXPECT_THROW(router.get("/api/v2/users/{other}", {}, nothing), std::logic_error) << "mounted twice";
  EXPECT_THROW(router.get("/x/", {}, nothing), std::logic_error);
  EXPECT_THROW(router.get("x", {}, nothing), std::logic_error);
  EXPECT_THROW(router.get("/x/a{id}", {}, nothing), std::logic_error);
}

TEST(EmptyRouter, MatchesNothing) { EXPECT_FALSE(Router().match(Method::GET, "/").route); }

}  // namespace
}  // namespace gatehouse::http
