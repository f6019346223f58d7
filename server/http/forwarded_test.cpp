#include "http/forwarded.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

bool contains(std::string_view cidr, std::string_view address) { return Cidr::parse(cidr)->contains(*IpAddress::parse(address)); }

TEST(IpAddress, HasOneFormPerAddress) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->to_string(), "192.0.2.1");
  EXPECT_EQ(*IpAddress::parse("::ffff:192.0.2.1"), *IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(IpAddress::parse("2001:DB8:0::1")->to_string(), "2001:db8::1");
  for (const char* text : {"", "192.0.2", "192.0.2.1.1", "0x7f.1", "192.0.2.1:80", "[::1]", "fe80::1%eth0", "a", "1"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(Cidr, ContainsItsNetwork) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.100"));
  EXPECT_TRUE(contains("192.0.2.1", "::ffff:192.0.2.1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("fc00::/7", "fd12::1"));
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "x/8", "10.0.0.0/8x"}) EXPECT_FALSE(Cidr::parse(text)) << text;
}

TEST(TrustedProxies, BelieveNobodyByDefault) {
  EXPECT_EQ(TrustedProxies().client_ip(*IpAddress::parse("127.0.0.1"), {"1.2.3.4"}), "127.0.0.1");
}

TEST(TrustedProxies, SkipOnlyAddressesThatAreTrusted) {
  const TrustedProxies proxies = TrustedProxies::parse({"10.0.0.0/8", "::1"}).value();
  const auto client = [&](std::string_view peer, std::vector<std::string_view> headers) {
    return proxies.client_ip(*IpAddress::parse(peer), headers);
  };
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6, 203.0.113.9, 10.2.3.4"}), "203.0.113.9") << "what the client wrote itself is on the left";
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6", "203.0.113.9"}), "203.0.113.9") << "several fields are one list";
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6, rubbish"}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]:443"}), "2001:db8::1");
  EXPECT_EQ(client("::1", {"203.0.113.9:1234"}), "203.0.113.9");
  EXPECT_EQ(client("203.0.113.1", {"6.6.6.6"}), "203.0.113.1");
}

TEST(TrustedProxies, RefuseWhatIsNoNetwork) { EXPECT_FALSE(TrustedProxies::parse({"10.0.0.0/8", "localhost"})); }

}  // namespace
}  // namespace gatehouse::http
