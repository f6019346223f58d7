#include "oauth/tokens/scopes.h"

#include <gtest/gtest.h>

namespace gatehouse::oauth {
namespace {

TEST(Scopes, are_split_on_single_blanks_only_and_kept_once) {
  EXPECT_EQ(Scopes::parse("openid  profile openid ").to_string(), "openid profile");
  EXPECT_EQ(Scopes::parse("a\tb c").values(), (std::vector<std::string>{"a\tb", "c"}));
  EXPECT_TRUE(Scopes::parse("").empty());
}

}  // namespace
}  // namespace gatehouse::oauth
