#include "management/list_query.h"

#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::management {
namespace {

ApiError refused(const std::string& complaint, std::string_view name) {
  return ApiError(ApiErrc::invalid_query_string, "Query validation error: '" + complaint + "' on property " + std::string(name) + ".");
}

/// page × per_page stays far from overflow.
constexpr int64_t last_page = 1'000'000'000;

}  // namespace

ApiResult<std::optional<int64_t>> query_integer(const http::Parameters& query, std::string_view name, int64_t min, int64_t max) {
  const std::optional<std::string_view> text = query.get(name);
  if (!text || text->empty()) return std::optional<int64_t>{};
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc::result_out_of_range && end == text->data() + text->size())
    number = text->front() == '-' ? INT64_MIN : INT64_MAX;
  else if (error != std::errc{} || end != text->data() + text->size())
    return refused("Expected type integer but found type string", name);
  if (number < min) return refused("Value " + std::to_string(number) + " is less than minimum " + std::to_string(min), name);
  if (number > max) return refused("Value " + std::to_string(number) + " is greater than maximum " + std::to_string(max), name);
  return std::optional(number);
}

ApiResult<std::optional<bool>> query_boolean(const http::Parameters& query, std::string_view name) {
  const std::optional<std::string_view> text = query.get(name);
  if (!text || text->empty()) return std::optional<bool>{};
  if (*text == "true" || *text == "1") return std::optional(true);
  if (*text == "false" || *text == "0") return std::optional(false);
  return refused("Expected type boolean but found type string", name);
}

ApiResult<ListQuery> ListQuery::parse(const http::Parameters& query, int64_t default_per_page, int64_t max_per_page) {
  ListQuery list;
  TRY(const std::optional<int64_t> page, query_integer(query, "page", 0, last_page));
  TRY(const std::optional<int64_t> per_page, query_integer(query, "per_page", 0, max_per_page));
  TRY(const std::optional<bool> totals, query_boolean(query, "include_totals"));
  TRY(const std::optional<int64_t> take, query_integer(query, "take", 1, max_per_page));
  list.page = page.value_or(0);
  list.per_page = per_page.value_or(default_per_page);
  list.include_totals = totals.value_or(false);
  list.take = take.value_or(default_per_page);
  list.by_checkpoint = take.has_value();
  if (const auto from = query.get("from"); from && !from->empty()) {
    const std::optional<int64_t> position = parse_checkpoint(*from);
    if (!position) return ApiError(ApiErrc::invalid_query_string, "The 'from' parameter is not a checkpoint of this list.");
    list.by_checkpoint = true;
    list.after_position = *position;
  }
  TRY(const FieldChoice choice, FieldChoice::parse(query));
  list.fields = choice.names;
  list.include_fields = choice.include;
  return list;
}

ApiResult<FieldChoice> FieldChoice::parse(const http::Parameters& query) {
  FieldChoice choice;
  TRY(const std::optional<bool> include, query_boolean(query, "include_fields"));
  choice.include = include.value_or(true);
  for (const std::string_view name : split(query.get("fields").value_or(""), ','))
    if (const std::string_view trimmed = trim(name); !trimmed.empty()) choice.names.emplace_back(trimmed);
  return choice;
}

void FieldChoice::apply(json::object& object, const std::vector<std::string>& always) const {
  if (names.empty()) return;
  const auto listed = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  json::object kept;
  for (const auto& member : object)
    if (listed(always, member.key()) || listed(names, member.key()) == include) kept.emplace(member.key(), member.value());
  object = std::move(kept);
}

std::string checkpoint(int64_t position) { return base64url_encode("p" + std::to_string(position)); }

std::optional<int64_t> parse_checkpoint(std::string_view token) {
  const std::optional<std::string> text = base64url_decode(token);
  if (!text || text->size() < 2 || text->front() != 'p') return std::nullopt;
  int64_t position = 0;
  const auto [end, error] = std::from_chars(text->data() + 1, text->data() + text->size(), position);
  if (error != std::errc{} || end != text->data() + text->size() || position < 0) return std::nullopt;
  return position;
}

}  // namespace gatehouse::management
