#include "crypto/leaked_passwords.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/crypto.h"

namespace gatehouse::crypto {
namespace {

/// A file that lasts as long as the test.
struct File {
  explicit File(const std::string& content) : path(::testing::TempDir() + "leaked-" + std::to_string(::getpid())) {
    std::ofstream(path, std::ios::binary) << content;
  }
  ~File() { std::remove(path.c_str()); }
  std::string path;
};

std::string list_of(std::vector<std::string> passwords, bool counts, const std::string& end) {
  for (std::string& password : passwords) {
    password = hex_encode(sha1(password));
    std::ranges::transform(password, password.begin(), [](char c) { return char(std::toupper(c)); });
  }
  std::ranges::sort(passwords);
  std::string out;
  for (size_t i = 0; i < passwords.size(); ++i) out += passwords[i] + (counts ? ":" + std::to_string(i * i * 1'000 + 1) : "") + end;
  return out;
}

TEST(LeakedPasswords, finds_every_password_of_the_list_and_no_other) {
  std::vector<std::string> known;
  for (int i = 0; i < 1'000; ++i) known.push_back("password" + std::to_string(i));
  for (const std::string end : {"\n", "\r\n"})
    for (const bool counts : {true, false}) {
      const File file(list_of(known, counts, end));
      const auto leaked = LeakedPasswords::open(file.path);
      ASSERT_TRUE(leaked) << leaked.error().message;
      for (const std::string& password : known) EXPECT_TRUE(*(*leaked)->contains(password)) << password;
      for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(*(*leaked)->contains("other" + std::to_string(i)));
    }
}

TEST(LeakedPasswords, a_list_of_one_and_a_last_line_without_an_end_will_do) {
  const File file(hex_encode(sha1("only")) + ":7");
  const auto leaked = LeakedPasswords::open(file.path);
  ASSERT_TRUE(leaked);
  EXPECT_TRUE(*(*leaked)->contains("only"));
  EXPECT_FALSE(*(*leaked)->contains("other"));
}

TEST(LeakedPasswords, what_is_no_such_list_is_refused_at_once) {
  const File file("hunter2\nletmein\n");
  EXPECT_FALSE(LeakedPasswords::open(file.path));
  EXPECT_FALSE(LeakedPasswords::open("/nonexistent/file"));
  EXPECT_FALSE(LeakedPasswords::open(::testing::TempDir()));
}

}  // namespace
}  // namespace gatehouse::crypto
