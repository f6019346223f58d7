#include "crypto/sealing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "crypto/testing.h"

namespace gatehouse::crypto {
namespace {

class MasterKeyFile : public testing::Test {
 protected:
  MasterKeyFile() {
    std::string name = "/tmp/gatehouse-crypto-XXXXXX";
    folder_ = mkdtemp(name.data());
    file_ = folder_ + "/master.key";
  }
  ~MasterKeyFile() override { std::filesystem::remove_all(folder_); }

  std::string text() const {
    std::ifstream stream(file_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  FakeRandom random_;
  std::string folder_;
  std::string file_;
};

TEST_F(MasterKeyFile, is_made_once_and_only_its_owner_may_read_it) {
  const auto made = MasterKeys::load_or_create(file_, random_);
  ASSERT_TRUE(made.ok()) << made.error().message;
  struct stat info {};
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto loaded = MasterKeys::load_or_create(file_, random_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->current_id(), made->current_id());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "nothing else is left in the folder";
}

TEST_F(MasterKeyFile, made_by_many_at_once_holds_one_key_for_all) {
  std::vector<std::thread> threads;
  std::vector<std::string> ids(8);
  for (std::string& id : ids) {
    threads.emplace_back([&] {
      const auto keys = MasterKeys::load_or_create(file_, random_);
      if (keys.ok()) id = keys->current_id();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& id : ids) EXPECT_EQ(id, ids.front());
  EXPECT_NE(ids.front(), "");
}

TEST_F(MasterKeyFile, a_new_key_seals_and_the_old_one_still_opens) {
  auto keys = MasterKeys::load_or_create(file_, random_);
  ASSERT_TRUE(keys.ok());
  const std::string sealed = Sealer(std::move(*MasterKeys::load_or_create(file_, random_)), random_).seal("secret", "t/c/1");
  ASSERT_TRUE(keys->add_new(file_, random_).ok());
  const Sealer sealer(std::move(*MasterKeys::load_or_create(file_, random_)), random_);
  EXPECT_EQ(sealer.current_key_id(), keys->current_id());
  EXPECT_FALSE(sealer.is_current(sealed));
  EXPECT_EQ(sealer.open(sealed, "t/c/1")->reveal(), "secret");
  EXPECT_TRUE(sealer.is_current(sealer.seal("secret", "t/c/1")));
  struct stat info {};
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(MasterKeyFile, that_cannot_be_made_says_where) {
  const auto keys = MasterKeys::load_or_create(folder_ + "/no/such/master.key", random_);
  ASSERT_FALSE(keys.ok());
  EXPECT_NE(keys.error().message.find("/no/such/master.key"), std::string::npos);
}

TEST(MasterKeys, refuses_a_file_it_does_not_understand_and_names_the_line) {
  const std::string key = base64_encode(std::string(32, 'k'));
  const struct {
    const char* name;
    std::string text;
  } cases[] = {
      {"an empty file", ""},
      {"only a comment", "# nothing\n"},
      {"no key", "id\n"},
      {"a short key", "id " + base64_encode("short") + "\n"},
      {"not base64", "id ====\n"},
      {"a dot in the id", "i.d " + key + "\n"},
      {"one id twice", "id " + key + "\nid " + key + "\n"},
  };
  for (const auto& c : cases) EXPECT_FALSE(MasterKeys::parse(c.text).ok()) << c.name;
  EXPECT_NE(MasterKeys::parse("a " + key + "\nbroken\n").error().message.find("Line 2"), std::string::npos);
  const auto keys = MasterKeys::parse("# by hand\r\n\na " + key + " \nb " + key);
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->keys().size(), 2U);
}

class SealerTest : public testing::Test {
 protected:
  static MasterKeys keys(std::string_view id) {
    return std::move(*MasterKeys::parse(std::string(id) + " " + base64_encode(std::string(32, id.front())) + "\n"));
  }
  FakeRandom random_;
  Sealer sealer_{keys("a1"), random_};
};

TEST_F(SealerTest, gives_back_what_was_sealed) {
  for (const std::string& secret : {std::string(), std::string("secret"), std::string("\0\xff", 2), std::string(5000, 'x')}) {
    EXPECT_EQ(sealer_.open(sealer_.seal(secret, "t/c/1"), "t/c/1")->reveal(), secret);
  }
}

TEST_F(SealerTest, seals_the_same_secret_differently_each_time) {
  const std::string sealed = sealer_.seal("secret", "t/c/1");
  EXPECT_EQ(sealed.rfind("v1.a1.", 0), 0U);
  EXPECT_NE(sealed, sealer_.seal("secret", "t/c/1"));
}

TEST_F(SealerTest, does_not_open_a_value_that_was_moved_to_another_row) {
  EXPECT_EQ(sealer_.open(sealer_.seal("secret", "t/c/1"), "t/c/2").error().code, Errc::internal);
}

TEST_F(SealerTest, does_not_open_a_touched_value_whatever_character_it_is) {
  const std::string sealed = sealer_.seal("secret", "t/c/1");
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string touched = sealed;
    touched[at] = touched[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sealer_.open(touched, "t/c/1").ok()) << at;
  }
  for (const char* text : {"", "v1", "v1.", "v1.a1", "v1.a1.", "v1.a1.AAAA", "secret", "v2.a1.AAAA"}) {
    EXPECT_EQ(sealer_.open(text, "t/c/1").error().code, Errc::invalid_argument) << text;
  }
}

TEST_F(SealerTest, names_the_key_that_is_missing) {
  const Sealer other(keys("b2"), random_);
  const auto opened = other.open(sealer_.seal("secret", "t/c/1"), "t/c/1");
  EXPECT_EQ(opened.error().code, Errc::internal);
  EXPECT_NE(opened.error().detail.find("a1"), std::string::npos);
  EXPECT_EQ(opened.error().message.find("a1"), std::string::npos);
}

TEST_F(SealerTest, does_not_open_with_another_key_of_the_same_name) {
  const Sealer other(std::move(*MasterKeys::parse("a1 " + base64_encode(std::string(32, 'z')))), random_);
  EXPECT_FALSE(other.open(sealer_.seal("secret", "t/c/1"), "t/c/1").ok());
}

}  // namespace
}  // namespace gatehouse::crypto
