#include <gtest/gtest.h>

#include "http/client.h"
#include "ops/health.h"
#include "ops/metrics_listener.h"
#include "storage/database.h"

namespace gatehouse::ops {
namespace {

/// A database of which only the self-check matters here.
class PingedDatabase final : public storage::Database {
 public:
  bool answers = true;
  void subscribe(Subscriber) override {}
  [[nodiscard]] std::string_view kind() const override { return "sqlite"; }
  [[nodiscard]] Result<void> ping() override {
    if (answers) return {};
    return Error{Errc::unavailable};
  }
  [[nodiscard]] Result<void> backup(const std::string&) override { return {}; }
  Result<void> run_write(const std::function<bool(storage::Transaction&)>&) override { return {}; }
  Result<void> run_read(const std::function<void(storage::Reader&)>&) override { return {}; }
};

http::Response call(const http::Router& router, std::string_view path) {
  const auto match = router.match(http::Method::GET, path);
  return match.route ? match.route->handler({}) : http::Response::empty(404);
}

TEST(Health, IsServedWhateverTheHostWithoutTheDatabase) {
  http::Router router;
  PingedDatabase database;
  database.answers = false;
  mount(router, database, [] { return true; });
  const http::Response response = call(router, "/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.bytes(), "{\"status\":\"ok\"}");
  EXPECT_TRUE(router.match(http::Method::GET, "/healthz").route->any_tenant);
}

TEST(Readiness, FollowsTheDatabaseAndTheEnd) {
  http::Router router;
  PingedDatabase database;
  bool stopping = false;
  mount(router, database, [&] { return stopping; });
  EXPECT_EQ(call(router, "/readyz").status, 200);
  database.answers = false;
  EXPECT_EQ(call(router, "/readyz").status, 503);
  database.answers = true;
  stopping = true;
  EXPECT_EQ(call(router, "/readyz").status, 503);
}

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    router.get("/a/{id}", {}, [](const http::Request&) { return http::Response::empty(); });
    metrics = std::make_unique<Metrics>(router);
  }
  void answer(int status, const http::Route* route, http::Lane lane, microseconds duration) {
    http::Request request;
    request.lane = lane;
    metrics->observe(request, http::Response::empty(status), route, duration);
  }
  const http::Route* route() const { return router.routes().front().get(); }
  http::Router router;
  std::unique_ptr<Metrics> metrics;
};

TEST_F(MetricsTest, CountByRouteStatusAndLane) {
  for (int i = 0; i < 3; ++i) answer(200, route(), http::Lane::store, milliseconds(7));
  answer(418, route(), http::Lane::store, seconds(20));
  answer(404, nullptr, http::Lane::inline_, microseconds(1));
  metrics->watch(Metrics::Kind::counter, "gatehouse_dropped_total", "Dropped.", [] { return 4.0; });
  const std::string text = metrics->text({.connections = 2, .lanes = {{http::Lane::admin, 5, 6, 7}}});
  for (const char* line : {"gatehouse_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"200\"} 3\n",
                           "gatehouse_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"other\"} 1\n",
                           "gatehouse_http_requests_total{method=\"\",route=\"none\",status=\"404\"} 1\n",
                           "gatehouse_http_request_duration_seconds_bucket{lane=\"store\",le=\"0.005\"} 0\n",
                           "gatehouse_http_request_duration_seconds_bucket{lane=\"store\",le=\"0.01\"} 3\n",
                           "gatehouse_http_request_duration_seconds_bucket{lane=\"store\",le=\"+Inf\"} 4\n",
                           "gatehouse_http_request_duration_seconds_count{lane=\"store\"} 4\n", "gatehouse_http_connections 2\n",
                           "gatehouse_lane_queued{lane=\"admin\"} 5\n", "gatehouse_lane_busy{lane=\"admin\"} 6\n",
                           "gatehouse_lane_refused_total{lane=\"admin\"} 7\n", "gatehouse_dropped_total 4\n", "# TYPE process_cpu_seconds_total counter\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST_F(MetricsTest, AreServedOnAPortOfTheirOwn) {
  SystemClock clock;
  answer(200, route(), http::Lane::store, milliseconds(7));
  const auto listener = MetricsListener::start(0, *metrics, [] { return http::Server::Load{}; }, clock);
  ASSERT_TRUE(listener) << listener.error().message;
  http::OutboundPolicy policy;
  policy.allow_loopback = policy.allow_plain_http = true;
  const auto response = http::make_client(policy)->send({.url = "http://localhost:" + std::to_string((*listener)->port()) + "/metrics"});
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 200);
  EXPECT_NE(response->body.find("gatehouse_http_requests_total"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::ops
