#include "model/user_imports/import_window.h"

#include <algorithm>

namespace gatehouse::model {
namespace {

/// The text of the first member called email, as it stands in the row; empty when there is none. It decides about nothing but the order.
std::string_view address_in(std::string_view row) {
  constexpr std::string_view name = "\"email\"";
  size_t at = row.find(name);
  if (at == row.npos) return {};
  at = row.find('"', at + name.size());
  if (at == row.npos) return {};
  const size_t end = row.find('"', at + 1);
  return end == row.npos ? std::string_view() : row.substr(at + 1, end - at - 1);
}

/// As identifiers are compared and indexed, as far as it is quick to tell.
bool comes_before(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c); };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) < lower(y); });
}

}  // namespace

ImportWindow::ImportWindow(Source source, int64_t offset, size_t skip, size_t bytes)
    : source_(std::move(source)), bytes_(bytes), reader_(offset), begin_(offset), skip_(skip) {}

Result<std::optional<std::string_view>> ImportWindow::next() {
  while (returned_ == rows_.size()) {  // also the first window when all of it is to be passed over
    TRY_VOID(fill());
    if (rows_.empty()) return std::optional<std::string_view>{};
  }
  const Row& row = rows_[returned_++];
  return std::optional(std::string_view(text_).substr(row.at, row.size));
}

Result<void> ImportWindow::fill() {
  begin_ = reader_.offset();
  text_.clear();
  rows_.clear();
  while (text_.size() < bytes_) {
    TRY(const auto element, reader_.next());
    if (element) {
      const std::string_view key = address_in(*element);
      const size_t key_at = key.empty() ? 0 : size_t(key.data() - element->data());
      rows_.push_back({text_.size(), element->size(), text_.size() + key_at, key.size()});
      text_.append(*element);
      continue;
    }
    TRY(const std::optional<std::string> piece, source_());
    if (piece) {
      reader_.feed(*piece);
      continue;
    }
    if (!reader_.complete()) return Error{Errc::invalid_argument, "The file ends inside its array"};
    break;
  }
  returned_ = std::min(std::exchange(skip_, 0), rows_.size());
  const std::string_view text = text_;
  std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
    return comes_before(text.substr(a.key_at, a.key_size), text.substr(b.key_at, b.key_size));
  });
  return {};
}

}  // namespace gatehouse::model
