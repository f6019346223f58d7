#include "oauth/tokens/scopes.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace gatehouse::oauth {

Scopes::Scopes(std::vector<std::string> values) {
  for (std::string& value : values) add(value);
}

Scopes Scopes::parse(std::string_view text) {
  Scopes scopes;
  std::unordered_set<std::string_view> seen;  // strangers send long lists
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0 && seen.insert(text.substr(0, end)).second) scopes.values_.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

bool Scopes::contains(std::string_view scope) const { return std::find(values_.begin(), values_.end(), scope) != values_.end(); }

void Scopes::add(std::string_view scope) {
  if (!scope.empty() && !contains(scope)) values_.emplace_back(scope);
}

void Scopes::remove(std::string_view scope) {
  keep_if([scope](const std::string& s) { return s != scope; });
}

std::string Scopes::to_string() const {
  std::string text;
  for (const std::string& value : values_) {
    if (!text.empty()) text += ' ';
    text += value;
  }
  return text;
}

bool is_oidc_scope(std::string_view scope) {
  static constexpr std::array<std::string_view, 6> known{"openid", "profile", "email", "address", "phone", "offline_access"};
  return std::find(known.begin(), known.end(), scope) != known.end();
}

}  // namespace gatehouse::oauth
