#include "http/body_source.h"
#include "http/transport/test_server.h"

#include <fcntl.h>

namespace gatehouse::http::transport {
namespace {

/// Pieces of a hundred thousand bytes: a…, b…, c….
class Letters final : public BodySource {
 public:
  Letters(int64_t size, int64_t fails_at) : size_(size), fails_at_(fails_at) {}
  int64_t size() const override { return size_; }
  Result<std::string> next() override {
    if (made_ == fails_at_) return Error{Errc::unavailable, ""};
    return std::string(100'000, char('a' + made_++));
  }

 private:
  const int64_t size_, fails_at_;
  int64_t made_ = 0;
};

void mount_pieces(Router& router) {
  router.get("/pieces", {.lane = Lane::admin}, [](const Request& request) {
    const auto number = [&](std::string_view name) { return std::stoll(std::string(request.query.get(name).value_or("-1"))); };
    Response response = Response::text(200, "");
    response.source = std::make_shared<Letters>(number("bytes"), number("break"));
    return response;
  });
}

TEST_F(ServerTest, AnswersOnBothLoopbackAddresses) {
  start();
  const auto answer = get("/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.header("connection"), "");
  EXPECT_EQ(answer.header("date").size(), 29u);
  EXPECT_EQ(TestClient(port(), nullptr, "::1").get("/who").body, "  ::1");
}

TEST_F(ServerTest, RefusesAPortThatIsTaken) {
  start();
  ServerOptions second = options;
  second.port = port();
  const auto result = Server::start(second, router, {}, clock);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unique_violation);
}

TEST_F(ServerTest, TakesThePortOfAServerThatHasJustStopped) {
  start();
  options.port = port();
  EXPECT_EQ(get("/hello").status, 200);
  server.reset();
  start();
  EXPECT_EQ(get("/hello").status, 200);
}

TEST_F(ServerTest, RunsEachRouteOnItsLane) {
  start();
  EXPECT_EQ(get("/planned").body, "http loop");
  EXPECT_EQ(get("/planned?slow").body, "lane admin");
}

TEST_F(ServerTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  start();
  TestClient client(port());
  std::string all;
  for (int i = 0; i < 200; ++i) {
    if (i % 3 == 0) all += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n" + std::to_string(1'000 + i);
    else all += "GET /items/" + std::to_string(1'000 + i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.receive().body, std::to_string(1'000 + i));
  EXPECT_EQ(client.get("/hello").status, 200);
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  start();
  TestClient client(port());
  const auto answer = client.ask("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.ends()) << "what follows is not answered";
}

TEST_F(ServerTest, AnswersHttp10OnceAndCloses) {
  start();
  TestClient client(port());
  EXPECT_EQ(client.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, AnswersAClientThatHasEndedItsSide) {
  start();
  TestClient client(port());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  client.end_sending();
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, SendsABodyThatIsMadePieceByPiece) {
  mount_pieces(router);
  start();
  TestClient client(port());
  const auto answer = client.get("/pieces?bytes=900000");
  EXPECT_EQ(answer.header("content-length"), "900000");
  std::string expected;
  for (char c = 'a'; c <= 'i'; ++c) expected += std::string(100'000, c);
  EXPECT_EQ(answer.body, expected);
  EXPECT_EQ(client.get("/hello").body, "hello") << "the connection goes on";
}

TEST_F(ServerTest, BreaksTheConnectionOffWhenAPieceCannotBeMade) {
  mount_pieces(router);
  start();
  TestClient client(port());
  client.send("GET /pieces?bytes=900000&break=3 HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.body.size(), 300'000u);
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(ServerTest, MakesNoPieceForHead) {
  mount_pieces(router);
  start();
  TestClient client(port());
  client.send("HEAD /pieces?bytes=900000&break=0 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive(true).header("content-length"), "900000");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(ServerTest, SendsHeadWithoutItsBody) {
  start();
  TestClient client(port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "5");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(ServerTest, SaysContinueOnlyToWhomItWillListen) {
  start();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("abc").body, "abc");
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(ServerTest, SendsLargeAnswersToSlowReaders) {
  start();
  TestClient client(port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(client.receive().body, std::string(3'000'000, 'x'));
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(ServerTest, TakesLargeBodies) {
  start();
  const std::string body(1 << 20, 'b');
  TestClient client(port());
  EXPECT_EQ(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body).body, body);
}

TEST_F(ServerTest, LetsAClientThatStillSendsHearWhyItIsRefused) {
  start();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'b'));
  EXPECT_EQ(client.receive().status, 413) << "not a reset connection";
}

TEST_F(ServerTest, AnswersUnknownPathsAndMethodsAndGoesOn) {
  start();
  TestClient client(port());
  EXPECT_EQ(client.get("/nowhere").status, 404);
  EXPECT_EQ(client.get("/hello/").status, 404);
  EXPECT_EQ(client.get("//hello").status, 404);
  const auto answer = client.ask("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "GET, HEAD");
  EXPECT_EQ(client.ask("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
  EXPECT_EQ(client.get("/items/a%2Fb").body, "a/b");
}

TEST_F(ServerTest, HidesWhatAHandlerThrew) {
  start();
  TestClient client(port());
  const auto answer = client.get("/throws");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(thrown, "secret detail");
  EXPECT_EQ(client.get("/hello").status, 200);
}

TEST_F(ServerTest, FindsTheTenantByHostAndRefusesUnknownOnes) {
  hooks.resolve_host = [](std::string_view host) -> std::optional<std::pair<TenantId, std::string>> {
    if (host != "t.example:8443") return std::nullopt;
    return std::pair(TenantId("t"), std::string("https://t.example:8443/"));
  };
  start();
  TestClient client(port());
  EXPECT_EQ(client.ask("GET /who HTTP/1.1\r\nHost: T.Example:8443\r\n\r\n").body, "t https://t.example:8443/ 127.0.0.1");
  EXPECT_EQ(client.ask("GET http://t.example:8443/who HTTP/1.1\r\nHost: other\r\n\r\n").status, 200);
  EXPECT_EQ(client.get("/who").status, 404);
  EXPECT_EQ(client.get("/nowhere").status, 404);
  EXPECT_EQ(client.get("/healthz").status, 200) << "whatever the host";
}

TEST_F(ServerTest, BelievesForwardedAddressesOfTrustedProxiesOnly) {
  const std::string request = "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n";
  start();
  EXPECT_EQ(TestClient(port()).ask(request).body, "  127.0.0.1");
  server.reset();
  options.trusted_proxies = {"127.0.0.0/8"};
  start();
  EXPECT_EQ(TestClient(port()).ask(request).body, "  203.0.113.9");
}

TEST_F(ServerTest, ReportsEveryAnswerOnce) {
  std::vector<std::string> seen;
  std::mutex mutex;
  hooks.finish = [](const Request& request, Response& response) { response.set("X-Request-Id", request.id); };
  hooks.observe = [&](const Request& request, const Response& response, const Route* route, microseconds) {
    const std::lock_guard lock(mutex);
    seen.push_back(request.path + " " + std::to_string(response.status) + " " + (route ? route->pattern : "-"));
  };
  start();
  TestClient client(port());
  const std::string first = client.get("/items/1").header("x-request-id");
  EXPECT_EQ(first.size(), 20u);
  EXPECT_NE(client.get("/throws").header("x-request-id"), first);
  client.get("/nowhere");
  EXPECT_FALSE(client.ask("rubbish\r\n\r\n").header("x-request-id").empty());
  client.receive_all();
  const std::lock_guard lock(mutex);
  EXPECT_EQ(seen, (std::vector<std::string>{"/items/1 200 /items/{id}", "/throws 500 /throws", "/nowhere 404 -", " 400 -"}));
}

TEST_F(ServerTest, AnswersAtOnceWhenALaneIsFull) {
  options.sign_in = {.threads = 2, .queue = 1};
  start();
  std::vector<std::unique_ptr<TestClient>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<TestClient>(port()));
    waiting.back()->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return slow_running == std::min(i + 1, 2); }));
    if (i == 2) {
      ASSERT_TRUE(eventually([&] { return server->load().lanes[1].queued == 1; }));
    }
  }
  TestClient late(port());
  const auto answer = late.get("/slow");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(late.get("/hello").status, 200) << "the connection goes on, and other lanes are not touched";
  EXPECT_EQ(late.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx").status, 200);
  const Server::Load load = server->load();
  EXPECT_EQ(load.lanes[1].lane, Lane::sign_in);
  EXPECT_EQ(load.lanes[1].busy, 2u);
  EXPECT_EQ(load.lanes[1].refused, 1u);
  release();
  for (const auto& client : waiting) EXPECT_EQ(client->receive().body, "slow");
}

TEST_F(ServerTest, LimitsConnectionsPerAddress) {
  options.max_connections_per_address = 3;
  start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(port()));
    EXPECT_EQ(clients.back()->get("/hello").status, 200);
  }
  EXPECT_EQ(get("/hello").status, 0);
  EXPECT_EQ(TestClient(port(), nullptr, "::1").get("/hello").status, 200) << "others are not touched";
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return get("/hello").status == 200; }));
}

TEST_F(ServerTest, StopsGracefully) {
  start();
  TestClient idle(port()), busy(port());
  EXPECT_EQ(idle.get("/hello").status, 200);
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return slow_running == 1; }));
  std::thread stopping([&] { server->stop(); });
  EXPECT_TRUE(idle.ends()) << "idle connections end at once";
  EXPECT_TRUE(eventually([&] { return !TestClient(port()).connected(); })) << "nobody is let in any more";
  release();
  const auto answer = busy.receive();
  EXPECT_EQ(answer.body, "slow");
  EXPECT_EQ(answer.header("connection"), "close");
  busy.end_sending();
  stopping.join();
  EXPECT_EQ(server->load().connections, 0u);
}

