#include "base/json.h"

#include <boost/json/src.hpp>

namespace gatehouse {
namespace {

/// Boost.JSON keeps the last of two members with one name; we refuse such a text, because two readers of one request
/// must not see different values. The handler-based check runs over the text once more only for objects.
class DuplicateKeyCheck {
 public:
  struct handler {
    static constexpr size_t max_object_size = size_t(-1);
    static constexpr size_t max_array_size = size_t(-1);
    static constexpr size_t max_key_size = size_t(-1);
    static constexpr size_t max_string_size = size_t(-1);
    using ec = json::error_code;
    std::vector<std::set<std::string, std::less<>>> open{};
    std::string key{};
    bool duplicate = false;
    bool on_document_begin(ec&) { return true; }
    bool on_document_end(ec&) { return true; }
    bool on_array_begin(ec&) { return true; }
    bool on_array_end(size_t, ec&) { return true; }
    bool on_object_begin(ec&) {
      open.emplace_back();
      return true;
    }
    bool on_object_end(size_t, ec&) {
      open.pop_back();
      return true;
    }
    bool on_string_part(json::string_view, size_t, ec&) { return true; }
    bool on_string(json::string_view, size_t, ec&) { return true; }
    bool on_key_part(json::string_view s, size_t, ec&) {
      key.append(s.data(), s.size());
      return true;
    }
    bool on_key(json::string_view s, size_t, ec& e) {
      key.append(s.data(), s.size());
      if (!open.back().insert(std::exchange(key, {})).second) {
        duplicate = true;
        e = json::error::syntax;
        return false;
      }
      return true;
    }
    bool on_number_part(json::string_view, ec&) { return true; }
    bool on_int64(int64_t, json::string_view, ec&) { return true; }
    bool on_uint64(uint64_t, json::string_view, ec&) { return true; }
    bool on_double(double, json::string_view, ec&) { return true; }
    bool on_bool(bool, ec&) { return true; }
    bool on_null(ec&) { return true; }
    bool on_comment_part(json::string_view, ec&) { return true; }
    bool on_comment(json::string_view, ec&) { return true; }
  };
};

}  // namespace

Result<json::value> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) return Error{Errc::invalid_argument, "The JSON text is too large."};
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) return Error{Errc::invalid_argument, "Invalid JSON: " + error.message()};
  json::basic_parser<DuplicateKeyCheck::handler> check(options);
  json::error_code ignored;
  check.write_some(false, text.data(), text.size(), ignored);
  if (check.handler().duplicate) return Error{Errc::invalid_argument, "Invalid JSON: a member name is given twice"};
  return value;
}

std::optional<std::string_view> get_string(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  if (!v || !v->is_string()) return std::nullopt;
  return std::string_view(v->get_string());
}

std::optional<int64_t> get_int(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  if (!v || !v->is_number()) return std::nullopt;
  if (v->is_int64()) return v->get_int64();
  if (v->is_uint64()) return static_cast<int64_t>(std::min<uint64_t>(v->get_uint64(), INT64_MAX));
  const double d = v->get_double();
  if (!(d > -9e15 && d < 9e15)) return std::nullopt;
  return static_cast<int64_t>(d);
}

std::optional<bool> get_bool(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  if (!v || !v->is_bool()) return std::nullopt;
  return v->get_bool();
}

const json::object* get_object(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v ? v->if_object() : nullptr;
}

const json::array* get_array(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v ? v->if_array() : nullptr;
}

std::vector<std::string> get_strings(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  if (const json::array* items = get_array(object, key))
    for (const json::value& v : *items)
      if (v.is_string()) out.emplace_back(v.get_string());
  return out;
}

}  // namespace gatehouse
