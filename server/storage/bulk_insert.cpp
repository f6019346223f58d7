#include "storage/bulk_insert.h"

#include <iterator>

namespace gatehouse::storage {

BulkInsert::Statement::Statement(std::string_view into, size_t columns, std::string_view tail) : columns_(columns) {
  for (size_t i = 0; i < sizes.size(); ++i) {
    std::string& text = texts_[i];
    text.append("INSERT INTO ").append(into).append(" VALUES ");
    for (size_t row = 0, parameter = 0; row < sizes[i]; ++row) {
      text += row == 0 ? "(" : ", (";
      for (size_t column = 0; column < columns; ++column) {
        if (column > 0) text += ", ";
        text.append("$").append(std::to_string(++parameter));
      }
      text += ")";
    }
    if (!tail.empty()) text.append(" ").append(tail);
  }
}

void BulkInsert::close() {
  if (pieces_.empty() || pieces_.back().size() == statement_->columns_ * Statement::sizes.front()) return;
  std::vector<Value> rest = std::move(pieces_.back());
  pieces_.pop_back();
  auto next = rest.begin();
  for (const size_t size : Statement::sizes) {
    const auto length = static_cast<std::ptrdiff_t>(size * statement_->columns_);
    for (; rest.end() - next >= length; next += length)
      pieces_.emplace_back(std::make_move_iterator(next), std::make_move_iterator(next + length));
  }
}

Result<int64_t> BulkInsert::run(Transaction& tx) const {
  int64_t changed = 0;
  size_t i = 0;
  for (const std::vector<Value>& piece : pieces_) {
    while (piece.size() < Statement::sizes[i] * statement_->columns_) ++i;  // pieces come in falling sizes
    TRY(const int64_t rows, tx.run_execute(statement_->texts_[i], piece));
    changed += rows;
  }
  return changed;
}

}  // namespace gatehouse::storage
