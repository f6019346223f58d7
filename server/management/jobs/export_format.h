#pragma once
#include <string>
#include <variant>
#include <vector>

#include "model/users/user.h"

namespace gatehouse::management {

/// What a file of exported users tells of each, and how: CSV with a line of titles, or JSON, an object a line (NDJSON).
class ExportFormat {
 public:
  enum class Kind { csv, json };
  static constexpr size_t most_csv_fields = 30, most_fields = 100;

  /// `format` and `fields` as POST /jobs/users-exports takes them; without fields, the usual ones. Errors: invalid_argument with a sentence
  /// (a name that is none, metadata as a whole in CSV, too many fields).
  static Result<ExportFormat> parse(std::string_view format, const json::array& fields);

  [[nodiscard]] Kind kind() const { return kind_; }
  /// The line of titles; empty for JSON.
  [[nodiscard]] std::string head() const;
  /// Appends a user's line.
  void append(std::string& out, const model::User& user) const;

 private:
  using Step = std::variant<std::string, size_t>;  // a member, or an element
  struct Column {
    std::string name, title;
    std::vector<Step> path;
  };
  static std::optional<std::vector<Step>> parse_path(std::string_view name);
  static const json::value* find(const json::value& user, const Column& column);

  Kind kind_ = Kind::csv;
  std::vector<Column> columns_;
};

}  // namespace gatehouse::management
