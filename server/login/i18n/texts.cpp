#include "login/i18n/texts.h"

#include "base/encoding.h"
#include "login/embedded.h"

namespace gatehouse::login {
namespace {

constexpr std::string_view kRightToLeft[] = {"ar", "fa", "he", "ur"};

std::string_view language_of(std::string_view locale) { return locale.substr(0, locale.find('-')); }

using ScreenName = std::pair<std::string_view, std::string_view>;  ///< prompt, screen

/// Screens whose texts a screen shares where it has none of its own; the later ones win.
std::vector<ScreenName> parents_of(const json::object& english, std::string_view screen) {
  if (screen == "login-id" || screen == "login-password") return {{"login", "login"}};
  if (screen == "signup-id" || screen == "signup-password") return {{"signup", "signup"}};
  if (screen == "no-connection") return {{"common", "error"}};
  if (screen == "reset-password") return {{"signup", "signup"}};
  if (screen == "passkey-enrollment-local") return {{"passkeys", "passkey-enrollment"}};
  if (screen == "mfa-login-options" || screen == "mfa-begin-enroll-options") return {{"common", "code"}, {"mfa", "mfa-names"}};
  constexpr std::string_view reset = "reset-password-mfa-";  // the same challenge as in a login, before a new password
  if (screen.starts_with(reset)) {
    const std::string_view twin = screen.substr(reset.size() - std::string_view("mfa-").size());
    for (const auto& [prompt, screens] : english)
      for (const auto& [name, texts] : screens.as_object())
        if (name == twin) return {{"common", "code"}, {prompt, name}};
  }
  for (const std::string_view of_codes : {"mfa-", "reset-password-mfa-", "login-passwordless-", "login-email-verification",
                                          "phone-identifier-", "email-identifier-", "email-otp-"})
    if (screen.starts_with(of_codes)) return {{"common", "code"}};
  return {};
}

void merge(json::object& into, const json::object& catalogue, std::string_view prompt, std::string_view screen) {
  const json::object* screens = get_object(catalogue, prompt);
  const json::object* texts = screens ? get_object(*screens, screen) : nullptr;
  if (!texts) return;
  for (const auto& [key, value] : *texts)
    if (value.is_string()) into[key] = value;
}

/// Language codes of an Accept-Language header (RFC 9110 §12.5.4), most wanted first.
std::vector<std::string> accepted(std::string_view header) {
  std::vector<std::pair<double, std::string>> ranges;
  while (!header.empty() && ranges.size() < 20) {
    const size_t comma = header.find(',');
    std::string_view item = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const size_t semicolon = item.find(';');
    double q = 1;
    if (semicolon != std::string_view::npos) {
      const size_t at = item.find("q=", semicolon);
      if (at != std::string_view::npos) q = std::strtod(std::string(item.substr(at + 2)).c_str(), nullptr);
      item = item.substr(0, semicolon);
    }
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty() && q > 0) ranges.emplace_back(q, std::string(item));
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> out;
  for (auto& [q, range] : ranges) out.push_back(std::move(range));
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() < 20) {
    const size_t blank = text.find(' ');
    if (blank != 0) out.emplace_back(text.substr(0, blank));
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
  }
  return out;
}

}  // namespace

const std::map<std::string, Catalogue, std::less<>>& Catalogue::all() {
  static const std::map<std::string, Catalogue, std::less<>> catalogues = [] {
    std::map<std::string, Catalogue, std::less<>> made;
    for (const EmbeddedFile& file : embedded_files()) {
      constexpr std::string_view folder = "i18n/", ending = ".json";
      if (!file.name.starts_with(folder) || !file.name.ends_with(ending)) continue;
      const std::string locale(file.name.substr(folder.size(), file.name.size() - folder.size() - ending.size()));
      const bool right_to_left = std::find(std::begin(kRightToLeft), std::end(kRightToLeft), language_of(locale)) != std::end(kRightToLeft);
      made.emplace(locale, Catalogue(locale, json::parse(std::string(file.content)).as_object(), right_to_left));
    }
    const Catalogue& english = made.at("en");
    for (auto& [locale, catalogue] : made) catalogue.make_screens(english);
    return made;
  }();
  return catalogues;
}

const Catalogue* Catalogue::find(std::string_view locale) {
  const auto it = all().find(locale);
  return it == all().end() ? nullptr : &it->second;
}

