#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Text with holes: `{{name}}` is the variable as it is, `{{name|form}}` form-encoded, `{{name|path}}` a URL without scheme and host.
/// A variable that nobody has set is empty.
class Template {
 public:
  Template() = default;
  explicit Template(std::string_view text);

  void render(std::string& out, const Variables& variables) const;
  bool empty() const { return pieces_.empty(); }

 private:
  enum class Kind { literal, raw, form, path };
  struct Piece {
    Kind kind;
    std::string text;  // the literal, or the variable's name
  };
  std::vector<Piece> pieces_;
};

}  // namespace bench
