#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bench {

Connection::Connection(const Scenario& scenario, SSL_CTX* tls, int epoll, size_t index)
    : scenario_(scenario), tls_(tls), epoll_(epoll), index_(index) {}

Connection::~Connection() { close(); }

void Connection::open(SSL_SESSION* resume) {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (scenario_.connect != Scenario::Connect::keep) {
    // Thousands of short connections would use up the ports: end them with a reset, which leaves no TIME_WAIT behind.
    const linger at_once{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(scenario_.port);
  if (inet_pton(AF_INET, scenario_.address.c_str(), &to.sin_addr) != 1) throw std::runtime_error("address: not an IPv4 address");
  if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  if (tls_) {
    ssl_ = SSL_new(tls_);
    SSL_set_fd(ssl_, socket_);
    SSL_set_tlsext_host_name(ssl_, scenario_.host.substr(0, scenario_.host.find(':')).c_str());
    if (resume) {  // a copy: libssl uses a session once (RFC 8446 §C.4)
      SSL_SESSION* copy = SSL_SESSION_dup(resume);
      SSL_set_session(ssl_, copy);
      SSL_SESSION_free(copy);
    }
    SSL_set_connect_state(ssl_);
  }
  connected_ = false;
  state_ = State::connecting;
  epoll_event event{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.u64 = index_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event);
}

void Connection::close() {
  if (ssl_) {
    if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
    SSL_SESSION_free(static_cast<SSL_SESSION*>(SSL_get_app_data(ssl_)));
    SSL_free(ssl_);
    ssl_ = nullptr;
  }
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::closed;
}

void Connection::send() {
  in_.clear();
  sent_ = 0;
  state_ = write_all();
}

Connection::State Connection::advance() {
  switch (state_) {
    case State::closed: break;
    case State::connecting: state_ = handshake(); break;
    case State::sending: state_ = write_all(); break;
    case State::ready:
    case State::receiving: state_ = read_all(); break;
  }
  if (state_ == State::closed) close();
  return state_;
}

Connection::State Connection::handshake() {
  if (!connected_) {
    pollfd writable{socket_, POLLOUT, 0};
    if (poll(&writable, 1, 0) == 0) return State::connecting;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return State::closed;
    connected_ = true;
  }
  if (!ssl_) return State::ready;
  const int done = SSL_connect(ssl_);
  if (done == 1) return State::ready;
  const int why = SSL_get_error(ssl_, done);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? State::connecting : State::closed;
}

Connection::State Connection::write_all() {
  while (sent_ < out_.size()) {
    const char* from = out_.data() + sent_;
    const size_t left = out_.size() - sent_;
    const ssize_t moved = result_of(ssl_ ? SSL_write(ssl_, from, static_cast<int>(left)) : ::send(socket_, from, left, MSG_NOSIGNAL));
    if (moved < 0) return State::closed;
    if (moved == 0) return State::sending;
    sent_ += static_cast<size_t>(moved);
  }
  return State::receiving;
}

// Edge-triggered: reads until the socket has no more, or a short read says so.
Connection::State Connection::read_all() {
  char buffer[16384];
  for (;;) {
    const ssize_t moved = result_of(ssl_ ? SSL_read(ssl_, buffer, sizeof buffer) : recv(socket_, buffer, sizeof buffer, 0));
    if (moved < 0) return State::closed;
    if (moved == 0) return state_;
    in_.append(buffer, static_cast<size_t>(moved));
    if (!ssl_ && moved < static_cast<ssize_t>(sizeof buffer)) return state_;
  }
}

ssize_t Connection::result_of(ssize_t moved) {
  if (moved > 0) return moved;
  if (!ssl_) return moved < 0 && errno == EAGAIN ? 0 : -1;
  const int why = SSL_get_error(ssl_, static_cast<int>(moved));
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

namespace {

// OpenSSL calls this when a session ticket has come. The reference is ours from then on.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  SSL_SESSION_free(static_cast<SSL_SESSION*>(SSL_get_app_data(ssl)));
  SSL_set_app_data(ssl, session);
  return 1;
}

}  // namespace

SSL_SESSION* Connection::wait_for_session() {
  for (int tries = 0; tries < 100 && ssl_; ++tries) {
    advance();
    if (SSL_SESSION* session = ssl_ ? static_cast<SSL_SESSION*>(SSL_get_app_data(ssl_)) : nullptr) {
      SSL_set_app_data(ssl_, nullptr);
      return session;
    }
    pollfd readable{socket_, POLLIN, 0};
    poll(&readable, 1, 50);
  }
  throw std::runtime_error("the server gave no session to resume");
}

SSL_CTX* client_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return context;
}

}  // namespace bench
