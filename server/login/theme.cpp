#include "login/theme.h"

#include <cmath>
#include <cstdio>

#include "base/encoding.h"

namespace gatehouse::login {
namespace {

constexpr Colour kWhite{255, 255, 255}, kInk{20, 22, 31}, kDarkCard{27, 29, 38};
constexpr Colour kPrimary{57, 80, 214};
constexpr double kReadable = 4.5;

/// `colour`, mixed with `towards` until it stands out from `background`.
Colour readable(Colour colour, const Colour& background, const Colour& towards) {
  for (int step = 0; step < 20 && contrast(colour, background) < kReadable; ++step) colour = colour.mixed(towards, 0.1);
  return colour;
}

const Colour& text_on(const Colour& background) { return contrast(kWhite, background) >= contrast(kInk, background) ? kWhite : kInk; }

}  // namespace

std::optional<Colour> Colour::parse(std::string_view text) {
  if (text.empty() || text.front() != '#') return std::nullopt;
  std::string digits(text.substr(1));
  if (digits.size() == 3) digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
  if (digits.size() != 6) return std::nullopt;
  const auto bytes = hex_decode(to_lower_ascii(digits));
  if (!bytes) return std::nullopt;
  return Colour{uint8_t((*bytes)[0]), uint8_t((*bytes)[1]), uint8_t((*bytes)[2])};
}

std::string Colour::css() const {
  const char bytes[] = {char(red), char(green), char(blue)};
  return "#" + hex_encode(std::string_view(bytes, 3));
}

double Colour::luminance() const {
  static const std::array<double, 256> linear = [] {
    std::array<double, 256> table{};
    for (size_t value = 0; value < table.size(); ++value) {
      const double c = double(value) / 255.0;
      table[value] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    }
    return table;
  }();
  return 0.2126 * linear[red] + 0.7152 * linear[green] + 0.0722 * linear[blue];
}

Colour Colour::mixed(const Colour& other, double share) const {
  const auto mix = [&](uint8_t a, uint8_t b) { return uint8_t(std::lround(a + (b - a) * share)); };
  return {mix(red, other.red), mix(green, other.green), mix(blue, other.blue)};
}

double contrast(const Colour& a, const Colour& b) {
  const double lighter = std::max(a.luminance(), b.luminance()), darker = std::min(a.luminance(), b.luminance());
  return (lighter + 0.05) / (darker + 0.05);
}

namespace {

/// 3, 1.5, 87.5
std::string number(const json::object& from, std::string_view key, double fallback) {
  const json::value* value = from.if_contains(key);
  const double number = value && value->is_number() ? value->to_number<double>() : fallback;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

/// The rules of a theme. Everything in it was checked when it was set; colours are parsed again, so that none can end the style sheet.
std::string rules_of(const json::object& theme) {
  static const json::object none;
  const auto part = [&](std::string_view name) -> const json::object& {
    const json::object* found = get_object(theme, name);
    return found ? *found : none;
  };
  const json::object &colours = part("colors"), &borders = part("borders"), &fonts = part("fonts"), &page = part("page_background"),
                     &widget = part("widget");
  std::string properties;
  const auto set = [&](std::string_view variable, const json::object& from, std::string_view key) {
    if (const auto colour = Colour::parse(get_string(from, key).value_or("")))
      properties += std::string(variable) + ":" + colour->css() + ";";
  };
  set("--primary", colours, "primary_button");
  set("--on-primary", colours, "primary_button_label");
  set("--link", colours, "links_focused_components");
  set("--card", colours, "widget_background");
  set("--text", colours, "body_text");
  set("--muted", colours, "input_labels_placeholders");
  set("--field", colours, "input_background");
  set("--edge", colours, "input_border");
  set("--danger", colours, "error");
  set("--good", colours, "success");
  set("--line", colours, "widget_border");
  set("--page", page, "background_color");
  if (const auto button = Colour::parse(get_string(colours, "primary_button").value_or("")))
    properties += "--primary-strong:" + button->mixed(kInk, 0.14).css() + ";--glow:transparent;";
  std::string css = ":root,:root:root{" + properties + "}";
  const auto rule = [&](std::string_view selector, const std::string& body) { css += std::string(selector) + "{" + body + "}"; };
  const auto coloured = [&](std::string_view selector, std::string_view property, std::string_view key) {
    if (const auto colour = Colour::parse(get_string(colours, key).value_or(""))) rule(selector, std::string(property) + ":" + colour->css());
  };
  coloured(".title", "color", "header");
  coloured("input", "color", "input_filled_text");
  coloured(".way,.button--second", "border-color", "secondary_button_border");
  coloured(".way,.button--second", "color", "secondary_button_label");
  coloured(".reveal,.way svg", "color", "icons");
  coloured("a:focus-visible,.button:focus-visible,input:focus", "outline-color", "base_focus_color");
  coloured("a:hover", "color", "base_hover_color");

  const auto shape = [&](std::string_view style, std::string_view radius) {
    const std::string_view value = get_string(borders, style).value_or("rounded");
    return value == "pill" ? std::string("999px") : value == "sharp" ? std::string("0") : number(borders, radius, 3) + "px";
  };
  if (!borders.empty()) {
    rule(".button,.way", "border-radius:" + shape("buttons_style", "button_border_radius"));
    rule(".way,.button--second", "border-width:" + number(borders, "button_border_weight", 1) + "px");
    rule("input", "border-radius:" + shape("inputs_style", "input_border_radius") + ";border-width:" + number(borders, "input_border_weight", 1) + "px");
    rule(".card", "border-radius:" + number(borders, "widget_corner_radius", 5) + "px;border-width:" + number(borders, "widget_border_weight", 0) + "px" +
                      (get_bool(borders, "show_widget_shadow").value_or(true) ? "" : ";box-shadow:none"));
  }
  if (!fonts.empty()) {
    rule("html", "font-size:" + number(fonts, "reference_text_size", 16) + "px");
    const auto font = [&](std::string_view selector, std::string_view key) {
      if (const json::object* style = get_object(fonts, key))
        rule(selector, "font-size:" + number(*style, "size", 100) + "%;font-weight:" + (get_bool(*style, "bold").value_or(false) ? "700" : "400"));
    };
    font(".title", "title");
    font(".lead", "subtitle");
    font(".note,.switch,.aside", "body_text");
    font(".button,.way", "buttons_text");
    font("label", "input_labels");
    font(".card a", "links");
    if (get_string(fonts, "links_style") == "underlined") rule(".card a", "text-decoration:underline");
  }
  const auto side = [](std::string_view value) { return value == "left" ? "flex-start" : value == "right" ? "flex-end" : "center"; };
  if (const auto layout = get_string(page, "page_layout")) rule(".stage", "align-items:" + std::string(side(*layout)));
  if (const auto image = safe_image_url(get_string(page, "background_image_url").value_or("")))
    rule("body", "background:var(--page) url(\"" + *image + "\") center/cover no-repeat fixed");
  else if (!page.empty())
    rule("body", "background:var(--page)");
  if (const auto alignment = get_string(widget, "header_text_alignment")) {
    const std::string value = *alignment == "left" ? "start" : *alignment == "right" ? "end" : "center";
    rule(".title,.lead", "text-align:" + value);
  }
  if (const auto position = get_string(widget, "logo_position"))
    rule(".brand", *position == "none" ? std::string("display:none") : "justify-content:" + std::string(side(*position)));
  if (!widget.empty()) rule(".brand__logo", "height:" + number(widget, "logo_height", 52) + "px");
  return css;
}

}  // namespace

std::string theme_css(const json::object& branding, const json::object& theme) {
  const json::object* colours = get_object(branding, "colors");
  const auto colour = [&](const json::object* from, std::string_view key) {
    return from ? Colour::parse(get_string(*from, key).value_or("")) : std::nullopt;
  };
  const Colour primary = colour(colours, "primary").value_or(kPrimary);

  std::string light = "--primary:" + primary.css() + ";--on-primary:" + text_on(primary).css() +
                      ";--primary-strong:" + primary.mixed(kInk, 0.14).css() + ";--link:" + readable(primary, kWhite, kInk).css() + ";";
  // A primary colour that would vanish on the dark card is lightened there.
  Colour dark_primary = primary;
  for (int step = 0; step < 20 && contrast(dark_primary, kDarkCard) < 3; ++step) dark_primary = dark_primary.mixed(kWhite, 0.1);
  std::string dark = "--primary:" + dark_primary.css() + ";--on-primary:" + text_on(dark_primary).css() +
                     ";--primary-strong:" + dark_primary.mixed(kWhite, 0.14).css() +
                     ";--link:" + readable(dark_primary, kDarkCard, kWhite).css() + ";";

  std::optional<Colour> page = colour(colours, "page_background");
  std::string background;
  if (page) {
    background = page->css();
  } else if (const json::object* gradient = colours ? get_object(*colours, "page_background") : nullptr) {
    const auto start = colour(gradient, "start"), end = colour(gradient, "end");
    if (start && end) {
      const int64_t angle = std::clamp<int64_t>(get_int(*gradient, "angle_deg").value_or(0), 0, 360);
      background = "linear-gradient(" + std::to_string(angle) + "deg," + start->css() + "," + end->css() + ")";
      page = start->mixed(*end, 0.5);
    }
  }
  if (page) {
    const std::string chosen =
        "--page:" + background + ";--glow:transparent;--on-page:" + (text_on(*page) == kWhite ? "#f2f3f8" : "#3a3f4d") + ";";
    light += chosen;
    if (page->luminance() < 0.2) dark += chosen;  // a bright background of the tenant stays out of the dark scheme
  }
  return ":root{" + light + "}@media (prefers-color-scheme:dark){:root{" + dark + "}}" + (theme.empty() ? "" : rules_of(theme));
}

std::optional<std::string> safe_image_url(std::string_view url) {
  if (url.size() > 2048 || !origin_of(url)) return std::nullopt;
  return std::string(url);
}

std::optional<std::string> origin_of(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string scheme = to_lower_ascii(url.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#\\"));
  if (authority.empty()) return std::nullopt;
  for (const char c : authority) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
                       c == '[' || c == ']';
    if (!plain) return std::nullopt;  // wildcards, user names and everything else that could mislead
  }
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\'' || c == '<' || c == '>' || c == 0x7f) return std::nullopt;
  return scheme + "://" + to_lower_ascii(authority);
}

}  // namespace gatehouse::login
