#pragma once
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/transport/test_client.h"

namespace gatehouse::http::transport {

/// A real server on a free loopback port with a few routes.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options.port = 0;
    options.io_threads = 2;
    options.stop_timeout = seconds(5);
    router.get("/hello", {.lane = Lane::inline_}, [](const Request&) { return Response::text(200, "hello"); });
    router.get("/healthz", {.lane = Lane::inline_, .any_tenant = true}, [](const Request&) { return Response::text(200, "ok"); });
    router.get("/who", {.lane = Lane::inline_}, [](const Request& request) {
      return Response::text(200, request.tenant.str() + " " + request.issuer + " " + request.client_ip);
    });
    router.get("/large", {.lane = Lane::store}, [](const Request&) { return Response::text(200, std::string(3'000'000, 'x')); });
    router.get("/items/{id}", {.lane = Lane::inline_}, [](const Request& request) { return Response::text(200, request.parameter("id")); });
    router.get("/throws", {.lane = Lane::store}, [](const Request&) -> Response { throw std::runtime_error("secret detail"); });
    router.get("/slow", {.lane = Lane::sign_in}, [this](const Request&) {
      ++slow_running;
      std::unique_lock lock(gate_mutex);
      gate.wait(lock, [this] { return open; });
      return Response::text(200, "slow");
    });
    router.post("/echo", {.lane = Lane::store}, [](const Request& request) { return Response::text(200, request.body); });
    router.post("/small", {.lane = Lane::inline_, .max_body = 10},
                [](const Request& request) { return Response::text(200, request.body); });
    RouteOptions planned;
    planned.planner = [](const Request& request) { return request.query.contains("slow") ? Lane::admin : Lane::inline_; };
    router.get("/planned", std::move(planned), [](const Request&) {
      char name[32] = "";
      pthread_getname_np(pthread_self(), name, sizeof name);
      return Response::text(200, name);
    });
    hooks.thrown = [this](const Request&, std::string_view what) {
      const std::lock_guard lock(gate_mutex);
      thrown = what;
    };
  }

  ~ServerTest() override { release(); }

  void start() {
    auto result = Server::start(options, router, hooks, clock);
    ASSERT_TRUE(result) << result.error().message << ' ' << result.error().detail;
    server = std::move(result).value();
  }
  uint16_t port() const { return server->port(); }
  TestClient::Answer get(std::string_view path) { return TestClient(port()).get(path); }

  /// Lets /slow answer.
  void release() {
    const std::lock_guard lock(gate_mutex);
    open = true;
    gate.notify_all();
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 300; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  ServerOptions options;
  Router router;
  ServerHooks hooks;
  SystemClock clock;
  std::mutex gate_mutex;
  std::condition_variable gate;
  bool open = false;
  std::atomic<int> slow_running{0};
  std::string thrown;
  std::unique_ptr<Server> server;  // last: ends before what its handlers use
};

}  // namespace gatehouse::http::transport
