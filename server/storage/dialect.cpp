#include "storage/dialect.h"

#include <array>
#include <vector>

#include "base/encoding.h"

namespace gatehouse::storage {
namespace {

struct TypeWord {
  std::string_view word, sqlite, postgresql;
};
constexpr std::array<TypeWord, 6> type_words{{
    {"id", "TEXT", "TEXT COLLATE \"C\""},
    {"text", "TEXT", "TEXT COLLATE \"C\""},
    {"int64", "INTEGER", "BIGINT"},
    {"bool", "INTEGER", "BOOLEAN"},
    {"bytes", "BLOB", "BYTEA"},
    {"json", "TEXT", "TEXT COLLATE \"C\""},  // not jsonb: it reorders keys and refuses \u0000
}};

bool is_word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$'; }

/// Splits into words, single punctuation characters, quoted texts, and blanks or comments; nothing is lost.
std::vector<std::string_view> tokens_of(std::string_view sql) {
  std::vector<std::string_view> tokens;
  for (size_t i = 0; i < sql.size();) {
    size_t end = i + 1;
    const char c = sql[i];
    if (is_word_char(c)) {
      while (end < sql.size() && is_word_char(sql[end])) ++end;
    } else if (c == '\'' || c == '"') {
      end = sql.find(c, end);  // a doubled quote reads as two texts side by side: the same characters in the end
      end = end == sql.npos ? sql.size() : end + 1;
    } else if (sql.substr(i, 2) == "--") {
      end = std::min(sql.find('\n', i), sql.size());
    } else if (sql.substr(i, 2) == "/*") {
      end = sql.find("*/", i + 2);
      end = end == sql.npos ? sql.size() : end + 2;
    }
    tokens.push_back(sql.substr(i, end - i));
    i = end;
  }
  return tokens;
}

bool is_blank(std::string_view token) {
  return token.find_first_not_of(" \t\r\n") == token.npos || token.starts_with("--") || token.starts_with("/*");
}

bool starts_constraint(const std::string& word) {
  return word == "constraint" || word == "primary" || word == "unique" || word == "foreign" || word == "check";
}

/// Follows the statements just far enough to know where a column's type stands.
class Translator {
 public:
  explicit Translator(Dialect dialect) : dialect_(dialect) {}

  Result<std::string> run(std::string_view sql) {
    const std::vector<std::string_view> tokens = tokens_of(sql);
    for (size_t i = 0; i < tokens.size(); ++i) {
      const std::string_view token = tokens[i];
      if (is_blank(token)) {
        out_ += token;
        continue;
      }
      if (dialect_ == Dialect::postgresql && (token == "x" || token == "X") && i + 1 < tokens.size() && tokens[i + 1].starts_with('\'')) {
        out_ += "'\\x" + std::string(tokens[++i].substr(1)) + "::bytea";
        continue;
      }
      TRY_VOID(take(token));
    }
    return std::move(out_);
  }

 private:
  enum class At { statement, create, create_table, before_name, constraint_or_rest, type, table_ended, alter, alter_table, add_column, other };

  Result<void> take(std::string_view token) {
    const std::string word = to_lower_ascii(token);
    if (at_ == At::type) {
      for (const TypeWord& type : type_words) {
        if (word != type.word) continue;
        out_ += dialect_ == Dialect::sqlite ? type.sqlite : type.postgresql;
        at_ = depth_ > 0 ? At::constraint_or_rest : At::other;
        return {};
      }
      return Error{Errc::internal, "The database schema is wrong.", "unknown column type '" + std::string(token) + "'"};
    }
    if (word == "clustered" && at_ == At::table_ended) {
      if (dialect_ == Dialect::sqlite) out_ += ", WITHOUT ROWID";
      return {};
    }
    out_ += token;
    if (word == "(") {
      if (at_ == At::create_table && depth_ == 0) at_ = At::before_name;
      ++depth_;
    } else if (word == ")") {
      --depth_;
      if (in_table_ && depth_ == 0) {
        if (dialect_ == Dialect::sqlite) out_ += " STRICT";
        in_table_ = false;
        at_ = At::table_ended;
      }
    } else if (word == ",") {
      if (in_table_ && depth_ == 1) at_ = At::before_name;
    } else if (word == ";" && depth_ == 0) {
      at_ = At::statement;
      in_table_ = false;
    } else {
      word_taken(word);
    }
    return {};
  }

  void word_taken(const std::string& word) {
    switch (at_) {
      case At::statement:
        at_ = word == "create" ? At::create : word == "alter" ? At::alter : At::other;
        break;
      case At::create:
        in_table_ = word == "table";
        at_ = in_table_ ? At::create_table : At::other;
        break;
      case At::create_table:
        break;  // IF NOT EXISTS, the name
      case At::before_name:
        at_ = starts_constraint(word) ? At::constraint_or_rest : At::type;
        break;
      case At::alter:
        at_ = word == "table" ? At::alter_table : At::other;
        break;
      case At::alter_table:
        if (word == "add") at_ = At::add_column;
        break;
      case At::add_column:
        if (word != "column") at_ = starts_constraint(word) ? At::other : At::type;
        break;
      case At::constraint_or_rest:
      case At::table_ended:
      case At::type:
      case At::other:
        break;
    }
  }

  Dialect dialect_;
  std::string out_;
  At at_ = At::statement;
  int depth_ = 0;
  bool in_table_ = false;
};

}  // namespace

Result<std::string> translate_migration(std::string_view sql, Dialect dialect) { return Translator(dialect).run(sql); }

std::string_view text_columns_sql(Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.type = 'TEXT' ORDER BY 1, "
           "2";
  return "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns "
         "WHERE table_schema = current_schema() AND data_type = 'text' ORDER BY 1, 2";
}

}  // namespace gatehouse::storage
