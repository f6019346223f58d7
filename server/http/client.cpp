#include "http/client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <mutex>

#include "base/encoding.h"

namespace gatehouse::http {
namespace {

constexpr size_t max_header_bytes = 64 * 1024;
constexpr size_t kept_handles = 16;
constexpr long kept_connections = 4;  // a handle

std::vector<Cidr> networks(std::initializer_list<const char*> texts) {
  std::vector<Cidr> parsed;
  for (const char* text : texts) parsed.push_back(Cidr::parse(text).value());
  return parsed;
}

bool any_contains(const std::vector<Cidr>& list, const IpAddress& address) {
  return std::any_of(list.begin(), list.end(), [&](const Cidr& network) { return network.contains(address); });
}

/// The IPv4 address that a packet to this IPv6 address ends up at, where the form says so.
std::optional<IpAddress> embedded_v4(const IpAddress& address) {
  static const std::vector<Cidr> last_four = networks({"64:ff9b::/96", "::/96"});  // NAT64 (RFC 6052), IPv4-compatible (RFC 4291)
  static const std::vector<Cidr> six_to_four = networks({"2002::/16"});            // RFC 3056
  const auto& bytes = address.bytes();
  std::array<uint8_t, 16> v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (any_contains(last_four, address))
    std::copy(bytes.begin() + 12, bytes.end(), v4.begin() + 12);
  else if (any_contains(six_to_four, address))
    std::copy(bytes.begin() + 2, bytes.begin() + 6, v4.begin() + 12);
  else
    return std::nullopt;
  return IpAddress(v4);
}

/// One call under way.
struct Call {
  const OutboundPolicy& policy;
  const OutboundRequest& request;
  bool plain_http = false;
  bool refused = false;  ///< an address was refused
  bool too_large = false;
  size_t header_bytes = 0;
  OutboundResponse response{};
};

std::optional<IpAddress> address_of(const curl_sockaddr& target) {
  std::array<uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (target.family == AF_INET) {
    std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(target.addr).sin_addr, 4);
  } else if (target.family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(target.addr).sin6_addr, 16);
  } else {
    return std::nullopt;
  }
  return IpAddress(bytes);
}

/// Called for each address curl is about to connect to: after name resolution, so that no name can hide where it leads.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* target) {
  Call& call = *static_cast<Call*>(user);
  const auto address = address_of(*target);
  const bool plain_is_fine = !call.plain_http || call.policy.allow_plain_http || (address && any_contains(call.policy.allow, *address));
  if (!address || !plain_is_fine || !may_call(call.policy, *address)) {
    call.refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

size_t take_body(char* data, size_t, size_t size, void* user) {
  Call& call = *static_cast<Call*>(user);
  if (size > call.request.max_response - call.response.body.size()) {
    call.too_large = true;
    return 0;
  }
  call.response.body.append(data, size);
  return size;
}

size_t take_header(char* data, size_t, size_t size, void* user) {
  Call& call = *static_cast<Call*>(user);
  call.header_bytes += size;
  if (call.header_bytes > max_header_bytes) {
    call.too_large = true;
    return 0;
  }
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) call.response.headers.clear();  // only the final answer counts, not a 100 before it
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return size;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  call.response.headers.emplace_back(to_lower_ascii(line.substr(0, colon)), std::string(value));
  return size;
}

CURLcode add_ca(CURL*, void* context, void* file) {
  SSL_CTX_load_verify_locations(static_cast<SSL_CTX*>(context), static_cast<const char*>(file), nullptr);
  return CURLE_OK;
}

bool has_line_end(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos; }

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

/// The request's fields as curl wants them; null when one of them could begin a field of its own.
std::unique_ptr<curl_slist, FreeList> header_list(const OutboundRequest& request) {
  std::unique_ptr<curl_slist, FreeList> list(curl_slist_append(nullptr, "Expect:"));  // no waiting for 100 Continue
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_line_end(name) || has_line_end(value) || name.find(':') != std::string::npos) return nullptr;
    has_type |= to_lower_ascii(name) == "content-type";
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    list.reset(curl_slist_append(list.release(), line.c_str()));
  }
  if (!has_type) list.reset(curl_slist_append(list.release(), "Content-Type:"));  // curl would make one up
  return list;
}

