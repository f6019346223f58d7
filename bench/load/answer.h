#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "template.h"

namespace bench {

/// An HTTP/1.1 answer as far as a load generator has to understand it.
struct Answer {
  size_t bytes = 0;  ///< head and body together
  int status = 0;
  bool closes = false;  ///< the server ends the connection after it
};

/// The answer that `received` begins with, nullopt while more has to come. Throws on what is no HTTP/1.1.
std::optional<Answer> parse_answer(std::string_view received);

/// Name and value of every Set-Cookie field of an answer's head go into the jar; a cookie that is taken back leaves it.
void store_cookies(Variables& jar, std::string_view answer);

}  // namespace bench
