#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "management/api_error.h"

namespace gatehouse::management {

/// What the query string of a list says: which page, whether with totals, which properties.
struct ListQuery {
  int64_t page = 0;
  int64_t per_page = 50;
  bool include_totals = false;
  bool by_checkpoint = false;  ///< `take` or `from` was given; it wins over page
  int64_t take = 50;
  int64_t after_position = 0;  ///< from `from`
  std::vector<std::string> fields{};
  bool include_fields = true;

  /// Errors: invalid_query_string. Unknown parameters are left alone.
  static ApiResult<ListQuery> parse(const http::Parameters& query, int64_t default_per_page = 50, int64_t max_per_page = 100);
  [[nodiscard]] int64_t offset() const { return by_checkpoint ? 0 : page * per_page; }
  [[nodiscard]] int64_t limit() const { return by_checkpoint ? take : per_page; }
};

/// Reads single values of a query string. Errors: invalid_query_string.
ApiResult<std::optional<int64_t>> query_integer(const http::Parameters& query, std::string_view name, int64_t min, int64_t max);
ApiResult<std::optional<bool>> query_boolean(const http::Parameters& query, std::string_view name);
/// `fields=a,b&include_fields=…` of a single object or a list.
struct FieldChoice {
  std::vector<std::string> names{};
  bool include = true;
  static ApiResult<FieldChoice> parse(const http::Parameters& query);
  /// Picks or drops top-level keys; `always` stay.
  void apply(json::object& object, const std::vector<std::string>& always = {}) const;
};

/// The `next` of a page that ends at this position, and back. The token is opaque to callers.
std::string checkpoint(int64_t position);
std::optional<int64_t> parse_checkpoint(std::string_view token);

}  // namespace gatehouse::management
