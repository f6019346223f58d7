#include "http/transport/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace gatehouse::http::transport {
namespace {

std::string openssl_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    char line[256];
    ERR_error_string_n(code, line, sizeof line);
    if (!text.empty()) text.append("; ");
    text.append(line);
  }
  return text;
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length, void*) {
  static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  // A client that offers only protocols we do not speak is told so (RFC 7301 §3.2).
  return SSL_select_next_proto(const_cast<unsigned char**>(out), out_length, ours, sizeof ours, in, in_length) == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* raw = SSL_CTX_new(TLS_server_method());
  if (!raw) return Error{Errc::internal, "TLS is not available.", openssl_errors()};
  std::shared_ptr<const TlsContext> context(new TlsContext(raw));
  const bool policy =
      SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
      SSL_CTX_set_cipher_list(raw,
                              "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                              "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
      SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") == 1;
  if (!policy) return Error{Errc::internal, "The TLS policy cannot be set.", openssl_errors()};
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets only: nothing is remembered here
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, &select_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(raw, options.cert_file.c_str()) != 1)
    return Error{Errc::invalid_argument, "The certificate '" + options.cert_file + "' cannot be read.", openssl_errors()};
  if (SSL_CTX_use_PrivateKey_file(raw, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return Error{Errc::invalid_argument, "The key '" + options.key_file + "' cannot be read or does not fit its certificate.",
                 openssl_errors()};
  if (SSL_CTX_check_private_key(raw) != 1)
    return Error{Errc::invalid_argument, "The key '" + options.key_file + "' does not fit its certificate.", openssl_errors()};
  return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Stream::~Stream() { SSL_free(ssl_); }

bool Stream::open(int socket, const TlsContext* tls) {
  socket_ = socket;
  if (!tls) return true;
  ssl_ = SSL_new(tls->get());
  if (!ssl_ || SSL_set_fd(ssl_, socket) != 1) return false;
  SSL_set_accept_state(ssl_);
  return true;
}

Io Stream::explain(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return Io::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::want_write;
    default:
      established_ = false;  // after an error no close_notify may be sent
      return Io::closed;
  }
}

Io Stream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result != 1) return explain(result);
  established_ = true;
  return Io::done;
}

Io Stream::read(char* buffer, size_t size, size_t& received) {
  received = 0;
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_, buffer, size, &received);
    return result == 1 ? Io::done : explain(result);
  }
  ssize_t result;
  do result = ::recv(socket_, buffer, size, 0);
  while (result < 0 && errno == EINTR);
  if (result < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Io::want_read : Io::closed;
  received = static_cast<size_t>(result);
  return received == 0 ? Io::closed : Io::done;
}

Io Stream::write(std::string_view bytes, size_t& sent) {
  sent = 0;
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent);
    return result == 1 ? Io::done : explain(result);
  }
  ssize_t result;
  do result = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (result < 0 && errno == EINTR);
  if (result < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Io::want_write : Io::closed;
  sent = static_cast<size_t>(result);
  return Io::done;
}

bool Stream::has_pending() const { return ssl_ && SSL_has_pending(ssl_) == 1; }

void Stream::finish_writing() {
  if (ssl_ && established_) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
  }
  ::shutdown(socket_, SHUT_WR);
}

Io Stream::discard(char* buffer, size_t size, size_t& received) {
  received = 0;
  const ssize_t result = ::recv(socket_, buffer, size, 0);
  if (result < 0) return errno == EAGAIN || errno == EINTR ? Io::want_read : Io::closed;
  received = static_cast<size_t>(result);
  return received == 0 ? Io::closed : Io::done;
}

}  // namespace gatehouse::http::transport
