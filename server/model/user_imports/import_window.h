#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/user_imports/array_reader.h"

namespace gatehouse::model {

/// Rows of a file, some ten thousand at a time, in the order of their e-mail addresses: what is inserted one after the other then falls into
/// the same pages of the indexes, which are written once instead of once a row. The order depends on nothing but the file, so that reading
/// can go on anywhere.
class ImportWindow {
 public:
  /// Bytes of rows that are sorted at once. A job that was begun with one size must go on with it.
  static constexpr size_t usual_bytes = 32 * 1024 * 1024;

  /// The file's bytes from an offset on, in pieces; nullopt at its end.
  using Source = std::function<Result<std::optional<std::string>>()>;

  /// `source` begins at `offset`: 0, or where a window begins. `skip` rows of the first window are passed over.
  ImportWindow(Source source, int64_t offset, size_t skip, size_t bytes = usual_bytes);

  /// The next row as text; nullopt at the end. Valid until the next call. Errors: invalid_argument (not a JSON array), the source's.
  Result<std::optional<std::string_view>> next();
  /// Where the window of the last row begins in the file, how many of its rows were returned, and where it ends.
  [[nodiscard]] int64_t begin() const { return begin_; }
  [[nodiscard]] size_t returned() const { return returned_; }
  [[nodiscard]] size_t rows() const { return rows_.size(); }
  [[nodiscard]] int64_t end() const { return reader_.offset(); }

 private:
  struct Row {
    size_t at, size;          ///< in text_
    size_t key_at, key_size;  ///< the address, in text_
  };
  Result<void> fill();

  const Source source_;
  const size_t bytes_;
  ArrayReader reader_;
  std::string text_;
  std::vector<Row> rows_;
  int64_t begin_;
  size_t returned_ = 0, skip_;
};

}  // namespace gatehouse::model
