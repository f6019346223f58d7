#include "webauthn/cbor.h"

namespace gatehouse::webauthn {

std::optional<CborReader::Kind> CborReader::next() const {
  if (failed_ || position_ >= bytes_.size()) return std::nullopt;
  return static_cast<Kind>(static_cast<uint8_t>(bytes_[position_]) >> 5);
}

std::optional<CborReader::Head> CborReader::head() {
  if (failed_ || position_ >= bytes_.size()) return fail();
  const auto initial = static_cast<uint8_t>(bytes_[position_++]);
  const Kind kind = static_cast<Kind>(initial >> 5);
  const uint8_t information = initial & 0x1f;
  if (information < 24) return Head{kind, information};
  // 28–30 are reserved, 31 is an indefinite length, which authenticators must not use.
  if (information > 27) return fail();
  const size_t width = size_t{1} << (information - 24);
  if (bytes_.size() - position_ < width) return fail();
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes_[position_++]);
  return Head{kind, value};
}

std::optional<uint64_t> CborReader::count_of(Kind kind) {
  if (next() != kind) return fail();
  const auto found = head();
  // Each item takes a byte at least: a larger count is a lie.
  if (!found || found->value > bytes_.size() - position_) return fail();
  return found->value;
}

std::optional<uint64_t> CborReader::map() { return count_of(Kind::map); }
std::optional<uint64_t> CborReader::array() { return count_of(Kind::array); }

std::optional<int64_t> CborReader::integer() {
  const auto kind = next();
  if (kind != Kind::unsigned_integer && kind != Kind::negative_integer) return fail();
  const auto found = head();
  if (!found || found->value > static_cast<uint64_t>(INT64_MAX)) return fail();
  const auto value = static_cast<int64_t>(found->value);
  return kind == Kind::unsigned_integer ? value : -1 - value;
}

std::optional<std::string_view> CborReader::string_of(Kind kind) {
  if (next() != kind) return fail();
  const auto found = head();
  if (!found || found->value > bytes_.size() - position_) return fail();
  const std::string_view value = bytes_.substr(position_, found->value);
  position_ += found->value;
  return value;
}

std::optional<std::string_view> CborReader::text() { return string_of(Kind::text); }
std::optional<std::string_view> CborReader::bytes() { return string_of(Kind::bytes); }

bool CborReader::skip(int depth) {
  const auto kind = next();
  if (!kind) return fail(), false;
  switch (*kind) {
    case Kind::unsigned_integer:
    case Kind::negative_integer:
    case Kind::simple:
      return head().has_value();
    case Kind::bytes:
    case Kind::text:
      return string_of(*kind).has_value();
    case Kind::array:
    case Kind::map: {
      if (depth <= 0) return fail(), false;
      const auto count = count_of(*kind);
      if (!count) return false;
      const uint64_t items = *kind == Kind::map ? 2 * *count : *count;
      for (uint64_t i = 0; i < items; ++i)
        if (!skip(depth - 1)) return false;
      return true;
    }
    case Kind::tag:
      break;
  }
  return fail(), false;
}

}  // namespace gatehouse::webauthn
