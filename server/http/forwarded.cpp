#include "http/forwarded.h"

#include <arpa/inet.h>

#include <charconv>

#include "base/text.h"

namespace gatehouse::http {
namespace {

constexpr std::array<uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// One entry of X-Forwarded-For: an address, perhaps with a port or in brackets as some proxies write it.
std::optional<IpAddress> parse_entry(std::string_view entry) {
  if (!entry.empty() && entry.front() == '[') {
    const size_t end = entry.find(']');
    return end == std::string_view::npos ? std::nullopt : IpAddress::parse(entry.substr(1, end - 1));
  }
  if (std::count(entry.begin(), entry.end(), ':') == 1) entry = entry.substr(0, entry.find(':'));
  return IpAddress::parse(entry);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);  // inet_pton wants a terminator
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return IpAddress(bytes);
  if (inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) != 1) return std::nullopt;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
  return IpAddress(bytes);
}

bool IpAddress::is_v4() const { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin()); }

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (!is_v4()) return inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  char* end = text;
  for (size_t i = 12; i < 16; ++i) {
    if (i > 12) *end++ = '.';
    end = std::to_chars(end, text + sizeof text, bytes_[i]).ptr;
  }
  return {text, end};
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto malformed = [&] { return Error{Errc::invalid_argument, "'" + std::string(text) + "' is not an address or network."}; };
  const size_t slash = text.find('/');
  const auto network = IpAddress::parse(text.substr(0, slash));
  if (!network) return malformed();
  const int width = network->is_v4() && text.find(':') == std::string_view::npos ? 32 : 128;
  int bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > width) return malformed();
  }
  return Cidr(*network, bits + 128 - width);
}

bool Cidr::contains(const IpAddress& address) const {
  const auto& a = network_.bytes();
  const auto& b = address.bytes();
  const int whole = bits_ / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const int rest = bits_ % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& cidrs) {
  TrustedProxies proxies;
  for (const std::string& text : cidrs) {
    TRY(const Cidr network, Cidr::parse(text));
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const IpAddress& peer) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Cidr& network) { return network.contains(peer); });
}

std::string TrustedProxies::client_ip(const IpAddress& peer, const std::vector<std::string_view>& x_forwarded_for) const {
  IpAddress client = peer;
  for (auto header = x_forwarded_for.rbegin(); header != x_forwarded_for.rend(); ++header) {
    std::string_view rest = *header;
    while (true) {
      if (!trusts(client)) return client.to_string();
      const size_t comma = rest.rfind(',');
      const auto entry = parse_entry(trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
      if (!entry) return client.to_string();
      client = *entry;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return client.to_string();
}

}  // namespace gatehouse::http
