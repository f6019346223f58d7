#include <cmath>

#include "liquid/filters.h"

namespace gatehouse::liquid {
namespace {

Result<Value> number(double n) { return Value(from_number(n)); }
double left(const Value& v) { return to_number(v.get()); }

Result<Value> plus(const Value& v, const Arguments& a, Scope&) { return number(left(v) + to_number(a.at(0))); }
Result<Value> minus(const Value& v, const Arguments& a, Scope&) { return number(left(v) - to_number(a.at(0))); }
Result<Value> times(const Value& v, const Arguments& a, Scope&) { return number(left(v) * to_number(a.at(0))); }
Result<Value> abs(const Value& v, const Arguments&, Scope&) { return number(std::fabs(left(v))); }
Result<Value> ceil(const Value& v, const Arguments&, Scope&) { return number(std::ceil(left(v))); }
Result<Value> floor(const Value& v, const Arguments&, Scope&) { return number(std::floor(left(v))); }
Result<Value> at_least(const Value& v, const Arguments& a, Scope&) { return number(std::max(left(v), to_number(a.at(0)))); }
Result<Value> at_most(const Value& v, const Arguments& a, Scope&) { return number(std::min(left(v), to_number(a.at(0)))); }

Result<Value> divided_by(const Value& v, const Arguments& a, Scope&) {
  const double quotient = left(v) / to_number(a.at(0));
  return number(is_true(a.at(1)) ? std::floor(quotient) : quotient);
}

/// Has the sign of the divisor.
Result<Value> modulo(const Value& v, const Arguments& a, Scope&) {
  const double divisor = to_number(a.at(0));
  const double rest = std::fmod(left(v), divisor);
  return number(rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest);
}

Result<Value> round(const Value& v, const Arguments& a, Scope&) {
  const double scale = std::pow(10, double(std::clamp<int64_t>(to_integer(a.at(0)), -15, 15)));
  return number(std::round(left(v) * scale) / scale);
}

constexpr FilterEntry kFilters[] = {
    {"abs", abs},     {"at_least", at_least}, {"at_most", at_most}, {"ceil", ceil},   {"divided_by", divided_by}, {"floor", floor},
    {"minus", minus}, {"modulo", modulo},     {"plus", plus},       {"round", round}, {"times", times},
};

}  // namespace

std::span<const FilterEntry> number_filters() { return kFilters; }

}  // namespace gatehouse::liquid