TEST_F(ServerTest, StopsAfterItsTimeoutWhateverHappens) {
  options.stop_timeout = milliseconds(100);
  start();
  TestClient busy(port());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return slow_running == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(3));
  EXPECT_TRUE(busy.ends());
}

TEST_F(ServerTest, DoesNotRunWhatWaitedLongerThanTheStop) {
  options.stop_timeout = milliseconds(100);
  options.sign_in = {.threads = 1, .queue = 10};
  start();
  TestClient first(port()), second(port());
  first.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return slow_running == 1; }));
  second.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server->load().lanes[1].queued == 1; }));
  server->stop();
  release();
  server.reset();
  EXPECT_EQ(slow_running, 1);
}

TEST_F(ServerTest, GivesItsSocketsToNoChild) {
  const auto inheritable = [] {
    std::vector<int> found;
    for (int fd = 3; fd < 256; ++fd) {
      const int flags = fcntl(fd, F_GETFD);
      if (flags >= 0 && !(flags & FD_CLOEXEC)) found.push_back(fd);
    }
    return found;
  };
  const auto before = inheritable();
  start();
  TestClient client(port());
  EXPECT_EQ(client.get("/hello").status, 200);
  EXPECT_EQ(inheritable(), before);
}

class SlowClients : public ServerTest {
 protected:
  SlowClients() {
    options.header_timeout = milliseconds(300);
    options.body_idle_timeout = milliseconds(300);
    options.keep_alive_timeout = milliseconds(300);
  }
};

