// The load generator: reads a scenario (JSON, bench/load/load.mjs writes it) on standard input, runs it on one thread, prints what it saw
// as JSON. The window that counts begins when all connections are up and ends with the last answer.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "answer.h"
#include "connection.h"
#include "scenario.h"

namespace bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr size_t connecting_at_once = 64;  // below every listen backlog
constexpr size_t failures_enough = 100;

/// CPU that a process's threads have used so far, microseconds.
double cpu_us(int pid) {
  double sum = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    double ns = 0;
    std::ifstream(task.path() / "schedstat") >> ns;
    sum += ns / 1000;
  }
  return sum;
}

double own_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Median and 99th percentile of times in nanoseconds, as microseconds.
json::object summary(std::vector<uint64_t>& times) {
  const auto at = [&](double part) {
    if (times.empty()) return 0.0;
    const auto nth = times.begin() + static_cast<ptrdiff_t>(part * double(times.size() - 1));
    std::nth_element(times.begin(), nth, times.end());
    return double(*nth) / 1000;
  };
  return {{"count", times.size()}, {"p50_us", at(0.5)}, {"p99_us", at(0.99)}, {"max_us", at(1)}};
}

/// A connection and where it stands in its flow.
struct Client {
  Client(const Scenario& scenario, SSL_CTX* tls, int epoll, size_t index) : connection(scenario, tls, epoll, index) {}

  Connection connection;
  Variables variables, cookies;
  size_t step = 0;
  bool in_flow = false;
  Clock::time_point flow_begun, asked;
};

class Load {
 public:
  explicit Load(const Scenario& scenario) : scenario_(scenario), tls_(scenario.tls ? client_context() : nullptr), epoll_(epoll_create1(0)) {
    for (size_t i = 0; i < scenario_.connections; ++i) clients_.emplace_back(scenario_, tls_, epoll_, i);
    step_times_.resize(scenario_.steps.size());
  }
  ~Load() {
    clients_.clear();
    SSL_SESSION_free(session_);
    SSL_CTX_free(tls_);
    close(epoll_);
  }

  json::object run() {
    if (scenario_.connect == Scenario::Connect::keep) connect_all();
    if (scenario_.connect == Scenario::Connect::resumed_handshake) obtain_session();
    std::vector<double> cpu_before;
    for (const int pid : scenario_.watch) cpu_before.push_back(cpu_us(pid));
    const double own_before = own_cpu_us();
    begun_ = ended_ = Clock::now();
    for (Client& client : clients_) begin_flow(client);
    while (running_ > 0) each_event([&](Client& client) { on_event(client); });

    json::array watched;
    for (size_t i = 0; i < cpu_before.size(); ++i) watched.push_back(cpu_us(scenario_.watch[i]) - cpu_before[i]);
    json::object statuses;
    for (const auto& [status, count] : statuses_) statuses[std::to_string(status)] = count;
    json::array steps;
    std::vector<uint64_t> all;
    for (std::vector<uint64_t>& times : step_times_) {
      all.insert(all.end(), times.begin(), times.end());
      steps.push_back(summary(times));
    }
    return {{"seconds", std::chrono::duration<double>(ended_ - begun_).count()},
            {"requests", summary(all)},
            {"flows", summary(flow_times_)},
            {"steps", std::move(steps)},
            {"statuses", std::move(statuses)},
            {"failed", failed_},
            {"first_failure", first_failure_},
            {"resumed", resumed_},
            {"received_bytes", received_bytes_},
            {"watched_cpu_us", std::move(watched)},
            {"own_cpu_us", own_cpu_us() - own_before}};
  }

  /// Variables of sticky connections, as the last flow left them.
  json::array rows() const {
    json::array rows;
    for (const Client& client : clients_) {
      json::object row;
      for (const auto& [name, value] : client.variables) row[name] = value;
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  void connect_all() {
    size_t opened = 0, up = 0;
    while (up < clients_.size()) {
      while (opened < clients_.size() && opened - up < connecting_at_once) clients_[opened++].connection.open(nullptr);
      each_event([&](Client& client) {
        if (client.connection.state() != Connection::State::connecting) return;
        const Connection::State state = client.connection.advance();
        if (state == Connection::State::closed) throw std::runtime_error("the server refused a connection");
        if (state == Connection::State::ready) ++up;
      });
    }
  }

  void obtain_session() {
    Connection& connection = clients_[0].connection;
    connection.open(nullptr);
    session_ = connection.wait_for_session();
    connection.close();
  }

  template <class F>
  void each_event(F on) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, 1000);
    if (count == 0) {
      if (++silent_ >= 60) throw std::runtime_error("no answer for a minute");
      return;
    }
    silent_ = 0;
    for (int i = 0; i < count; ++i) on(clients_[events[i].data.u64]);
  }

