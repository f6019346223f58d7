#pragma once
#include <string>
#include <string_view>

namespace gatehouse::mfa {

/// A QR code of a text as one SVG element: scales to any size, dark on white whatever the page's colours (scanners need that). Empty when
/// the text is too long (about 2,300 bytes).
std::string qr_svg(std::string_view text);

}  // namespace gatehouse::mfa
