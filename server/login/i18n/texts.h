#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::login {

/// Values for the `${name}` placeholders of texts: clientName, companyName, email, …
using Placeholders = std::map<std::string, std::string, std::less<>>;

/// All texts of the pages in one language, keyed by Auth0's prompt, screen and key. The catalogues are compiled in.
class Catalogue {
 public:
  /// The catalogue of a language code ("en", "ar"); null when there is none.
  static const Catalogue* find(std::string_view locale);
  static std::vector<std::string> locales();

  [[nodiscard]] const std::string& locale() const { return locale_; }
  [[nodiscard]] bool right_to_left() const { return right_to_left_; }
  [[nodiscard]] const json::object& texts() const { return texts_; }

 private:
  Catalogue(std::string locale, json::object texts, bool right_to_left)
      : locale_(std::move(locale)), texts_(std::move(texts)), right_to_left_(right_to_left) {}
  static const std::map<std::string, Catalogue, std::less<>>& all();
  std::string locale_;
  json::object texts_;
  bool right_to_left_;
};

/// The language of a page: what `ui_locales` asks among the tenant's enabled locales, else what the browser accepts among them,
/// else the tenant's first (Auth0's order). Only languages with a catalogue count; English when none does.
const Catalogue& choose_catalogue(const model::Tenant& tenant, std::string_view ui_locales, std::string_view accept_language);

/// The texts of one screen: English, over it the language, over it the tenant's own (`prompts/{prompt}/custom-text/{language}`),
/// and the texts all screens share. Placeholders are filled.
class ScreenTexts {
 public:
  ScreenTexts(const Catalogue& catalogue, std::string_view prompt, std::string_view screen, const json::object& custom);
  /// The text; empty when there is none.
  [[nodiscard]] std::string get(std::string_view key, const Placeholders& values) const;
  [[nodiscard]] bool has(std::string_view key) const { return texts_.contains(key); }
  /// All of them, for a template.
  [[nodiscard]] json::object filled(const Placeholders& values) const;

 private:
  json::object texts_;
};

/// `${name}` replaced by its value, `${unknown}` left out. Values are inserted as they are: the template escapes.
std::string fill(std::string_view text, const Placeholders& values);

}  // namespace gatehouse::login
