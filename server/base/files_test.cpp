#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace gatehouse {
namespace {

class Files : public ::testing::Test {
 protected:
  Files() {
    if (!::mkdtemp(folder_.data())) throw std::runtime_error("no temporary folder");
  }
  ~Files() override { std::filesystem::remove_all(folder_); }

  std::string folder_ = "/tmp/gatehouse-files-XXXXXX";
};

TEST_F(Files, WritesWithTheModeAskedForWhateverTheUmask) {
  const std::string path = folder_ + "/public.pem";
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(write_file(path, "one\n", 0644));
  ::umask(before);
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0644u);
  EXPECT_EQ(*read_file(path), "one\n");
}

TEST_F(Files, ReplacesAndLeavesNothingBeside) {
  const std::string path = folder_ + "/file";
  ASSERT_TRUE(write_file(path, "first", 0600));
  ASSERT_TRUE(write_file(path, "second", 0600));
  EXPECT_EQ(*read_file(path), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()), 1);
}

TEST_F(Files, AFailedWriteLeavesTheOldFileAndNoTemporaryOne) {
  std::filesystem::create_directory(folder_ + "/taken");
  std::filesystem::create_directory(folder_ + "/taken/inside");
  EXPECT_EQ(write_file(folder_ + "/taken", "text", 0600).error().code, Errc::unavailable);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/taken.new"));
}

TEST_F(Files, WhatIsNotThereCannotBeRead) { EXPECT_EQ(read_file(folder_ + "/nothing").error().code, Errc::not_found); }

}  // namespace
}  // namespace gatehouse
