#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oauth {

/// A list of scopes (RFC 6749 §3.3): split on U+0020 only, in the order asked, without repetitions.
class Scopes {
 public:
  Scopes() = default;
  explicit Scopes(std::vector<std::string> values);
  static Scopes parse(std::string_view text);
  [[nodiscard]] bool contains(std::string_view scope) const;
  void add(std::string_view scope);
  void remove(std::string_view scope);
  template <class Keep>
  void keep_if(Keep keep) {
    std::erase_if(values_, [&](const std::string& s) { return !keep(s); });
  }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }
  [[nodiscard]] std::string to_string() const;  ///< joined by one space

 private:
  std::vector<std::string> values_;
};

/// Scopes of OpenID Connect Core §5.4 and §11, which belong to no API.
bool is_oidc_scope(std::string_view scope);

}  // namespace gatehouse::oauth
