#pragma once
#include <gtest/gtest.h>

#include "oauth/testing.h"

namespace gatehouse::oauth {

// RFC 7636 appendix B.
inline constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The protocol end to end, on the database of the parameter.
class ProtocolTest : public ::testing::TestWithParam<std::string> {
 protected:
  World& w = World::of(GetParam());

  static std::string unique(std::string_view base) {
    static std::atomic<int> counter{0};
    return std::string(base) + std::to_string(++counter);
  }
  static std::string text(const json::object& object, std::string_view name) { return std::string(get_string(object, name).value_or("")); }
  /// Token requests of an application of World::add_client().
  static Fields code_grant(const ClientId& client, const std::string& name, const std::string& code) {
    return {{"grant_type", "authorization_code"},
            {"client_id", client.str()},
            {"client_secret", World::secret(name)},
            {"code", code},
            {"redirect_uri", "https://" + name + ".example/cb"}};
  }
  static Fields refresh_grant(const ClientId& client, const std::string& name, const std::string& token) {
    return {{"grant_type", "refresh_token"}, {"client_id", client.str()}, {"client_secret", World::secret(name)}, {"refresh_token", token}};
  }
};

}  // namespace gatehouse::oauth
