#include "login/screens/typed_digits.h"

namespace gatehouse::login {

std::string ascii_digits(std::string_view typed) {
  constexpr std::string_view zeros[] = {"\u0660", "\u06F0", "\u0966", "\uFF10"};  // their other nine follow them
  std::string out;
  for (size_t i = 0; i < typed.size();) {
    size_t length = 0;
    for (const std::string_view zero : zeros) {
      const std::string_view lead = zero.substr(0, zero.size() - 1);
      if (typed.size() - i < zero.size() || typed.substr(i, lead.size()) != lead) continue;
      const int digit = static_cast<unsigned char>(typed[i + lead.size()]) - static_cast<unsigned char>(zero.back());
      if (digit < 0 || digit > 9) continue;
      out += static_cast<char>('0' + digit);
      length = zero.size();
      break;
    }
    if (length == 0) out += typed[i];
    i += length ? length : 1;
  }
  return out;
}

}  // namespace gatehouse::login
