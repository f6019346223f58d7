#include "http/server.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "http/transport/connection.h"

namespace gatehouse::http {
namespace {

using transport::LanePool;
using transport::Loop;
using transport::Shared;
using transport::TlsContext;

constexpr int backlog = 4096;
constexpr int port_attempts = 16;

/// An open listening socket.
class Listener {
 public:
  explicit Listener(int socket) : socket_(socket) {}
  Listener(Listener&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener() {
    if (socket_ >= 0) ::close(socket_);
  }
  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] uint16_t port() const {
    sockaddr_in6 address{};
    socklen_t length = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin6_port);  // at the same place in sockaddr_in
  }

 private:
  int socket_;
};

/// Binds without SO_REUSEPORT: with it a second server would take the port unnoticed.
Result<Listener> bind_to(const IpAddress& address, uint16_t port) {
  const bool v4 = address.is_v4();
  Listener listener(::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  int result = listener.socket() < 0 ? -1 : setsockopt(listener.socket(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (result == 0 && v4) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    std::memcpy(&name.sin_addr, address.bytes().data() + 12, 4);
    result = ::bind(listener.socket(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  } else if (result == 0) {
    const int only_v6 = address != *IpAddress::parse("::");
    setsockopt(listener.socket(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    std::memcpy(&name.sin6_addr, address.bytes().data(), 16);
    result = ::bind(listener.socket(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }
  if (result == 0) result = ::listen(listener.socket(), backlog);
  if (result == 0) return listener;
  const int error = errno;
  const std::string where = address.to_string() + " port " + std::to_string(port);
  if (error == EADDRINUSE) return Error{Errc::unique_violation, "Another program is listening on " + where + " already."};
  if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
    return Error{Errc::not_found, "This machine has no address " + address.to_string() + "."};
  return Error{Errc::unavailable, "Cannot listen on " + where + ": " + std::strerror(error) + "."};
}

/// 127.0.0.1 and ::1 on one port, or the one address that was asked for. A machine without IPv6 is served on IPv4 alone.
Result<std::vector<Listener>> open_listeners(const ServerOptions& options) {
  std::vector<Listener> listeners;
  if (options.listen != "loopback") {
    const auto address = IpAddress::parse(options.listen);
    if (!address) return Error{Errc::invalid_argument, "'" + options.listen + "' is not an address to listen on."};
    TRY(Listener listener, bind_to(*address, options.port));
    listeners.push_back(std::move(listener));
    return listeners;
  }
  for (int attempt = 0;; ++attempt) {
    TRY(Listener v4, bind_to(*IpAddress::parse("127.0.0.1"), options.port));
    Result<Listener> v6 = bind_to(*IpAddress::parse("::1"), v4.port());
    if (v6 || v6.error().code != Errc::unique_violation) {
      listeners.push_back(std::move(v4));
      if (v6) listeners.push_back(std::move(v6).value());
      return listeners;
    }
    if (options.port != 0 || attempt == port_attempts) return std::move(v6).error();
  }
}

/// As many descriptors as the system lets us have: each connection needs one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void fill_in(ServerHooks& hooks) {
  if (!hooks.resolve_host) hooks.resolve_host = [](std::string_view) { return std::pair(TenantId(), std::string()); };
  if (!hooks.failure) {
    hooks.failure = [](const Request&, int status, std::string_view message) {
      Response response = Response::json(status, {{"statusCode", status}, {"message", message}});
      if (status == 503) response.set("Retry-After", "1");
      return response;
    };
  }
  if (!hooks.no_route) {
    hooks.no_route = [failure = hooks.failure](const Request& request, const Router::Match& match) {
      if (!match.path_known) return failure(request, 404, "Not Found");
      std::string allow;
      for (const Method method : match.allow) allow.append(allow.empty() ? "" : ", ").append(to_string(method));
      return failure(request, 405, "Method Not Allowed").set("Allow", allow);
    };
  }
}

class TransportServer final : public Server {
 public:
  TransportServer(ServerOptions options, const Router& router, ServerHooks hooks, const Clock& clock, TrustedProxies proxies)
      : shared_{std::move(options), router, std::move(hooks), clock, std::move(proxies), {}} {
    const ServerOptions& o = shared_.options;
    shared_.request_limits = {o.max_request_line, o.max_header, o.max_header_fields};
    fill_in(shared_.hooks);
  }

  ~TransportServer() override {
    stop();
    // The lanes first: what they still run answers to the loops.
    shared_.store.reset();
    shared_.sign_in.reset();
    shared_.outbound.reset();
    shared_.admin.reset();
    loops_.clear();
  }

  Result<void> open() {
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    const ServerOptions& o = shared_.options;
    std::shared_ptr<const TlsContext> tls;
    if (o.tls) {
      TRY(tls, TlsContext::load(*o.tls));
    }
    TRY(const std::vector<Listener> listeners, open_listeners(o));
    port_ = listeners.front().port();
    shared_.store = std::make_unique<LanePool>(Lane::store, o.store);
    shared_.sign_in = std::make_unique<LanePool>(Lane::sign_in, o.sign_in);
    shared_.outbound = std::make_unique<LanePool>(Lane::outbound, o.outbound);
    shared_.admin = std::make_unique<LanePool>(Lane::admin, o.admin);
    const size_t count = o.io_threads != 0 ? o.io_threads : std::max(1u, std::thread::hardware_concurrency());
    for (size_t i = 0; i < count; ++i) {
      loops_.push_back(std::make_unique<Loop>(shared_, tls));
      shared_.loops.push_back(loops_.back().get());
      for (const Listener& listener : listeners) TRY_VOID(loops_.back()->listen(listener.socket()));
    }
    for (const auto& loop : loops_) loop->start();
    return {};
  }

  [[nodiscard]] uint16_t port() const override { return port_; }

  void stop() override {
    shared_.stopping = true;
    for (const auto& loop : loops_) loop->begin_stop();
    if (wait_until_closed(shared_.options.stop_timeout)) return;
    shared_.abandoned = true;
    for (const auto& loop : loops_) loop->close_all();
    wait_until_closed(milliseconds(200));  // connections whose handler still runs stay until it returns
  }

  Result<void> reload_tls() override {
    if (!shared_.options.tls) return {};
    TRY(const std::shared_ptr<const TlsContext> tls, TlsContext::load(*shared_.options.tls));
    for (const auto& loop : loops_) loop->set_tls(tls);
    return {};
  }

  [[nodiscard]] Load load() const override {
    Load load;
    load.connections = shared_.connections;
    for (const auto* pool : {&shared_.store, &shared_.sign_in, &shared_.outbound, &shared_.admin}) load.lanes.push_back((*pool)->load());
    return load;
  }

 private:
  bool wait_until_closed(milliseconds limit) {
    std::unique_lock lock(shared_.addresses_mutex);
    return shared_.all_closed.wait_for(lock, limit, [this] { return shared_.connections == 0; });
  }

  Shared shared_;
  std::vector<std::unique_ptr<Loop>> loops_;
  uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, const Router& router, ServerHooks hooks, const Clock& clock) {
  TRY(TrustedProxies proxies, TrustedProxies::parse(options.trusted_proxies));
  auto server = std::make_unique<TransportServer>(std::move(options), router, std::move(hooks), clock, std::move(proxies));
  TRY_VOID(server->open());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace gatehouse::http
