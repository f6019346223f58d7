#pragma once
#include <string>
#include <string_view>

#include "crypto/random.h"

namespace gatehouse::attack_protection {

inline constexpr int kPictureWidth = 220, kPictureHeight = 72;

/// Digits as the path of an SVG picture of this size: bent, turned, and crossed by lines of the same kind, so that nothing but their look
/// tells them apart. Only letters, digits, blanks, points and signs: safe in an attribute.
std::string draw_digits(std::string_view digits, crypto::Random& random);

}  // namespace gatehouse::attack_protection
