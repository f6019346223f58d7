#include "model/clients/url_rules.h"

#include <gtest/gtest.h>

namespace gatehouse::model {
namespace {

using Urls = std::vector<std::string>;

TEST(CallbackRules, the_registered_bytes_are_allowed) {
  EXPECT_TRUE(callback_allowed({"https://app.example.com/cb"}, "https://app.example.com/cb", {}));
  EXPECT_TRUE(callback_allowed({"com.example.app://host/cb"}, "com.example.app://host/cb", {}));
  EXPECT_TRUE(callback_allowed({"https://app.example.com/cb?x=1"}, "https://app.example.com/cb?x=1", {}));
}

struct Attack {
  const char* name;
  std::string asked;
};
class CallbackAttack : public ::testing::TestWithParam<Attack> {};

TEST_P(CallbackAttack, is_refused_against_an_exact_entry_and_a_wildcard_entry) {
  const Urls exact{"https://app.example.com/cb"};
  const Urls pattern{"https://*.example.com/cb"};
  const UrlRules native{.any_loopback_port = true};
  EXPECT_FALSE(callback_allowed(exact, GetParam().asked, {})) << GetParam().asked;
  EXPECT_FALSE(callback_allowed(exact, GetParam().asked, native)) << GetParam().asked;
  if (GetParam().asked.find("app.example.com") != 8 || GetParam().asked != "https://app.example.com/cb") {
    EXPECT_FALSE(callback_allowed(pattern, GetParam().asked, {})) << GetParam().asked;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Redirects, CallbackAttack,
    ::testing::Values(
        Attack{"added_path", "https://app.example.com/cb/x"}, Attack{"added_slash", "https://app.example.com/cb/"},
        Attack{"added_query", "https://app.example.com/cb?x=1"}, Attack{"added_fragment", "https://app.example.com/cb#x"},
        Attack{"empty_query", "https://app.example.com/cb?"}, Attack{"other_path_case", "https://app.example.com/CB"},
        Attack{"other_host_case", "https://APP.EXAMPLE.COM/cb"}, Attack{"other_port", "https://app.example.com:444/cb"},
        Attack{"default_port", "https://app.example.com:443/cb"}, Attack{"other_scheme", "http://app.example.com/cb"},
        Attack{"userinfo", "https://app.example.com@evil.example/cb"}, Attack{"userinfo_before", "https://evil@app.example.com/cb"},
        Attack{"several_at", "https://a@b@app.example.com/cb"}, Attack{"backslash", "https://app.example.com\\@evil.example/cb"},
        Attack{"backslash_path", "https://app.example.com\\cb"}, Attack{"dot_segment", "https://app.example.com/./cb"},
        Attack{"dot_dot", "https://app.example.com/x/../cb"}, Attack{"dot_dot_semicolon", "https://app.example.com/x/..;/cb"},
        Attack{"encoded_dots", "https://app.example.com/%2e%2e/cb"}, Attack{"encoded_letter", "https://app.example.com/%63b"},
        Attack{"leading_blank", " https://app.example.com/cb"}, Attack{"trailing_blank", "https://app.example.com/cb "},
        Attack{"tab", "https://app.example.com/\tcb"}, Attack{"newline", "https://app.example.com/cb\n"},
        Attack{"crlf", "https://app.example.com/cb\r\nSet-Cookie: a=b"}, Attack{"nul", std::string("https://app.example.com/cb\0", 27)},
        Attack{"full_width_dot",
               "https://app\xef\xbc\x8e"
               "example.com/cb"},
        Attack{"suffix_host", "https://app.example.com.evil.example/cb"}, Attack{"prefix_host", "https://evilapp.example.com.evil/cb"},
        Attack{"scheme_relative", "//app.example.com/cb"}, Attack{"javascript", "javascript:alert(1)//https://app.example.com/cb"},
        Attack{"data", "data:text/html,https://app.example.com/cb"}, Attack{"two_labels", "https://a.b.example.com/cb"},
        Attack{"no_label", "https://.example.com/cb"}, Attack{"encoded_dot_label", "https://a%2eb.example.com/cb"},
        Attack{"slash_in_label", "https://evil.example/.example.com/cb"}, Attack{"query_in_label", "https://evil.example?.example.com/cb"},
        Attack{"fragment_in_label", "https://evil.example#.example.com/cb"}, Attack{"at_in_label", "https://evil.example@x.example.com/cb"},
        Attack{"port_in_label", "https://evil.example:1.example.com/cb"}, Attack{"empty", ""},
        Attack{"the_pattern_itself", "https://*.example.com/cb"}),
    [](const auto& info) { return info.param.name; });

TEST(CallbackRules, a_wildcard_stands_for_one_label_part) {
  EXPECT_TRUE(callback_allowed({"https://*.example.com/cb"}, "https://pr-17.example.com/cb", {}));
  EXPECT_TRUE(callback_allowed({"https://pre-*-suf.example.com/cb"}, "https://pre-x-suf.example.com/cb", {}));
  EXPECT_FALSE(callback_allowed({"https://pre-*-suf.example.com/cb"}, "https://pre--suf.example.com/cb", {}));
}

TEST(CallbackRules, a_wildcard_in_a_wrong_place_allows_nothing) {
  for (const char* entry : {"https://*.com/cb", "https://*/cb", "https://sub.*.example.com/cb", "https://*.*.example.com/cb",
                            "https://example.com/*", "com.app://*.example.com/cb", "*", "https://x@*.example.com/cb"}) {
    EXPECT_FALSE(callback_allowed({entry}, "https://sub.x.example.com/cb", {})) << entry;
    EXPECT_FALSE(callback_allowed({entry}, "https://x.com/cb", {})) << entry;
    EXPECT_FALSE(callback_allowed({entry}, entry, {})) << entry;
  }
}

TEST(CallbackRules, third_party_clients_get_no_wildcards) {
  EXPECT_FALSE(callback_allowed({"https://*.example.com/cb"}, "https://a.example.com/cb", {.wildcards = false}));
}

TEST(CallbackRules, native_clients_may_use_any_port_of_a_registered_loopback_callback) {
  const UrlRules native{.any_loopback_port = true};
  EXPECT_TRUE(callback_allowed({"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/cb", native));
  EXPECT_TRUE(callback_allowed({"http://[::1]:3000/cb"}, "http://[::1]:51004/cb", native));
  EXPECT_FALSE(callback_allowed({"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/cb", {}));
  EXPECT_FALSE(callback_allowed({"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/other", native));
  EXPECT_FALSE(callback_allowed({"http://127.0.0.1/cb"}, "http://localhost:51004/cb", native));
  EXPECT_FALSE(callback_allowed({"http://127.0.0.1/cb"}, "http://127.0.0.1:1@evil.example/cb", native));
  EXPECT_FALSE(callback_allowed({"http://127.0.0.1.evil.example/cb"}, "http://127.0.0.1.evil.example:1/cb", native));
  EXPECT_FALSE(callback_allowed({"https://app.example.com/cb"}, "https://app.example.com:1/cb", native));
}

TEST(LogoutRules, scheme_and_host_without_case_path_with_it_and_the_query_ignored) {
  const Urls allowed{"https://App.example.com/Bye", "http://localhost:3000"};
  EXPECT_TRUE(logout_url_allowed(allowed, "HTTPS://app.EXAMPLE.com/Bye", {}, true));
  EXPECT_TRUE(logout_url_allowed(allowed, "https://app.example.com/Bye?from=here#top", {}, true));
  EXPECT_TRUE(logout_url_allowed(allowed, "http://localhost:3000", {}, true));
  EXPECT_FALSE(logout_url_allowed(allowed, "https://app.example.com/bye", {}, true));
  EXPECT_FALSE(logout_url_allowed(allowed, "https://app.example.com/Bye?from=here", {}, false));
  EXPECT_FALSE(logout_url_allowed(allowed, "http://localhost:3001", {}, true));
}

TEST(LogoutRules, never_another_host) {
  const Urls allowed{"https://*.example.com/bye", "https://app.example.com/bye"};
  for (const char* asked :
       {"//app.example.com/bye", "/\\app.example.com/bye", "javascript:alert(1)", "https://evil.example?.example.com/bye",
        "https://evil.example#.example.com/bye", "https://evil@app.example.com/bye", "https://app.example.com\\.evil/bye",
        "https://app.example.com/bye\r\nX: y", "https://evil.example/.example.com/bye"})
    EXPECT_FALSE(logout_url_allowed(allowed, asked, {}, true)) << asked;
  EXPECT_TRUE(logout_url_allowed(allowed, "https://shop.example.com/bye?x", {}, true));
  EXPECT_FALSE(logout_url_allowed({"https://*.example.com/bye"}, "https://shop.example.com/bye", {.wildcards = false}, true));
}

TEST(OriginRules, whole_urls_count_by_their_origin) {
  const Urls allowed{"http://localhost:3000/callback", "https://*.example.com"};
  EXPECT_TRUE(origin_allowed(allowed, "http://localhost:3000", {}));
  EXPECT_TRUE(origin_allowed(allowed, "https://a.example.com", {}));
  EXPECT_TRUE(origin_allowed({"https://app.example.com:443"}, "https://app.example.com", {}));
  for (const char* origin :
       {"null", "", "http://localhost:3001", "https://a.b.example.com", "https://example.com.evil", "http://a.example.com", "file://"})
    EXPECT_FALSE(origin_allowed(allowed, origin, {})) << origin;
}

TEST(NearMiss, names_the_entry_that_was_probably_meant) {
  const Urls registered{"https://other.example/x", "http://localhost:3000/api/auth/callback"};
  EXPECT_EQ(nearest_url(registered, "http://localhost:3000/api/auth/callback/"), registered[1]);
  EXPECT_EQ(nearest_url(registered, "https://localhost:3000/api/auth/callback"), registered[1]);
  EXPECT_EQ(nearest_url(registered, "http://127.0.0.1:3000/api/auth/callback"), registered[1]);
  EXPECT_EQ(nearest_url(registered, "http://localhost:3000/auth/callback"), registered[1]);
  EXPECT_EQ(nearest_url(registered, "https://quite.different.example/login"), std::nullopt);
}

TEST(Verifiability, only_https_beyond_the_machine_itself) {
  EXPECT_TRUE(is_verifiable_callback("https://app.example.com/cb"));
  for (const char* url : {"http://app.example.com/cb", "https://localhost/cb", "https://127.0.0.1/cb", "https://[::1]/cb", "com.app://cb"})
    EXPECT_FALSE(is_verifiable_callback(url)) << url;
}

}  // namespace
}  // namespace gatehouse::model
