#pragma once
#include <string_view>

namespace gatehouse::http {

/// Where a request runs to its end (DESIGN.md §3). No lane waits for another.
enum class Lane {
  inline_,   ///< on the I/O loop: memory, one signature, a point read on SQLite
  store,     ///< reads and writes the database
  sign_in,   ///< checks passwords
  outbound,  ///< waits on others
  admin,     ///< the Management API
};
std::string_view to_string(Lane lane);

}  // namespace gatehouse::http
