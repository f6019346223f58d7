#pragma once
#include <string_view>

namespace gatehouse::http {

/// The words for a status code (RFC 9110 §15); "Status" for one that the server never sends.
std::string_view reason_phrase(int status);

}  // namespace gatehouse::http
