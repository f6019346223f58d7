#include "oauth/tokens/pkce.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::oauth {
namespace {

// RFC 7636 appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(Pkce, the_vector_of_the_rfc_proves_itself) { EXPECT_TRUE(pkce_proves(kVerifier, kChallenge, "S256")); }

TEST(Pkce, the_challenge_never_satisfies_itself) { EXPECT_FALSE(pkce_proves(kChallenge, kChallenge, "S256")); }

TEST(Pkce, plain_compares_the_text) {
  EXPECT_TRUE(pkce_proves(kVerifier, kVerifier, "plain"));
  EXPECT_FALSE(pkce_proves(kVerifier, kChallenge, "plain"));
}

TEST(Pkce, unknown_methods_and_malformed_verifiers_prove_nothing) {
  EXPECT_FALSE(pkce_proves(kVerifier, kChallenge, ""));
  EXPECT_FALSE(pkce_proves(kVerifier, kChallenge, "s256"));
  EXPECT_FALSE(pkce_proves("", "", "plain"));
  EXPECT_FALSE(pkce_proves("short", "short", "plain"));
  EXPECT_FALSE(pkce_proves(std::string(129, 'a'), std::string(129, 'a'), "plain"));
  EXPECT_FALSE(pkce_proves(std::string(42, 'a') + "+", std::string(42, 'a') + "+", "plain"));
}

}  // namespace
}  // namespace gatehouse::oauth
