#include "crypto/password_hash.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "crypto/password_scheme.h"
#include "crypto/testing.h"

namespace gatehouse::crypto {
namespace {

// Light, so that the suite stays quick without optimisation; the defaults have a test of their own.
constexpr PasswordHasher::Options light{.permits = 2, .memory_kib = 64, .passes = 1};

class PasswordHasherTest : public testing::Test {
 protected:
  FakeRandom random_;
  PasswordHasher hasher_{light, random_};
};

TEST_F(PasswordHasherTest, verifies_what_it_hashed_and_nothing_else) {
  const auto stored = hasher_.hash("correct horse");
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->rfind("$argon2id$v=19$m=64,t=1,p=1$", 0), 0U) << *stored;
  EXPECT_TRUE(*hasher_.verify("correct horse", *stored));
  for (const std::string wrong : {"", "correct hors", "Correct horse", "correct horse "})
    EXPECT_FALSE(*hasher_.verify(wrong, *stored)) << wrong;
  EXPECT_NE(*hasher_.hash("correct horse"), *stored) << "each hash has a salt of its own";
}

TEST_F(PasswordHasherTest, takes_long_passwords_and_NUL_as_they_are) {
  const std::string with_nul("pass\0word", 9);
  const std::string stored = *hasher_.hash(with_nul);
  EXPECT_TRUE(*hasher_.verify(with_nul, stored));
  EXPECT_FALSE(*hasher_.verify("pass", stored));
  const std::string long_one(256, 'x');
  const std::string stored_long = *hasher_.hash(long_one);
  EXPECT_TRUE(*hasher_.verify(long_one, stored_long));
  EXPECT_FALSE(*hasher_.verify(long_one.substr(0, 255), stored_long));
}

TEST(PasswordHasher, makes_hashes_of_the_documented_cost) {
  FakeRandom random;
  PasswordHasher hasher({}, random);
  const std::string stored = *hasher.hash("correct horse");
  EXPECT_EQ(stored.rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0U) << stored;
  EXPECT_TRUE(*hasher.verify("correct horse", stored));
  EXPECT_FALSE(hasher.needs_rehash(stored));
}

// Made by other implementations.
struct Foreign {
  const char* name;
  const char* password;
  const char* stored;
};
constexpr Foreign foreign[] = {
    {"bcrypt 2a (John the Ripper's first test)", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"bcrypt 2a, empty salt letters", "U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
    {"bcrypt 2y", "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"bcrypt 2b", "U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"argon2i 1.0 without a version (libargon2's test)", "password",
     "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"},
    {"argon2i 1.3 (libargon2's test)", "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
    {"argon2id 1.3 (libargon2's test)", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
    {"argon2id 1.3 with two lanes (libargon2's test)", "password",
     "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
};

TEST_F(PasswordHasherTest, verifies_hashes_made_elsewhere_and_wants_to_replace_them) {
  for (const Foreign& f : foreign) {
    ASSERT_TRUE(PasswordHasher::is_supported(f.stored)) << f.name;
    const auto right = hasher_.verify(f.password, f.stored);
    ASSERT_TRUE(right.ok()) << f.name;
    EXPECT_TRUE(*right) << f.name;
    EXPECT_FALSE(*hasher_.verify(std::string(f.password) + "x", f.stored)) << f.name;
    EXPECT_FALSE(*hasher_.verify("", f.stored)) << f.name;
  }
  EXPECT_TRUE(hasher_.needs_rehash(foreign[0].stored));
  EXPECT_TRUE(hasher_.needs_rehash(foreign[4].stored));
  EXPECT_FALSE(hasher_.needs_rehash(foreign[6].stored)) << "as strong as what this hasher makes";
}

TEST_F(PasswordHasherTest, bcrypt_does_not_fit_a_password_it_would_cut) {
  // crypt_blowfish's own test of the cut, where the longer password fits too.
  const std::string stored = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
  const std::string password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  ASSERT_EQ(password.size(), 72U);
  EXPECT_TRUE(*hasher_.verify(password, stored));
  EXPECT_FALSE(*hasher_.verify(password + "chars after 72 are ignored", stored));
  EXPECT_FALSE(*hasher_.verify(std::string("U*U\0x", 5), foreign[0].stored)) << "a NUL would cut the password too";
}

TEST(SupportedHashes, refuses_what_is_malformed_or_would_stall_the_server) {
  const struct {
    const char* name;
    const char* stored;
  } cases[] = {
      {"empty", ""},
      {"clear text", "password"},
      {"DES crypt, which crypt_r would take", "ab1cvOVhtq6wE"},
      {"MD5 crypt", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
      {"bcrypt 2x, the one with the sign bug", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"bcrypt of cost 31", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"bcrypt of cost 3", "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"bcrypt, one character short", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"},
      {"bcrypt with a foreign character", "$2b$05$CCCCCCCCCCCCCCCCCCCCC:E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"argon2d", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
      {"argon2 of a future version", "$argon2id$v=20$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 with a gigabyte", "$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 with a thousand passes", "$argon2id$v=19$m=256,t=1000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 without passes", "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 with too little memory for its lanes", "$argon2id$v=19$m=8,t=2,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 with a short tag", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$c29t"},
      {"argon2 without a tag", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"},
      {"argon2 with padding", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4="},
      {"argon2 with a negative number", "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"argon2 that ends early", "$argon2id$v=19$m="},
  };
  FakeRandom random;
  PasswordHasher hasher(light, random);
  for (const auto& c : cases) {
    EXPECT_FALSE(PasswordHasher::is_supported(c.stored)) << c.name;
    EXPECT_EQ(hasher.verify("password", c.stored).error().code, Errc::invalid_argument) << c.name;
    EXPECT_TRUE(hasher.needs_rehash(c.stored)) << c.name;
  }
}

TEST(PasswordHasher, runs_no_more_hashes_at_once_than_it_has_permits_and_serves_everybody) {
  FakeRandom random;
  PasswordHasher hasher({.permits = 1, .memory_kib = 64, .passes = 1}, random);
  const std::string stored = *hasher.hash("password");
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) right += *hasher.verify("password", stored);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

TEST(PasswordHasher, refuses_at_once_when_the_wait_would_be_too_long) {
  FakeRandom random;
  PasswordHasher hasher({.permits = 1, .memory_kib = 8192, .passes = 8, .max_wait_ms = 1}, random);
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const auto stored = hasher.hash("password");
      if (stored.ok()) {
        ++done;
      } else {
        EXPECT_EQ(stored.error().code, Errc::overloaded);
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(done, 1);
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(hasher.hash("password").ok()) << "the queue is empty again";
}

TEST(PasswordHasher, hashes_on_threads_that_leave_the_cores_to_the_rest_of_the_server) {
  const auto hash_threads = [] {
    std::set<id_t> found;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::string name;
      std::getline(std::ifstream(task.path() / "comm"), name);
      if (name == "hash") found.insert(static_cast<id_t>(std::stoi(task.path().filename())));
    }
    return found;
  };
  // A kernel may go on listing the joined threads of earlier tests, for as long as it likes.
  const std::set<id_t> before = hash_threads();
  FakeRandom random;
  PasswordHasher hasher({.permits = 1, .memory_kib = 64, .passes = 1}, random);
  ASSERT_TRUE(hasher.hash("password").ok());
  std::set<id_t> started = hash_threads();
  for (const id_t old : before) started.erase(old);
  ASSERT_EQ(started.size(), 1U);
  EXPECT_GT(getpriority(PRIO_PROCESS, *started.begin()), getpriority(PRIO_PROCESS, 0));
}

TEST(PasswordHasher, verifying_nothing_takes_as_long_as_a_wrong_password) {
  FakeRandom random;
  PasswordHasher hasher({.permits = 1, .memory_kib = 4096, .passes = 2}, random);
  const std::string stored = *hasher.hash("password");
  const auto fastest_of_five = [](auto&& work) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      work();
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    return static_cast<double>(best.count());
  };
  const double wrong = fastest_of_five([&] { (void)hasher.verify("wrong", stored); });
  const double nobody = fastest_of_five([&] { (void)hasher.verify_nothing("wrong"); });
  EXPECT_LT(wrong / nobody, 4);
  EXPECT_LT(nobody / wrong, 4);
}

TEST(Argon2Buffers, are_given_back_once_they_are_idle) {
  trim_argon2_buffers({});
  (void)hash_argon2id("password", "saltsaltsaltsalt", {.memory_kib = 1024, .passes = 1});
  (void)hash_argon2id("password", "saltsaltsaltsalt", {.memory_kib = 1024, .passes = 1});
  EXPECT_EQ(trim_argon2_buffers(std::chrono::hours(1)), 1U) << "the second hash used the first one's buffer";
  EXPECT_EQ(trim_argon2_buffers({}), 0U);
}

}  // namespace
}  // namespace gatehouse::crypto
