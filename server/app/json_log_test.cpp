#include "app/json_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace gatehouse::app {
namespace {

using namespace std::chrono_literals;

/// A pipe as whoever starts the server may give it for standard error.
class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~JsonLogTest() override {
    for (const int end : ends_) ::close(end);
  }
  std::unique_ptr<JsonLog> log(ServerLog::Level level = ServerLog::Level::info) { return JsonLog::to_descriptor(level, ends_[1], clock_); }
  /// What can be read now, as lines.
  std::vector<std::string> read_lines() {
    std::string text(1 << 20, '\0');
    const ssize_t size = ::read(ends_[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    std::vector<std::string> lines;
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) lines.push_back(text.substr(0, end));
    EXPECT_EQ(text, "") << "half a line";
    return lines;
  }
  ManualClock clock_;
  std::array<int, 2> ends_{};
};

TEST_F(JsonLogTest, WritesOneObjectALineInTheOrderSaid) {
  const auto out = log();
  out->info("first", {{"text", "a\"b"}});
  out->write_text(ServerLog::Level::info, "second", R"({"n":1})");
  out->warn("third");
  out->write(ServerLog::Level::debug, "unsaid", {});
  out->flush();
  EXPECT_EQ(read_lines(), (std::vector<std::string>{
                              R"({"time":"2027-01-15T08:00:00.000Z","level":"info","event":"first","text":"a\"b"})",
                              R"({"time":"2027-01-15T08:00:00.000Z","level":"info","event":"second","n":1})",
                              R"({"time":"2027-01-15T08:00:00.000Z","level":"warn","event":"third"})"}));
}

TEST_F(JsonLogTest, WritesWithoutBeingAskedTo) {
  const auto out = log();
  out->info("alone");
  EXPECT_EQ(read_lines().size(), 1u);  // blocks until it comes
}

TEST_F(JsonLogTest, WaitsForNobodyWhenItsReaderStandsStill) {
  auto out = log();
  const std::string text(500, 'x');
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) out->info("line", {{"text", text}});  // five times what may wait
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  (void)read_lines();
  out->info("after");
  std::thread reader([&] {  // takes what is left; the pipe holds what was dropped too, as a number
    bool counted = false;
    for (int i = 0; i < 1'000 && !counted; ++i)
      for (const std::string& line : read_lines()) counted = counted || line.find(R"("event":"log_lines_dropped","count":)") != std::string::npos;
    EXPECT_TRUE(counted);
  });
  out->info("last");
  reader.join();
}

TEST_F(JsonLogTest, EndsAlthoughNobodyReads) {
  auto out = log();
  for (int i = 0; i < 1'000; ++i) out->info("line", {{"text", std::string(500, 'x')}});
  const auto start = std::chrono::steady_clock::now();
  out.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST_F(JsonLogTest, LosesALineThatNoPipeTakesAtOnce) {
  const auto out = log();
  out->info("long", {{"text", std::string(5'000, 'x')}});
  out->info("short");
  out->flush();
  const auto lines = read_lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("short"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::app
