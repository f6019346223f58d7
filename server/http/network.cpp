#include "http/network.h"

#include <algorithm>

#include "http/forwarded.h"

namespace gatehouse::http {

std::string network_of(std::string_view ip) {
  const auto address = IpAddress::parse(ip);
  if (!address || address->is_v4()) return std::string(ip);
  auto bytes = address->bytes();
  std::fill(bytes.begin() + 8, bytes.end(), uint8_t{0});
  return IpAddress(bytes).to_string() + "/64";
}

}  // namespace gatehouse::http
