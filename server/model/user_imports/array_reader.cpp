#include "model/user_imports/array_reader.h"

namespace gatehouse::model {
namespace {

constexpr size_t longest_element = 1 << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

Error ArrayReader::malformed(std::string_view what) const {
  return Error{Errc::invalid_argument, std::string(what) + " (near byte " + std::to_string(offset_) + ")"};
}

void ArrayReader::feed(std::string_view data) {
  held_.erase(0, begin_);
  at_ -= begin_;
  begin_ = 0;
  held_.append(data);
}

Result<std::optional<std::string_view>> ArrayReader::next() {
  if (stage_ == Stage::before_array && offset_ == 0) {
    if (held_.size() < byte_order_mark.size() && byte_order_mark.starts_with(held_)) return std::optional<std::string_view>{};
    if (held_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  }
  while (at_ < held_.size()) {
    const char c = held_[at_];
    if (stage_ != Stage::element) {
      const size_t consumed = at_ + 1 - begin_;
      if (is_blank(c)) {
        ++at_;
        begin_ += consumed;
        offset_ += int64_t(consumed);
        continue;
      }
      switch (stage_) {
        case Stage::before_array:
          if (c != '[') return malformed("The file does not hold a JSON array");
          stage_ = Stage::before_first;
          break;
        case Stage::before_first:
        case Stage::before_element:
          if (c == ']' && stage_ == Stage::before_first) {
            stage_ = Stage::after_array;
            break;
          }
          stage_ = Stage::element;
          depth_ = 0;
          in_string_ = escaped_ = false;
          offset_ += int64_t(at_ - begin_);
          begin_ = at_;
          continue;
        case Stage::after_element:
          if (c != ',' && c != ']') return malformed("There is no comma between two elements");
          stage_ = c == ',' ? Stage::before_element : Stage::after_array;
          break;
        case Stage::after_array:
          return malformed("Something follows the array");
        case Stage::element:
          break;
      }
      ++at_;
      begin_ += consumed;
      offset_ += int64_t(consumed);
      continue;
    }
    bool ended = false;  // the element ends before c
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      if (depth_ == 0)
        ended = true;
      else
        --depth_;
    } else if (c == ',' && depth_ == 0) {
      ended = true;
    }
    if (!ended) {
      ++at_;
      if (at_ - begin_ > longest_element) return malformed("An element is longer than 1 MiB");
      continue;
    }
    const std::string_view element(held_.data() + begin_, at_ - begin_);
    stage_ = Stage::after_element;
    offset_ += int64_t(element.size());
    begin_ = at_;
    return std::optional(element);
  }
  return std::optional<std::string_view>{};
}

}  // namespace gatehouse::model
