#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class DiscoveryTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, DiscoveryTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(DiscoveryTest, discovery_and_keys_are_public_and_cacheable) {
  const http::Response document = w.get("/.well-known/openid-configuration");
  const json::object configuration = json_of(document);
  EXPECT_EQ(text(configuration, "issuer"), World::kIssuer);
  EXPECT_EQ(text(configuration, "end_session_endpoint"), "https://localhost:8443/oidc/logout");
  EXPECT_EQ(header(document, "access-control-allow-origin"), "*");
  EXPECT_EQ(w.get("/.well-known/openid-configuration", {}, {{"if-none-match", header(document, "etag")}}).status, 304);
  const http::Response keys = w.get("/.well-known/jwks.json");
  const json::object set = json_of(keys);
  EXPECT_GE(set.at("keys").as_array().size(), 2u);
  for (const json::value& key : set.at("keys").as_array()) EXPECT_FALSE(key.as_object().contains("d"));
}

}  // namespace
}  // namespace gatehouse::oauth
