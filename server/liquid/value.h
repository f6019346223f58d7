#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse::liquid {

/// What an expression yields: a JSON value, borrowed from the variables or shared with whatever made it, so that looking
/// something up never copies. `safe` says that the text is markup already and is not escaped again.
class Value {
 public:
  enum class Kind { plain, empty, blank };  ///< the literals `empty` and `blank` compare in their own way

  Value() : data_(std::shared_ptr<void>(), &nil()) {}
  explicit Value(json::value owned, bool safe = false) : data_(std::make_shared<const json::value>(std::move(owned))), safe_(safe) {}
  /// The value must outlive this one (the caller's variables, a literal in a template).
  static Value borrow(const json::value& value) { return Value(std::shared_ptr<const json::value>(std::shared_ptr<void>(), &value)); }
  static Value literal(Kind kind) {
    Value v;
    v.kind_ = kind;
    return v;
  }
  static Value text(std::string_view text, bool safe = false) { return Value(json::value(json::string(text)), safe); }
  /// A member or element of this value; it keeps this value alive.
  [[nodiscard]] Value part(const json::value& inside) const { return Value(std::shared_ptr<const json::value>(data_, &inside)); }

  [[nodiscard]] const json::value& get() const { return *data_; }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool safe() const { return safe_; }
  [[nodiscard]] bool is_nil() const { return kind_ == Kind::plain && data_->is_null(); }

 private:
  explicit Value(std::shared_ptr<const json::value> data) : data_(std::move(data)) {}
  static const json::value& nil();

  std::shared_ptr<const json::value> data_;
  Kind kind_ = Kind::plain;
  bool safe_ = false;
};

/// Only nil and false are false; "" and 0 are true (Liquid).
bool is_true(const json::value& value);
/// What printing the value gives: nothing for nil, the parts of an array one after the other.
std::string to_text(const json::value& value);
/// As JavaScript's Number(): 0 for what is no number.
double to_number(const json::value& value);
/// An integer clamped to ±1e9, for sizes and positions.
int64_t to_integer(const json::value& value);
/// int64 where it is a whole number that JavaScript prints as one, else double.
json::value from_number(double number);
/// JSON text; numbers as JavaScript prints them.
std::string to_json(const json::value& value);
/// A rough number of bytes the value holds: what copying it costs.
size_t weight(const json::value& value);
/// == of two plain values: no conversion between types, arrays by element.
bool equal(const json::value& a, const json::value& b);
/// Negative, 0, positive; nullopt when the two have no order (nil, objects, text that is no number beside a number).
std::optional<int> compare(const json::value& a, const json::value& b);
/// == where one side may be the literal `empty` or `blank`.
bool equal(const Value& a, const Value& b);

/// Length of the UTF-8 sequence that starts with this byte; 1 for a stray one.
size_t utf8_length(char first);
/// Code points.
size_t text_length(std::string_view text);

}  // namespace gatehouse::liquid
