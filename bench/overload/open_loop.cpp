// The open-loop load generator: requests leave when they are due, whether or not earlier ones were answered, as those of people and machines
// who do not know of each other do. A closed loop asks slower the slower it is answered, and so never overloads anybody.
//
// Reads a plan (JSON, bench/overload.mjs writes it) on standard input, runs it over plain HTTP on one thread, prints what it saw as JSON.
// A time begins when the request is due and a connection could have been free for it; it ends with the last byte of the answer.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>

namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr auto grace = std::chrono::seconds(5);

double number(const json::object& object, std::string_view key, double otherwise) {
  const json::value* found = object.if_contains(key);
  return found ? found->to_number<double>() : otherwise;
}

json::object summary(std::vector<nanoseconds>& times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times.empty() ? 0.0 : double(times[size_t(part * double(times.size() - 1))].count()) / 1e6; };
  return {{"count", times.size()}, {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", at(1)}};
}

/// One kind of request and the rate at which it is asked.
struct Stream {
  std::string name;
  double rate = 0;  ///< requests a second; 0: every connection asks again as soon as it is answered
  size_t connections = 1;
  std::vector<std::string> requests;  ///< taken in turn; whole requests as they go over the wire
  std::string chain_after;            ///< where the answer's text begins that fills the next request's {{}} on the same connection
  std::vector<std::string> chain;     ///< a connection's first such text

  std::mt19937_64 random{1};  // the same arrivals in every run
  Clock::time_point due{};
  size_t asked = 0;
  std::deque<Clock::time_point> waiting;  // due, but all connections were busy
  std::vector<size_t> idle;
  std::vector<nanoseconds> served, refused;
  size_t failed = 0, unanswered = 0;
  json::object failures;  // the first of them
};

struct Connection {
  Stream* stream = nullptr;
  int socket = -1;
  bool busy = false;
  std::string out, in, link;
  size_t sent = 0;
  Clock::time_point since;
};

class Run {
 public:
  explicit Run(const json::object& plan) : port_(uint16_t(number(plan, "port", 0))), length_(nanoseconds(int64_t(number(plan, "seconds", 1) * 1e9))),
                                            warm_(nanoseconds(int64_t(number(plan, "warm_seconds", 0) * 1e9))) {
    for (const json::value& value : plan.at("streams").as_array()) {
      const json::object& o = value.as_object();
      auto stream = std::make_unique<Stream>();
      stream->name = std::string(o.at("name").as_string());
      stream->rate = number(o, "rate", 0);
      stream->connections = size_t(number(o, "connections", 1));
      for (const json::value& request : o.at("requests").as_array()) stream->requests.emplace_back(request.as_string());
      if (const json::value* after = o.if_contains("chain_after")) stream->chain_after = std::string(after->as_string());
      if (const json::value* chain = o.if_contains("chain"))
        for (const json::value& link : chain->as_array()) stream->chain.emplace_back(link.as_string());
      streams_.push_back(std::move(stream));
    }
  }

  json::object run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    for (const auto& stream : streams_) {
      for (size_t i = 0; i < stream->connections; ++i) {
        auto connection = std::make_unique<Connection>();
        connection->stream = stream.get();
        if (!stream->chain.empty()) connection->link = stream->chain[i % stream->chain.size()];
        connections_.push_back(std::move(connection));
        connect(connections_.size() - 1);
        stream->idle.push_back(connections_.size() - 1);
      }
    }
    begin_ = Clock::now();
    for (const auto& stream : streams_) {
      stream->due = begin_;
      if (stream->rate == 0) while (!stream->idle.empty()) ask(*stream, Clock::now());
      else next_due(*stream);
    }
    const auto end = begin_ + warm_ + length_;
    std::array<epoll_event, 256> events{};
    while (Clock::now() < end) {
      timespec wait = ask_what_is_due(end);
      const int count = epoll_pwait2(epoll_, events.data(), int(events.size()), &wait, nullptr);
      for (int i = 0; i < count; ++i) advance(events[size_t(i)].data.u64);
    }
    for (const auto& connection : connections_)
      if (connection->busy && connection->since >= begin_ + warm_) ++connection->stream->unanswered;
    finish_chains(events);
    for (const auto& connection : connections_) ::close(connection->socket);
    json::object result;
    const double seconds = double(length_.count()) / 1e9;
    for (const auto& stream : streams_) {
      json::object o;
      o["offered"] = stream->rate;
      o["goodput"] = double(stream->served.size()) / seconds;
      o["served"] = summary(stream->served);
      o["refused"] = summary(stream->refused);
      o["failed"] = stream->failed;
      o["unanswered"] = stream->unanswered + stream->waiting.size();
      if (!stream->chain.empty()) {  // where the next run has to go on
        json::array links;
        for (const auto& connection : connections_)
          if (connection->stream == stream.get()) links.emplace_back(connection->link);
        o["chain"] = std::move(links);
      }
      if (!stream->failures.empty()) o["failures"] = stream->failures;
      result[stream->name] = std::move(o);
    }
    return result;
  }

 private:
  /// A chain is broken by whoever does not wait for its next link.
  void finish_chains(std::array<epoll_event, 256>& events) {
    over_ = true;
    const auto under_way = [this] {
      return std::any_of(connections_.begin(), connections_.end(), [](const auto& c) { return c->busy && !c->link.empty(); });
    };
    for (const auto until = Clock::now() + grace; under_way() && Clock::now() < until;) {
      const int count = epoll_wait(epoll_, events.data(), int(events.size()), 10);
      for (int i = 0; i < count; ++i) advance(events[size_t(i)].data.u64);
    }
  }

  void connect(size_t index) {
    Connection& c = *connections_[index];
    c.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(c.socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    epoll_event event{EPOLLIN | EPOLLRDHUP, {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, c.socket, &event);
  }

  void next_due(Stream& stream) {
    const double gap = std::exponential_distribution<double>(stream.rate)(stream.random);
    stream.due += nanoseconds(int64_t(gap * 1e9));
  }

  /// Asks, and says how long there is nothing to ask.
  timespec ask_what_is_due(Clock::time_point end) {
    const auto now = Clock::now();
    auto next = end;
    for (const auto& stream : streams_) {
      if (stream->rate == 0) continue;
      while (stream->due <= now) {
        stream->waiting.push_back(now);
        next_due(*stream);
      }
      while (!stream->waiting.empty() && !stream->idle.empty()) {
        ask(*stream, stream->waiting.front());
        stream->waiting.pop_front();
      }
      next = std::min(next, stream->due);
    }
    const int64_t ns = std::max<int64_t>(0, (next - Clock::now()).count());
    return {ns / 1'000'000'000, ns % 1'000'000'000};
  }

  void ask(Stream& stream, Clock::time_point since) {
    const size_t index = stream.idle.back();
    stream.idle.pop_back();
    Connection& c = *connections_[index];
    c.out = stream.requests[stream.asked++ % stream.requests.size()];
    if (!c.link.empty()) {  // a form's body: its length changes with what is filled in
      c.out.replace(c.out.find("{{}}"), 4, c.link);
      const size_t body = c.out.find("\r\n\r\n") + 4;
      c.out.insert(body - 2, "Content-Length: " + std::to_string(c.out.size() - body) + "\r\n");
    }
    c.in.clear();
    c.busy = true;
    c.since = since;
    if (::send(c.socket, c.out.data(), c.out.size(), MSG_NOSIGNAL) != ssize_t(c.out.size())) done(index, 0);
  }

  void advance(size_t index) {
    Connection& c = *connections_[index];
    char bytes[16 * 1024];
    const ssize_t got = ::recv(c.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return done(index, 0);
    c.in.append(bytes, size_t(got));
    const size_t head = c.in.find("\r\n\r\n");
    if (head == std::string::npos || !c.busy) return;
    size_t body = 0;
    if (const size_t at = c.in.find("Content-Length: "); at < head) std::from_chars(c.in.data() + at + 16, c.in.data() + head, body);
    if (c.in.size() < head + 4 + body) return;
    int status = 0;
    std::from_chars(c.in.data() + 9, c.in.data() + 12, status);
    done(index, status);
  }

  void done(size_t index, int status) {
    Connection& c = *connections_[index];
    Stream& stream = *c.stream;
    const auto now = Clock::now();
    if (c.busy && now >= begin_ + warm_ && !over_) {
      if (status >= 200 && status < 400) {
        stream.served.push_back(now - c.since);
      } else if (status == 429 || status == 503) {
        stream.refused.push_back(now - c.since);
      } else {
        if (++stream.failed <= 3) stream.failures[std::to_string(stream.failed)] = status == 0 ? "the connection ended" : c.in.substr(0, 400);
      }
    }
    if (status >= 200 && status < 300 && !stream.chain_after.empty()) {
      if (const size_t at = c.in.find(stream.chain_after); at != std::string::npos) {
        const size_t begin = at + stream.chain_after.size();
        c.link = c.in.substr(begin, c.in.find('"', begin) - begin);
      }
    }
    const bool was_busy = std::exchange(c.busy, false);
    if (status == 0) {
      ::close(c.socket);
      connect(index);
    }
    if (!was_busy || over_) return;
    stream.idle.push_back(index);
    if (stream.rate == 0) ask(stream, now);
    else if (!stream.waiting.empty()) {
      ask(stream, stream.waiting.front());
      stream.waiting.pop_front();
    }
  }

  uint16_t port_;
  nanoseconds length_, warm_;
  int epoll_ = -1;
  bool over_ = false;  // nothing is asked or counted any more
  Clock::time_point begin_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace

int main() try {
  prctl(PR_SET_TIMERSLACK, 1000UL);  // arrivals are microseconds apart
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  std::cout << json::serialize(Run(json::parse(input).as_object()).run()) << '\n';
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "open_loop: %s\n", error.what());
  return 1;
}
