#pragma once
#include <map>
#include <memory>
#include <optional>
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

  /// The texts of one screen as pages show them, made once: `variables` is {"texts": {key: text, …}} with English below this language
  /// and the texts all screens share, `patterns` are the keys of those with placeholders.
  struct Screen {
    json::object variables;
    std::vector<std::string> patterns;
    [[nodiscard]] const json::object& texts() const { return variables.begin()->value().get_object(); }
  };
  /// Of a screen without texts of its own: those that all share.
  [[nodiscard]] const Screen& screen(std::string_view prompt, std::string_view screen) const;

 private:
  Catalogue(std::string locale, json::object texts, bool right_to_left)
      : locale_(std::move(locale)), texts_(std::move(texts)), right_to_left_(right_to_left) {}
  static const std::map<std::string, Catalogue, std::less<>>& all();
  void make_screens(const Catalogue& english);
  std::string locale_;
  json::object texts_;
  bool right_to_left_;
  std::map<std::string, Screen, std::less<>> screens_{};  ///< by "prompt/screen"
};

/// The language of a page: what `ui_locales` asks among the tenant's enabled locales, else what the browser accepts among them,
/// else the tenant's first (Auth0's order). Only languages with a catalogue count; English when none does.
const Catalogue& choose_catalogue(const model::Tenant& tenant, std::string_view ui_locales, std::string_view accept_language);

/// The texts of one screen, over them the tenant's own (`prompts/{prompt}/custom-text/{language}`). Placeholders are filled.
class ScreenTexts {
 public:
  /// `custom` is the tenant's document of the prompt; null: none. The catalogue must outlive this object.
  ScreenTexts(const Catalogue& catalogue, std::string_view prompt, std::string_view screen, std::shared_ptr<const json::object> custom);
  /// The text; empty when there is none.
  [[nodiscard]] std::string get(std::string_view key, const Placeholders& values) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key).has_value(); }
  /// Those that differ from the catalogue's, for a template that has the others from shared().
  [[nodiscard]] json::object filled(const Placeholders& values) const;
  /// {"texts": {…}}, the same for every page of this screen.
  [[nodiscard]] const json::object& shared() const { return screen_.variables; }

 private:
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;
  const Catalogue::Screen& screen_;
  std::shared_ptr<const json::object> custom_;
  const json::object* own_ = nullptr;  ///< in custom_
};

/// `${name}` replaced by its value, `${unknown}` left out. Values are inserted as they are: the template escapes.
std::string fill(std::string_view text, const Placeholders& values);

}  // namespace gatehouse::login
