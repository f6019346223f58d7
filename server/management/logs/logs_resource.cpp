#include "management/logs/logs_resource.h"

#include "management/resource.h"

namespace gatehouse::management {
namespace {

constexpr int64_t kMaxFound = 1'000;  // by search; checkpoints go on without end
// Units of work of other connections to PostgreSQL may commit a little after the id of their event was made. A reader by
// checkpoint must not pass it by, so it is shown events of this age only.
constexpr seconds kSettled{1};

/// `date:1`, `date:-1`. Errors: invalid_query_string.
ApiResult<bool> is_ascending(const Call& call) {
  const std::string_view sort = call.query().get("sort").value_or("date:-1");
  if (sort == "date:1" || sort == "log_id:1") return true;
  if (sort == "date:-1" || sort == "log_id:-1" || sort.empty()) return false;
  return ApiError(ApiErrc::invalid_query_string, "Query validation error: logs are sorted by date:1 or date:-1.");
}

/// `q`; else the older `search`, whose bare words match beginnings.
std::string query_text(const Call& call) {
  if (const auto q = call.query().get("q")) return std::string(*q);
  const auto search = call.query().get("search");
  if (!search) return "";
  const bool bare = search->find_first_of(":\"*() ") == std::string_view::npos && !search->empty();
  return std::string(*search) + (bare ? "*" : "");
}

json::array shown(const std::vector<model::LogEntry>& entries, const TenantId& tenant, const FieldChoice& choice) {
  json::array out;
  for (const model::LogEntry& entry : entries) {
    json::object one = entry.to_json(tenant);
    choice.apply(one);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

void LogsResource::mount() {
  api_.get("/logs", {"read:logs", "read:logs_users"}, "Search log events", [this](const Call& call) { return list(call); });
  api_.get("/logs/{id}", {"read:logs", "read:logs_users"}, "Get a log event by id", [this](const Call& call) { return get(call); });
  api_.get("/users/{id}/logs", {"read:logs", "read:logs_users"}, "Get the log events of a user",
           [this](const Call& call) { return list_of_user(call); });
}

ApiResult<http::Response> LogsResource::list(const Call& call) const {
  if (call.query().contains("from") || call.query().contains("take")) return list_after(call);
  return search(call, {"", query_text(call)});
}

ApiResult<http::Response> LogsResource::list_of_user(const Call& call) const { return search(call, {call.parameter(), query_text(call)}); }

/// The oldest first, from the event after `from`; a Link header leads on, to the same place when there is nothing new.
/// Errors: invalid_query_string.
ApiResult<http::Response> LogsResource::list_after(const Call& call) const {
  TRY(const std::optional<int64_t> take, query_integer(call.query(), "take", 1, 100));
  const std::string from(call.query().get("from").value_or(""));
  if (from.size() > 64 || from.find_first_not_of("0123456789") != std::string::npos)
    return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'from' is not the id of a log event.");
  const bool many_writers = api_.parts().db.kind() == "postgresql";
  const Timestamp until = many_writers ? call.now() - kSettled : call.now() + std::chrono::hours(24);
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::vector<model::LogEntry> entries, logs_.after(reader, call.tenant(), from, take.value_or(50), until));
    http::Response response = http::Response::json(200, shown(entries, call.tenant(), {}));
    const std::string next = entries.empty() ? from : entries.back().log_id;
    response.set("link", "<" + call.request().issuer + "api/v2/logs?from=" + next + "&take=" + std::to_string(take.value_or(50)) +
                             ">; rel=\"next\"");
    return response;
  });
}

/// Errors: invalid_query_string.
ApiResult<http::Response> LogsResource::search(const Call& call, const model::LogQuery& query) const {
  TRY(const std::optional<int64_t> page, query_integer(call.query(), "page", 0, 1'000'000));
  TRY(const std::optional<int64_t> per_page, query_integer(call.query(), "per_page", 0, 100));
  TRY(const std::optional<bool> include_totals, query_boolean(call.query(), "include_totals"));
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  TRY(const bool ascending, is_ascending(call));
  const int64_t limit = per_page.value_or(50), start = page.value_or(0) * limit;
  if (start + limit > kMaxFound) return ApiError(ApiErrc::invalid_query_string, "You can only page through the first 1000 records.");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    Result<std::vector<model::LogEntry>> entries = logs_.list(reader, call.tenant(), query, {start, limit, ascending});
    if (!entries && entries.error().code == Errc::invalid_argument) return ApiError(ApiErrc::invalid_query_string, entries.error().message);
    if (!entries && entries.error().code == Errc::timeout)
      return ApiError(ApiErrc::overloaded, "The query exceeded the timeout. Please try refining your search criteria.");
    if (!entries) return ApiError(std::move(entries).error());
    json::array events = shown(*entries, call.tenant(), choice);
    if (!include_totals.value_or(false)) return http::Response::json(200, events);
    TRY(const int64_t total, logs_.count(reader, call.tenant(), query, kMaxFound));
    const auto length = int64_t(events.size());
    return http::Response::json(
        200, json::object{{"length", length}, {"limit", limit}, {"logs", std::move(events)}, {"start", start}, {"total", total}});
  });
}

/// Errors: inexistent_log.
ApiResult<http::Response> LogsResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::optional<model::LogEntry> entry, logs_.find(reader, call.tenant(), call.parameter()));
    if (!entry) return ApiError(ApiErrc::not_found, "The log event does not exist.", "inexistent_log");
    return http::Response::json(200, entry->to_json(call.tenant()));
  });
}

}  // namespace gatehouse::management
