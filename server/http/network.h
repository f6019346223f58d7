#pragma once
#include <string>
#include <string_view>

namespace gatehouse::http {

/// What requests from one place are counted by: an IPv4 address itself, of an IPv6 address the /64 that one subscriber has whole.
std::string network_of(std::string_view ip);

}  // namespace gatehouse::http
