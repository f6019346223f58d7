#include <ctime>

#include "http/transport/test_server.h"

namespace gatehouse::http::transport {
namespace {

constexpr std::string_view host = " HTTP/1.1\r\nHost: a\r\n\r\n";

/// More is asked than the server can do. Times are compared within a run, and generously: tests share their machine.
class Overload : public ServerTest {
 protected:
  Overload() {
    router.get("/stored", {.lane = Lane::store}, [](const Request&) { return Response::text(200, "stored"); });
    router.get("/hanging", {.lane = Lane::outbound}, [this](const Request&) {
      std::unique_lock lock(gate_mutex);
      gate.wait(lock, [this] { return open; });
      return Response::text(200, "at last");
    });
    router.get("/working", {.lane = Lane::admin}, [](const Request&) {
      std::this_thread::sleep_for(milliseconds(20));
      return Response::text(200, "done");
    });
    router.get("/signing", {.lane = Lane::inline_, .costly = true}, [](const Request&) {
      work(milliseconds(2));
      return Response::text(200, "signed");
    });
  }
  ~Overload() override { release(); }

  /// Keeps a processor busy for so long of its own time.
  static void work(std::chrono::nanoseconds length) {
    const auto used = [] {
      timespec time{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    for (const auto end = used() + length; used() < end;) continue;
  }

  /// Clients that each have asked and wait.
  void ask(const std::string& path, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      waiting.push_back(std::make_unique<TestClient>(port()));
      ASSERT_TRUE(waiting.back()->send("GET " + path + std::string(host)));
    }
  }
  /// Their answers' status codes.
  std::map<int, int> answers() {
    std::map<int, int> found;
    for (const auto& client : waiting) ++found[client->receive().status];
    waiting.clear();
    return found;
  }
  Server::Load::PerLane lane(Lane wanted) const {
    for (const auto& one : server->load().lanes)
      if (one.lane == wanted) return one;
    return {};
  }
  bool lane_is(Lane wanted, size_t busy, size_t queued) {
    return eventually([&] { return lane(wanted).busy == busy && lane(wanted).queued == queued; });
  }
  /// The 99th percentile of a path's times.
  std::chrono::nanoseconds p99(std::string_view path) {
    TestClient client(port());
    std::vector<std::chrono::nanoseconds> times;
    for (int i = 0; i < 300; ++i) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(client.get(path).status, 200) << path;
      times.push_back(std::chrono::steady_clock::now() - start);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() * 99 / 100];
  }

  std::vector<std::unique_ptr<TestClient>> waiting;
};

TEST_F(Overload, OfPeopleAndUpstreamsLeavesMachinesAndRefreshesTheirP99) {
  options.sign_in = {4, 16, milliseconds(60'000)};
  options.outbound = {64, 32, milliseconds(60'000)};
  start();
  std::map<std::string, std::chrono::nanoseconds> calm;
  for (const auto* path : {"/hello", "/stored", "/healthz"}) calm[path] = p99(path);
  ask("/hanging", 64 + 32);
  ask("/slow", 4 + 16);
  ASSERT_TRUE(lane_is(Lane::outbound, 64, 32));
  ASSERT_TRUE(lane_is(Lane::sign_in, 4, 16));
  EXPECT_EQ(get("/hanging").status, 503);
  EXPECT_EQ(get("/slow").status, 503);
  for (const auto& [path, before] : calm) {
    const std::chrono::nanoseconds now = p99(path);
    EXPECT_LE(now, std::max<std::chrono::nanoseconds>(10 * before, milliseconds(50))) << path;
  }
  release();
  EXPECT_EQ(answers(), (std::map<int, int>{{200, 116}}));
}

TEST_F(Overload, IsRefusedAtOnceByWhatIsKnownAboutTheWait) {
  options.sign_in = {2, 100, milliseconds(100), [](size_t ahead) { return milliseconds(40 * ahead); }};
  start();
  ask("/slow", 2);
  ASSERT_TRUE(lane_is(Lane::sign_in, 2, 0));
  ask("/slow", 3);  // 0, 40 and 80 ms
  ASSERT_TRUE(lane_is(Lane::sign_in, 2, 3));
  const auto answer = get("/slow");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(lane(Lane::sign_in).refused, 1U);
  release();
  EXPECT_EQ(answers(), (std::map<int, int>{{200, 5}}));
  EXPECT_EQ(get("/slow").status, 200);
}

TEST_F(Overload, IsRefusedByTheUsualPaceOfTheLane) {
  options.admin = {1, 1000, milliseconds(200)};
  start();
  TestClient client(port());
  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.get("/working").status, 200);
  ask("/working", 60);  // 1.2 s of work
  std::map<int, int> found = answers();
  EXPECT_GE(found[200], 2);
  EXPECT_GE(found[503], 30);
  EXPECT_EQ(found[200] + found[503], 60);
  EXPECT_EQ(get("/working").status, 200);
}

TEST_F(Overload, IsRefusedWhenSomebodyHasWaitedTooLongAlready) {
  options.sign_in = {1, 100, milliseconds(50)};
  start();
  ask("/slow", 1);
  ASSERT_TRUE(lane_is(Lane::sign_in, 1, 0));
  ask("/slow", 1);  // the lane has never been slow: nothing is known against it
  ASSERT_TRUE(lane_is(Lane::sign_in, 1, 1));
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(get("/slow").status, 503);
  release();
  EXPECT_EQ(answers(), (std::map<int, int>{{200, 2}}));
}

TEST_F(Overload, IsOverAtOnceWhenItsClientsHaveLeft) {
  options.sign_in = {1, 100, milliseconds(60'000)};
  start();
  ask("/slow", 1);
  ASSERT_TRUE(lane_is(Lane::sign_in, 1, 0));  // the first is the one that runs
  ask("/slow", 20);
  ASSERT_TRUE(lane_is(Lane::sign_in, 1, 20));
  for (size_t i = 1; i < 20; ++i) waiting[i].reset();
  std::erase(waiting, nullptr);
  waiting.back()->end_sending();  // has said all it wanted to say, but listens
  std::this_thread::sleep_for(milliseconds(100));
  release();
  EXPECT_EQ(waiting.front()->receive().status, 200);
  EXPECT_EQ(waiting.back()->receive().status, 503);
  ASSERT_TRUE(lane_is(Lane::sign_in, 0, 0));
  EXPECT_EQ(slow_running, 1) << "nothing was done for those who left";
  EXPECT_EQ(get("/slow").status, 200);
}

TEST_F(Overload, OfALoopRefusesWhatIsDearAndServesTheRest) {
  options.io_threads = 1;
  start();
  EXPECT_EQ(get("/signing").status, 200);
  ask("/signing", 150);  // 300 ms of work
  EXPECT_EQ(get("/healthz").status, 200);
  std::map<int, int> found = answers();
  EXPECT_GE(found[200], 15) << "what fits into its time is done";
  EXPECT_GE(found[503], 20);
  EXPECT_EQ(found[200] + found[503], 150);
  EXPECT_TRUE(eventually([this] { return get("/signing").status == 200; }));
}

}  // namespace
}  // namespace gatehouse::http::transport
