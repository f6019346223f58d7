#include "storage/postgres/dump.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/json.h"
#include "storage/errors.h"

namespace gatehouse::storage::postgres {
namespace {

constexpr auto tables_sql =
    "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY (tablename <> 'schema_migrations'), tablename";
constexpr auto columns_sql =
    "SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = CAST(CAST($1 AS TEXT) AS regclass) AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "ORDER BY a.attnum";
constexpr auto fetch_sql = "FETCH 500 FROM dump_rows";

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

json::value to_json(const Value& value) {
  return std::visit(
      [](const auto& v) -> json::value {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Bytes>)
          return {{"base64", base64_encode(v.data)}};
        else if constexpr (std::is_same_v<T, std::string>)
          return json::string(v);
        else
          return json::value(v);
      },
      value.get());
}

/// A new file that is written line by line and removed again unless it was finished.
class LineFile {
 public:
  explicit LineFile(std::string path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~LineFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!finished_) ::unlink(path_.c_str());
  }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  Result<void> line(const json::value& value) {
    buffer_ += json::serialize(value) + "\n";
    return buffer_.size() < 1 << 16 ? Result<void>() : flush();
  }
  Result<void> finish() {
    TRY_VOID(flush());
    if (::fsync(fd_) != 0) return failure();
    finished_ = true;
    return {};
  }

 private:
  Result<void> flush() {
    for (size_t done = 0; done < buffer_.size();) {
      const ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failure();
      done += static_cast<size_t>(written);
    }
    buffer_.clear();
    return {};
  }
  [[nodiscard]] Error failure() const {
    return database_error(errno == ENOSPC ? Errc::storage_full : Errc::unavailable, "cannot write " + path_ + ": " + std::strerror(errno));
  }

  const std::string path_;
  int fd_;
  bool finished_ = false;
  std::string buffer_;
};

Result<void> dump_table(Connection& connection, LineFile& out, const std::string& table) {
  TRY(const Rows columns, connection.query(columns_sql, {quoted(table)}));
  json::array names;
  for (const Row& column : columns) names.emplace_back(column.text(0));
  TRY_VOID(out.line({{"table", table}, {"columns", names}}));
  // Cursor statements differ from table to table and are used once: not worth keeping prepared, but few.
  TRY_VOID(connection.execute("DECLARE dump_rows NO SCROLL CURSOR FOR SELECT * FROM " + quoted(table), {}));
  for (;;) {
    TRY(const Rows rows, connection.query(fetch_sql, {}));
    if (rows.empty()) break;
    for (const Row& row : rows) {
      json::array values;
      for (size_t column = 0; column < names.size(); ++column) values.push_back(to_json(row.value(column)));
      TRY_VOID(out.line(values));
    }
  }
  TRY_VOID(connection.execute("CLOSE dump_rows", {}));
  return {};
}

}  // namespace

Result<void> dump(Connection& connection, const std::string& file) {
  LineFile out(file);
  connection.begin(Connection::Begin::read);
  TRY(const Rows tables, connection.query(tables_sql, {}));
  TRY_VOID(out.line({{"gatehouse_backup", 1}}));
  for (const Row& table : tables) TRY_VOID(dump_table(connection, out, table.text(0)));
  connection.end_read();
  return out.finish();
}

}  // namespace gatehouse::storage::postgres