std::vector<std::string> Catalogue::locales() {
  std::vector<std::string> out;
  for (const auto& [locale, catalogue] : all()) out.push_back(locale);
  return out;
}

const Catalogue& choose_catalogue(const model::Tenant& tenant, std::string_view ui_locales, std::string_view accept_language) {
  std::vector<std::string> enabled = get_strings(tenant.settings, "enabled_locales");
  if (enabled.empty()) enabled = {"en"};
  // An enabled "pt-BR" serves who asks for "pt-BR" or, if nothing closer is there, for "pt"; its texts are those of "pt".
  const auto catalogue_of = [](std::string_view locale) {
    const Catalogue* exact = Catalogue::find(locale);
    return exact ? exact : Catalogue::find(language_of(locale));
  };
  const auto pick = [&](const std::vector<std::string>& wanted) -> const Catalogue* {
    for (const std::string& one : wanted) {
      for (const bool exact : {true, false}) {
        for (const std::string& locale : enabled) {
          const bool fits = exact ? to_lower_ascii(locale) == to_lower_ascii(one)
                                  : to_lower_ascii(language_of(locale)) == to_lower_ascii(language_of(one));
          if (!fits) continue;
          if (const Catalogue* found = catalogue_of(locale)) return found;
        }
      }
    }
    return nullptr;
  };
  if (const Catalogue* asked = pick(split(ui_locales))) return *asked;
  if (const Catalogue* accepts = pick(accepted(accept_language))) return *accepts;
  for (const std::string& locale : enabled)
    if (const Catalogue* found = catalogue_of(locale)) return *found;
  return *Catalogue::find("en");
}

void Catalogue::make_screens(const Catalogue& english) {
  const auto make = [&](const std::string& name, std::string_view prompt, std::string_view screen) {
    json::object texts;
    const std::vector<ScreenName> parents = parents_of(english.texts(), screen);
    for (const Catalogue* layer : std::initializer_list<const Catalogue*>{&english, this}) {
      merge(texts, layer->texts(), "common", "common");
      for (const auto& [parent_prompt, parent_screen] : parents) merge(texts, layer->texts(), parent_prompt, parent_screen);
      merge(texts, layer->texts(), prompt, screen);
    }
    Screen made;
    for (const auto& [key, text] : texts)
      if (std::string_view(text.get_string()).find("${") != std::string_view::npos) made.patterns.emplace_back(key);
    made.variables["texts"] = std::move(texts);
    screens_.emplace(name, std::move(made));
  };
  make("", "", "");
  for (const auto& [prompt, screens] : english.texts())
    for (const auto& [screen, texts] : screens.as_object()) make(std::string(prompt) + "/" + std::string(screen), prompt, screen);
}

const Catalogue::Screen& Catalogue::screen(std::string_view prompt, std::string_view screen) const {
  const auto found = screens_.find(std::string(prompt) + "/" + std::string(screen));
  return found != screens_.end() ? found->second : screens_.begin()->second;
}

ScreenTexts::ScreenTexts(const Catalogue& catalogue, std::string_view prompt, std::string_view screen,
                         std::shared_ptr<const json::object> custom)
    : screen_(catalogue.screen(prompt, screen)), custom_(std::move(custom)), own_(custom_ ? get_object(*custom_, screen) : nullptr) {}

std::optional<std::string_view> ScreenTexts::find(std::string_view key) const {
  if (own_)
    if (const auto text = get_string(*own_, key)) return text;
  return get_string(screen_.texts(), key);
}

std::string ScreenTexts::get(std::string_view key, const Placeholders& values) const {
  const auto text = find(key);
  return text ? fill(*text, values) : std::string();
}

json::object ScreenTexts::filled(const Placeholders& values) const {
  json::object out;
  for (const std::string& key : screen_.patterns) out[key] = get(key, values);
  if (own_)
    for (const auto& [key, text] : *own_)
      if (text.is_string()) out[key] = fill(text.get_string(), values);
  return out;
}

std::string fill(std::string_view text, const Placeholders& values) {
  std::string out;
  for (;;) {
    const size_t start = text.find("${");
    const size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, start));
    const auto it = values.find(text.substr(start + 2, end - start - 2));
    if (it != values.end()) out.append(it->second);
    text.remove_prefix(end + 1);
  }
}

}  // namespace gatehouse::login
