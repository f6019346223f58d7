#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatehouse::http {

/// An IPv4 or IPv6 address as 16 bytes; IPv4 as ::ffff:a.b.c.d, so that a mapped address equals the plain one.
class IpAddress {
 public:
  /// Textual form of either family, without port, brackets or zone.
  static std::optional<IpAddress> parse(std::string_view text);
  explicit IpAddress(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}
  [[nodiscard]] const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] std::string to_string() const;  ///< canonical: 192.0.2.1, 2001:db8::1 (RFC 5952)
  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<uint8_t, 16> bytes_;
};

/// A network such as 10.0.0.0/8 or 2001:db8::/32; an address alone is a network of one.
class Cidr {
 public:
  static Result<Cidr> parse(std::string_view text);  ///< Errors: invalid_argument
  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  Cidr(IpAddress network, int bits) : network_(network), bits_(bits) {}
  IpAddress network_;
  int bits_;  ///< of the 128
};

/// Whose X-Forwarded-* headers are believed: nobody's by default.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  static Result<TrustedProxies> parse(const std::vector<std::string>& cidrs);
  [[nodiscard]] bool trusts(const IpAddress& peer) const;
  /// The client's address. Walks X-Forwarded-For from the right past trusted proxies and stops at the first address that is
  /// none, or at what does not parse: anything further left was written by the client itself.
  [[nodiscard]] std::string client_ip(const IpAddress& peer, const std::vector<std::string_view>& x_forwarded_for) const;

 private:
  std::vector<Cidr> networks_;
};

}  // namespace gatehouse::http
