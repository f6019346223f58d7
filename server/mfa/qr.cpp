#include "mfa/qr.h"

#include <qrcodegen/QrCode.hpp>

namespace gatehouse::mfa {

std::string qr_svg(std::string_view text) {
  constexpr int kQuiet = 4;  // modules of white around it: ISO/IEC 18004 wants them
  if (text.size() > 2'300) return {};
  const auto code = qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
  const int size = code.getSize();
  const std::string side = std::to_string(size + 2 * kQuiet);
  std::string path;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      if (!code.getModule(x, y)) continue;
      const int first = x;
      while (x + 1 < size && code.getModule(x + 1, y)) ++x;
      path += "M" + std::to_string(first + kQuiet) + " " + std::to_string(y + kQuiet) + "h" + std::to_string(x - first + 1) + "v1H" +
              std::to_string(first + kQuiet) + "z";
    }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
         "\" shape-rendering=\"crispEdges\" role=\"img\" aria-hidden=\"true\"><path fill=\"#fff\" d=\"M0 0h" + side + "v" + side +
         "H0z\"/><path fill=\"#000\" d=\"" + path + "\"/></svg>";
}

}  // namespace gatehouse::mfa