class CurlClient final : public Client {
 public:
  explicit CurlClient(OutboundPolicy policy) : policy_(std::move(policy)) { curl_global_init(CURL_GLOBAL_DEFAULT); }

  Result<OutboundResponse> send(const OutboundRequest& request) override {
    if (has_line_end(request.url) || has_line_end(request.method))
      return Error{Errc::invalid_argument, "The URL of the call is malformed."};
    const auto headers = header_list(request);
    if (!headers) return Error{Errc::invalid_argument, "A header field of the call is malformed."};
    Call call{policy_, request};
    call.plain_http = to_lower_ascii(request.url.substr(0, 8)) != "https://";
    Handle handle = take_handle();
    if (!handle) return Error{Errc::unavailable, "The call could not be made."};
    set_options(handle.get(), call, headers.get());
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_reset(handle.get());  // forgets options and what they point to, keeps connections
    give_back(std::move(handle));
    if (code != CURLE_OK) return explain(code, call);
    call.response.status = static_cast<int>(status);
    return std::move(call.response);
  }

 private:
  void set_options(CURL* handle, Call& call, curl_slist* headers) const {
    const OutboundRequest& request = call.request;
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");  // a proxy from the environment would connect where we may not
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(1, request.timeout.count())));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "Gatehouse");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_MAXCONNECTS, kept_connections);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &call);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &call);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &call);
    if (!policy_.extra_ca_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &add_ca);
      curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, policy_.extra_ca_file.c_str());
    }
    if (request.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  }

  static Error explain(CURLcode code, const Call& call) {
    const std::string detail = call.request.url.substr(0, call.request.url.find('?')) + ": " + curl_easy_strerror(code);
    if (call.too_large) return Error{Errc::unavailable, "The answer of the other server is too large.", detail};
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT:
        return Error{Errc::timeout, "The other server did not answer in time.", detail};
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_LOGIN_DENIED:
        return Error{Errc::invalid_argument, "The URL of the call is malformed.", detail};
      default:
        break;
    }
    if (call.refused) return Error{Errc::invalid_argument, "Outbound calls to this address are not allowed.", detail};
    return Error{Errc::unavailable, "The other server cannot be reached.", detail};
  }

  Handle take_handle() {
    const std::lock_guard lock(mutex_);
    if (handles_.empty()) return Handle(curl_easy_init());
    Handle handle = std::move(handles_.back());
    handles_.pop_back();
    return handle;
  }

  void give_back(Handle handle) {
    const std::lock_guard lock(mutex_);
    if (handles_.size() < kept_handles) handles_.push_back(std::move(handle));
  }

  const OutboundPolicy policy_;
  std::mutex mutex_;
  std::vector<Handle> handles_;  // idle ones
};

}  // namespace

bool may_call(const OutboundPolicy& policy, const IpAddress& address) {
  static const std::vector<Cidr> never =
      networks({"0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",         // this network, link-local, multicast, reserved
                "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::/32",  // metadata of Azure, Alibaba, Oracle, AWS
                "::/128", "fe80::/10", "fec0::/10", "ff00::/8"});
  static const std::vector<Cidr> loopback = networks({"127.0.0.0/8", "::1"});
  static const std::vector<Cidr> internal =
      networks({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fc00::/7"});
  const bool is_loopback = any_contains(loopback, address);  // ::1 has the form of an embedded 0.0.0.1
  const auto inner = is_loopback ? std::nullopt : embedded_v4(address);
  if (any_contains(never, address) || (inner && any_contains(never, *inner))) return false;
  if (any_contains(policy.allow, address)) return true;
  if (is_loopback) return policy.allow_loopback;
  if (any_contains(internal, address)) return false;
  return !inner || may_call(policy, *inner);
}

std::unique_ptr<Client> make_client(OutboundPolicy policy) { return std::make_unique<CurlClient>(std::move(policy)); }

}  // namespace gatehouse::http