TEST_F(SlowClients, AreCutOffInTheHead) {
  start();
  TestClient client(port());
  client.send("GET /hello HTTP/1.1\r\n");
  for (int i = 0; i < 8 && client.send("X: y\r\n"); ++i) std::this_thread::sleep_for(milliseconds(100));  // bytes are no excuse
  EXPECT_EQ(client.receive().status, 408);
}

TEST_F(SlowClients, AreCutOffInTheBody) {
  start();
  TestClient client(port());
  const auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("connection"), "close");
}

TEST_F(SlowClients, MayTakeTheirTimeWhileTheBodyGrows) {
  start();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(milliseconds(150));
    client.send("a");
  }
  EXPECT_EQ(client.receive().body, "aaaaa");
}

TEST_F(SlowClients, AreForgottenWhenTheyStayIdle) {
  start();
  TestClient silent(port()), served(port());
  EXPECT_EQ(served.get("/hello").status, 200);
  EXPECT_TRUE(served.ends());
  EXPECT_TRUE(silent.ends());
}

TEST_F(SlowClients, ThatDoNotReadAreLeft) {
  start();
  TestClient client(port());
  const int tiny = 4'096;
  setsockopt(client.socket(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny);
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server->load().connections == 0; }));
}

}  // namespace
}  // namespace gatehouse::http::transport
