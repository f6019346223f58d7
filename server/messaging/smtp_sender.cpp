#include "messaging/smtp_sender.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/encoding.h"

namespace gatehouse::messaging {
namespace {

constexpr long kConnectSeconds = 10, kTotalSeconds = 60;

struct Upload {
  std::string_view rest;
};

size_t read_upload(char* buffer, size_t size, size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const size_t length = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), length);
  upload.rest.remove_prefix(length);
  return length;
}

struct Gate {
  const http::OutboundPolicy& policy;
  bool refused = false;
};

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* target) {
  auto& gate = *static_cast<Gate*>(user);
  std::array<uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (target->family == AF_INET)
    std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(target->addr).sin_addr, 4);
  else if (target->family == AF_INET6)
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(target->addr).sin6_addr, 16);
  else
    return CURL_SOCKET_BAD;
  if (!http::may_call(gate.policy, http::IpAddress(bytes))) {
    gate.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || (host.starts_with("127.") && http::IpAddress::parse(host).has_value());
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '-' && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

struct Easy {
  CURL* handle = curl_easy_init();
  curl_slist* recipients = nullptr;
  ~Easy() {
    curl_slist_free_all(recipients);
    curl_easy_cleanup(handle);
  }
};

}  // namespace

Result<void> SmtpSender::send(const OutgoingMail& mail) {
  TRY(const std::string message, write_message(mail));
  if (!is_host_name(server_.host) || server_.port < 1 || server_.port > 65535)
    return Error{Errc::invalid_argument, "The mail server's address is not valid."};
  Easy easy;
  if (!easy.handle) return Error{Errc::unavailable, "The mail could not be sent.", "curl_easy_init"};
  const bool tls_at_once = server_.port == 465;
  const bool bare_v6 = server_.host.find(':') != std::string::npos && !server_.host.starts_with('[');
  const std::string url = (tls_at_once ? "smtps://" : "smtp://") + (bare_v6 ? "[" + server_.host + "]" : server_.host) + ":" +
                          std::to_string(server_.port) + "/" +
                          mail.from.address.substr(mail.from.address.rfind('@') + 1);  // the name we greet with
  const std::string sender = "<" + mail.from.address + ">", password(server_.password.reveal());
  Upload upload{message};
  Gate gate{policy_};
  char problem[CURL_ERROR_SIZE] = "";
  easy.recipients = curl_slist_append(nullptr, ("<" + mail.to + ">").c_str());
  CURL* curl = easy.handle;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, tls_at_once ? "smtps" : "smtp");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalSeconds);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, long(is_loopback(server_.host) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  // Debian's libcurl trusts the folder of the system's certificates besides this file.
  if (!policy_.extra_ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, policy_.extra_ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &gate);
  if (!server_.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server_.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, easy.recipients);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK) return {};
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  const std::string detail =
      server_.host + ": " + (*problem ? problem : curl_easy_strerror(code)) + (reply ? ", reply " + std::to_string(reply) : "");
  if (gate.refused) return Error{Errc::invalid_argument, "The mail server's address may not be called.", detail};
  // A refusal for good (RFC 5321 §4.2.1), unless it is about how we signed in: an administrator may put that right.
  if (reply >= 500 && reply < 600 && code != CURLE_LOGIN_DENIED)
    return Error{Errc::invalid_argument, "The mail server refused the message.", detail};
  return Error{code == CURLE_OPERATION_TIMEDOUT ? Errc::timeout : Errc::unavailable, "The mail could not be sent.", detail};
}

}  // namespace gatehouse::messaging
