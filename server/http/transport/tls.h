#pragma once
#include <memory>
#include <string_view>

#include "base/result.h"
#include "http/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace gatehouse::http::transport {

/// Certificate, key and policy of the TLS port: 1.2 and 1.3, ECDHE with AEAD only (RFC 9325), ALPN http/1.1 (RFC 7301), stateless
/// session tickets. Never changes: a reload makes another one.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> load(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  [[nodiscard]] ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// What came of an attempt on a non-blocking socket.
enum class Io { done, want_read, want_write, closed };

/// The bytes of one connection, plain or TLS. OpenSSL reads and writes the socket itself: no copies in between, and no buffers
/// held while the connection is idle. Does not own the socket.
class Stream {
 public:
  Stream() = default;
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// `tls` null: plain. False when memory is short.
  bool open(int socket, const TlsContext* tls);
  [[nodiscard]] bool encrypted() const { return ssl_ != nullptr; }
  Io handshake();
  /// At least one byte into the buffer when done; `closed` at the end of the stream too.
  Io read(char* buffer, size_t size, size_t& received);
  /// Some of the bytes when done.
  Io write(std::string_view bytes, size_t& sent);
  /// Bytes that are in our hands already, so that the socket would not become readable for them.
  [[nodiscard]] bool has_pending() const;
  /// Says goodbye (close_notify, FIN); reading goes on.
  void finish_writing();
  /// Throws away what still comes, undecrypted.
  Io discard(char* buffer, size_t size, size_t& received);

 private:
  Io explain(int result);
  int socket_ = -1;
  ssl_st* ssl_ = nullptr;
  bool established_ = false;
};

}  // namespace gatehouse::http::transport
