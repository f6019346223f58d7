#pragma once
#include <openssl/ssl.h>

#include <string>

#include "scenario.h"

namespace bench {

/// One non-blocking client connection, TCP or TLS, in an edge-triggered epoll set. Its owner calls advance() on every event and looks at
/// the state that comes back.
class Connection {
 public:
  enum class State {
    closed,      ///< never opened, or ended by the server or an error
    connecting,  ///< TCP or TLS handshake under way
    ready,       ///< nothing asked
    sending,
    receiving,  ///< asked; `received()` grows
  };

  Connection(const Scenario& scenario, SSL_CTX* tls, int epoll, size_t index);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect; `resume` is the session to resume, or null.
  void open(SSL_SESSION* resume);
  /// Ends the connection, politely when TLS is up.
  void close();
  /// Sends the bytes of `out()`; what came before is forgotten.
  void send();
  /// Goes on as far as the socket allows.
  State advance();

  State state() const { return state_; }
  std::string& out() { return out_; }
  const std::string& received() const { return in_; }
  bool resumed() const { return ssl_ && SSL_session_reused(ssl_); }
  /// Blocks until a session that can be resumed has come (in TLS 1.3 it comes after the handshake); the caller frees it.
  SSL_SESSION* wait_for_session();

 private:
  State handshake();
  State write_all();
  State read_all();
  /// Bytes moved, 0 when the socket would block, -1 when the connection has ended.
  ssize_t result_of(ssize_t moved);

  const Scenario& scenario_;
  SSL_CTX* tls_;
  int epoll_;
  size_t index_;
  int socket_ = -1;
  SSL* ssl_ = nullptr;
  State state_ = State::closed;
  bool connected_ = false;
  std::string out_, in_;
  size_t sent_ = 0;
};

/// A client context without certificate checks: the servers are our own, on loopback.
SSL_CTX* client_context();

}  // namespace bench