  bool more_wanted() const {
    if (failed_ >= failures_enough) return false;
    if (scenario_.flows > 0 && started_ >= scenario_.flows) return false;
    return scenario_.seconds <= 0 || std::chrono::duration<double>(Clock::now() - begun_).count() < scenario_.seconds;
  }

  void begin_flow(Client& client) {
    if (client.in_flow) --running_;
    client.in_flow = more_wanted();
    if (!client.in_flow) return;
    ++running_;
    client.step = 0;
    client.flow_begun = Clock::now();
    if (!scenario_.sticky || client.variables.empty()) {
      client.variables = scenario_.rows[started_ % scenario_.rows.size()];
      client.cookies.clear();
    }
    client.variables.insert_or_assign("number", std::to_string(++started_));
    if (scenario_.connect != Scenario::Connect::keep) client.connection.open(session_);
    if (client.connection.state() == Connection::State::closed) client.connection.open(nullptr);  // the server had ended it
    if (client.connection.state() != Connection::State::connecting) ask(client);
  }

  void ask(Client& client) {
    const Step& step = scenario_.steps[client.step];
    body_.clear();
    step.body.render(body_, client.variables);
    std::string& out = client.connection.out();
    out.clear();
    step.head.render(out, client.variables);
    out.append("\r\nHost: ").append(scenario_.host);
    for (auto cookie = client.cookies.begin(); cookie != client.cookies.end(); ++cookie)
      out.append(cookie == client.cookies.begin() ? "\r\nCookie: " : "; ").append(cookie->first).append("=").append(cookie->second);
    if (!step.body.empty() || out.starts_with("POST")) out.append("\r\nContent-Length: ").append(std::to_string(body_.size()));
    out.append("\r\n\r\n").append(body_);
    client.asked = Clock::now();
    client.connection.send();
  }

  void on_event(Client& client) {
    const Connection::State before = client.connection.state();
    if (before == Connection::State::closed) return;
    const Connection::State state = client.connection.advance();
    if (!client.in_flow) return;
    if (state == Connection::State::closed) return fail(client, "the connection ended early");
    if (before == Connection::State::connecting && state == Connection::State::ready) {
      resumed_ += client.connection.resumed();
      return scenario_.steps.empty() ? end_flow(client) : ask(client);
    }
    if (state != Connection::State::receiving) return;
    if (const std::optional<Answer> answer = parse_answer(client.connection.received())) on_answer(client, *answer);
  }

  void on_answer(Client& client, const Answer& answer) {
    const Step& step = scenario_.steps[client.step];
    const std::string& text = client.connection.received();
    step_times_[client.step].push_back(static_cast<uint64_t>((Clock::now() - client.asked).count()));
    received_bytes_ += answer.bytes;
    ++statuses_[answer.status];
    if (step.status != 0 && answer.status != step.status) return fail(client, text);
    store_cookies(client.cookies, text);
    for (const Capture& capture : step.captures) {
      const size_t begin = text.find(capture.after);
      const size_t end = begin == std::string::npos ? begin : text.find(capture.until, begin + capture.after.size());
      if (end == std::string::npos) return fail(client, "nothing to capture for " + capture.name + " in\n" + text);
      const size_t from = begin + capture.after.size();
      client.variables.insert_or_assign(capture.name, text.substr(from, end - from));
    }
    if (answer.closes) client.connection.close();
    if (++client.step == scenario_.steps.size()) return end_flow(client);
    if (answer.closes) return client.connection.open(nullptr);
    ask(client);
  }

  void end_flow(Client& client) {
    ended_ = Clock::now();
    flow_times_.push_back(static_cast<uint64_t>((ended_ - client.flow_begun).count()));
    begin_flow(client);
  }

  void fail(Client& client, const std::string& why) {
    if (failed_++ == 0) first_failure_ = "step " + std::to_string(client.step) + ": " + why.substr(0, 2000);
    client.variables.clear();
    begin_flow(client);
  }

  const Scenario& scenario_;
  SSL_CTX* tls_;
  int epoll_;
  std::deque<Client> clients_;
  SSL_SESSION* session_ = nullptr;
  Clock::time_point begun_, ended_;
  size_t started_ = 0, running_ = 0, failed_ = 0, resumed_ = 0, received_bytes_ = 0;
  int silent_ = 0;
  std::string body_, first_failure_;
  std::vector<std::vector<uint64_t>> step_times_;
  std::vector<uint64_t> flow_times_;
  std::map<int, size_t> statuses_;
};

void allow_many_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::allow_many_files();
    const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
    const bench::Scenario scenario = bench::Scenario::parse(input);
    bench::Load load(scenario);
    boost::json::object result = load.run();
    if (scenario.sticky) result["rows"] = load.rows();
    std::cout << boost::json::serialize(result) << std::endl;
    if (scenario.hold) pause();  // until a signal ends it
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
