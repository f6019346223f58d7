#include "storage/postgres/wire.h"

#include <charconv>

#include "base/encoding.h"
#include "storage/errors.h"

namespace gatehouse::storage::postgres {
namespace {

// From the server's catalogue (pg_type.dat); libpq's headers do not name them.
constexpr Oid oid_bool = 16, oid_bytea = 17, oid_name = 19, oid_int8 = 20, oid_int2 = 21, oid_int4 = 23, oid_text = 25, oid_oid = 26,
              oid_unknown = 705, oid_bpchar = 1042, oid_varchar = 1043, oid_numeric = 1700, oid_void = 2278;

Result<Value> value_of(Oid type, std::string_view text) {
  switch (type) {
    case oid_bool:
      return Value(text == "t");
    case oid_int2:
    case oid_int4:
    case oid_int8:
    case oid_oid:
    case oid_numeric: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) break;
      return Value(number);
    }
    case oid_bytea: {
      if (!text.starts_with("\\x")) break;
      std::optional<std::string> bytes = hex_decode(text.substr(2));
      if (!bytes) break;
      return Value(Bytes{std::move(*bytes)});
    }
    case oid_text:
    case oid_varchar:
    case oid_bpchar:
    case oid_name:
    case oid_unknown:
      return Value(text);
    case oid_void:
      return Value(nullptr);
    default:
      break;
  }
  return database_error(Errc::internal, "a Row cannot hold a value of PostgreSQL's type " + std::to_string(type));
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

}  // namespace

Parameters::Parameters(const std::vector<Value>& arguments) {
  const size_t count = arguments.size();
  numbers_.reserve(count);
  values_.reserve(count);
  lengths_.assign(count, 0);
  formats_.assign(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const Value::Variant& value = arguments[i].get();
    if (const auto* number = std::get_if<int64_t>(&value)) {
      values_.push_back(numbers_.emplace_back(std::to_string(*number)).c_str());
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      values_.push_back(*flag ? "t" : "f");
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      values_.push_back(text->c_str());
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
      values_.push_back(bytes->data.data());
      lengths_[i] = static_cast<int>(bytes->data.size());
      formats_[i] = 1;
    } else {
      values_.push_back(nullptr);
    }
  }
}

Result<Rows> rows_of(const PGresult* result) {
  const int row_count = PQntuples(result), column_count = PQnfields(result);
  std::vector<Oid> types;
  for (int column = 0; column < column_count; ++column) types.push_back(PQftype(result, column));
  Rows rows;
  rows.reserve(static_cast<size_t>(row_count));
  for (int row = 0; row < row_count; ++row) {
    std::vector<Value> values;
    values.reserve(types.size());
    for (int column = 0; column < column_count; ++column) {
      if (PQgetisnull(result, row, column)) {
        values.emplace_back(nullptr);
        continue;
      }
      const std::string_view text(PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column)));
      TRY(Value value, value_of(types[static_cast<size_t>(column)], text));
      values.push_back(std::move(value));
    }
    rows.emplace_back(std::move(values));
  }
  return rows;
}

Errc code_of_sqlstate(std::string_view state) {
  if (state == "23505") return Errc::unique_violation;
  if (state == "23503" || state == "23001") return Errc::reference_violation;
  if (state == "40001" || state == "40P01") return Errc::overloaded;
  if (state == "53100") return Errc::storage_full;
  if (state == "57014" || state == "55P03") return Errc::timeout;
  if (state == "22021" || state == "22P05") return Errc::invalid_argument;
  if (state == "08P01") return Errc::internal;  // our own message was wrong: the number of arguments
  const std::string_view family = state.substr(0, 2);
  if (state.empty() || family == "08" || family == "53" || family == "57" || family == "58") return Errc::unavailable;
  return Errc::internal;
}

std::string violated_columns(const PGresult* result) {
  // The detail reads "Key (tenant, name)=(…) already exists.", in the server's language, but always with these brackets.
  const std::string table = field(result, PG_DIAG_TABLE_NAME), detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  const size_t begin = detail.find('('), end = detail.find(")=(");
  if (begin == detail.npos || end == detail.npos || end < begin) return "index '" + field(result, PG_DIAG_CONSTRAINT_NAME) + "'";
  std::string columns;
  std::string_view rest = std::string_view(detail).substr(begin + 1, end - begin - 1);
  if (rest.find('(') != rest.npos)
    return "index '" + field(result, PG_DIAG_CONSTRAINT_NAME) + "'";  // over an expression; as SQLite says it
  for (;;) {
    const size_t comma = rest.find(", ");
    columns += (columns.empty() ? "" : ", ") + table + "." + std::string(rest.substr(0, comma));
    if (comma == rest.npos) return columns;
    rest.remove_prefix(comma + 2);
  }
}

}  // namespace gatehouse::storage::postgres
