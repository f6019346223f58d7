#include "http/client.h"

#include "http/transport/test_server.h"

namespace gatehouse::http {
namespace {

bool allowed(const OutboundPolicy& policy, std::string_view address) { return may_call(policy, *IpAddress::parse(address)); }

TEST(OutboundPolicy, RefusesInternalAddressesUnlessAllowed) {
  const OutboundPolicy strict;
  OutboundPolicy local;
  local.allow_loopback = true;
  OutboundPolicy office;
  office.allow = {Cidr::parse("10.1.0.0/16").value(), Cidr::parse("169.254.0.0/16").value(), Cidr::parse("127.0.0.1").value()};
  for (const char* address : {"1.1.1.1", "203.0.113.9", "2606:4700::1111", "64:ff9b::101:101"}) EXPECT_TRUE(allowed(strict, address)) << address;
  for (const char* address : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"}) {
    EXPECT_FALSE(allowed(strict, address)) << address;
    EXPECT_TRUE(allowed(local, address)) << address;
  }
  for (const char* address : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"}) {
    EXPECT_FALSE(allowed(strict, address)) << address;
    EXPECT_FALSE(allowed(local, address)) << address;
  }
  for (const char* address : {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
                              "255.255.255.255", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"})
    for (const OutboundPolicy& policy : {strict, local, office}) EXPECT_FALSE(allowed(policy, address)) << address;
  EXPECT_TRUE(allowed(office, "10.1.2.3"));
  EXPECT_TRUE(allowed(office, "127.0.0.1"));
  EXPECT_FALSE(allowed(office, "10.2.0.1"));
}

class ClientTest : public transport::ServerTest {
 protected:
  ClientTest() {
    router.get("/moved", {.lane = Lane::inline_}, [](const Request&) { return Response::redirect("/hello"); });
    router.add(Method::PATCH, "/mirror", {.lane = Lane::inline_}, [](const Request& request) {
      std::string text(to_string(request.method));
      for (const auto& [name, value] : request.headers)
        if (name != "host" && name != "user-agent") text += "|" + name + "=" + value;
      return Response::text(201, text + "|" + request.body).set("X-Mixed-Case", "Yes");
    });
    policy.allow_loopback = policy.allow_plain_http = true;
    start();
  }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port()) + path; }
  Result<OutboundResponse> send(OutboundRequest request) const { return make_client(policy)->send(request); }
  Errc error_of(OutboundRequest request) const {
    const auto result = send(std::move(request));
    EXPECT_FALSE(result);
    return result ? Errc::internal : result.error().code;
  }
  OutboundPolicy policy;
};

TEST_F(ClientTest, SendsWhatItIsTold) {
  const auto response = send({.method = "PATCH", .url = url("/mirror"), .headers = {{"Authorization", "Bearer x"}, {"Content-Type", "a/b"}}, .body = "body"});
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "PATCH|accept=*/*|authorization=Bearer x|content-type=a/b|content-length=4|body");
  const auto header = std::find_if(response->headers.begin(), response->headers.end(), [](const auto& h) { return h.first == "x-mixed-case"; });
  ASSERT_NE(header, response->headers.end());
  EXPECT_EQ(header->second, "Yes");
}

TEST_F(ClientTest, UsesItsConnectionAgain) {
  const auto client = make_client(policy);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client->send({.url = url("/hello")})->body, "hello");
  EXPECT_EQ(server->load().connections, 1u);
}

TEST_F(ClientTest, FollowsNoRedirects) { EXPECT_EQ(send({.url = url("/moved")})->status, 302); }

TEST_F(ClientTest, BoundsTheAnswer) {
  EXPECT_EQ(error_of({.url = url("/large")}), Errc::unavailable);
  EXPECT_EQ(send({.url = url("/large"), .max_response = 3'000'000})->body.size(), 3'000'000u);
}

TEST_F(ClientTest, GivesUpInTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of({.url = url("/slow"), .timeout = milliseconds(200)}), Errc::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(1));
}

TEST_F(ClientTest, AsksThePolicyAfterResolvingTheName) {
  policy.allow_loopback = false;
  const std::string by_name = "http://localhost:" + std::to_string(port()) + "/hello";
  EXPECT_EQ(error_of({.url = by_name}), Errc::invalid_argument);
  EXPECT_EQ(error_of({.url = "http://0x7f000001:" + std::to_string(port()) + "/hello"}), Errc::invalid_argument);
  policy.allow_loopback = true;
  EXPECT_TRUE(send({.url = by_name}));
}

TEST_F(ClientTest, SpeaksPlainHttpOnlyWhereAllowed) {
  policy.allow_plain_http = false;
  EXPECT_EQ(error_of({.url = url("/hello")}), Errc::invalid_argument);
  policy.allow = {Cidr::parse("127.0.0.1").value()};
  EXPECT_TRUE(send({.url = url("/hello")}));
}

TEST_F(ClientTest, RefusesMalformedCalls) {
  for (const char* bad : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "http://u:p@127.0.0.1/", "http://127.0.0.1/\r\nX: y"})
    EXPECT_EQ(error_of({.url = bad}), Errc::invalid_argument) << bad;
  EXPECT_EQ(error_of({.url = url("/hello"), .headers = {{"X", "a\r\nY: b"}}}), Errc::invalid_argument);
}

TEST_F(ClientTest, TellsWhenNobodyIsThere) { EXPECT_EQ(error_of({.url = "http://127.0.0.1:1/"}), Errc::unavailable); }

}  // namespace
}  // namespace gatehouse::http
