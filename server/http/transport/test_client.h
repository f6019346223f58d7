#pragma once
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/encoding.h"

namespace gatehouse::http::transport {

/// A client of the tests that writes exactly the bytes it is told to. Every wait ends after three seconds.
class TestClient {
 public:
  struct Answer {
    int status = 0;  ///< 0: the connection ended without an answer
    std::string head;
    std::string body;
    [[nodiscard]] std::string header(std::string_view name) const {
      std::istringstream lines(head);
      for (std::string line; std::getline(lines, line);) {
        const size_t colon = line.find(':');
        if (colon == std::string::npos || to_lower_ascii(line.substr(0, colon)) != name) continue;
        return line.substr(colon + 2, line.size() - colon - 3);
      }
      return "";
    }
  };

  explicit TestClient(uint16_t port, SSL_CTX* tls = nullptr, const char* address = "127.0.0.1", SSL_SESSION* session = nullptr) {
    const bool v6 = std::string_view(address).find(':') != std::string_view::npos;
    socket_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{3, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int result;
    if (v6) {
      sockaddr_in6 name{};
      name.sin6_family = AF_INET6;
      name.sin6_port = htons(port);
      inet_pton(AF_INET6, address, &name.sin6_addr);
      result = ::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name);
    } else {
      sockaddr_in name{};
      name.sin_family = AF_INET;
      name.sin_port = htons(port);
      inet_pton(AF_INET, address, &name.sin_addr);
      result = ::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name);
    }
    connected_ = result == 0;
    if (tls && connected_) {
      ssl_ = SSL_new(tls);
      SSL_set_fd(ssl_, socket_);
      if (session) SSL_set_session(ssl_, session);
      connected_ = SSL_connect(ssl_) == 1;
    }
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() {
    SSL_free(ssl_);
    if (socket_ >= 0) ::close(socket_);
  }

  [[nodiscard]] bool connected() const { return connected_; }
  SSL* ssl() { return ssl_; }
  int socket() const { return socket_; }

  /// False when the other side has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  Answer receive(bool head_only = false) {
    Answer answer;
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill()) return answer;
    answer.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const std::string length = answer.header("content-length");
    if (head_only || length.empty()) return answer;
    while (buffer_.size() < std::stoul(length))
      if (!fill()) return Answer{.body = buffer_};
    answer.body = buffer_.substr(0, std::stoul(length));
    buffer_.erase(0, answer.body.size());
    return answer;
  }
  Answer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  Answer get(std::string_view path) { return ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n"); }
  /// Everything that comes until the end.
  std::string receive_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Whether the other side ends the connection (in time) without saying anything more.
  bool ends() { return buffer_.empty() && !fill() && !timed_out_; }

 private:
  bool fill() {
    char bytes[16 * 1024];
    const ssize_t received = ssl_ ? SSL_read(ssl_, bytes, sizeof bytes) : ::recv(socket_, bytes, sizeof bytes, 0);
    timed_out_ = received < 0 && errno == EAGAIN;
    if (received <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(received));
    return true;
  }

  int socket_ = -1;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace gatehouse::http::transport
