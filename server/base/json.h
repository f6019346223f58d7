#pragma once
#include <boost/json.hpp>
#include <string_view>

#include "base/result.h"

namespace gatehouse {
namespace json = boost::json;

struct JsonLimits {
  size_t max_depth = 64;       ///< nesting levels
  size_t max_bytes = 1 << 20;  ///< size of the text
};

/// Parses one JSON text (RFC 8259): strict UTF-8, no duplicate member names, bounded. Errors: invalid_argument.
Result<json::value> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The member as a string, or nullopt when it is absent or of another type.
std::optional<std::string_view> get_string(const json::object& object, std::string_view key);
std::optional<int64_t> get_int(const json::object& object, std::string_view key);
std::optional<bool> get_bool(const json::object& object, std::string_view key);
const json::object* get_object(const json::object& object, std::string_view key);
const json::array* get_array(const json::object& object, std::string_view key);
/// The strings of an array member; absent, of another type, and non-strings are skipped.
std::vector<std::string> get_strings(const json::object& object, std::string_view key);

}  // namespace gatehouse
