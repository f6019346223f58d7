#include "login/page_template.h"

#include "base/encoding.h"
#include "liquid/liquid.h"

namespace gatehouse::login {
namespace {

/// What stands between the end of the first `open` tag and the last `close`.
std::string_view between(std::string_view html, std::string_view open, std::string_view close) {
  const size_t begin = html.find(open), end = html.rfind(close);
  if (begin == std::string_view::npos || end == std::string_view::npos || begin + open.size() > end) return {};
  return html.substr(begin + open.size(), end - begin - open.size());
}

}  // namespace

std::string with_nonce(std::string_view html, std::string_view nonce) {
  std::string out;
  size_t from = 0;
  while (true) {
    const size_t tag = html.find('<', from);
    if (tag == std::string_view::npos) break;
    size_t end = tag + 1;
    for (const std::string_view name : {"style", "script"}) {
      const std::string_view here = html.substr(tag + 1, name.size());
      const size_t after = tag + 1 + name.size();
      const char next = after < html.size() ? html[after] : '\0';
      if (to_lower_ascii(here) == name && (next == '>' || next == ' ' || next == '\n' || next == '\t')) end = after;
    }
    out += html.substr(from, end - from);
    if (end > tag + 1) out += " nonce=\"" + std::string(nonce) + "\"";
    from = end;
  }
  return out += html.substr(from);
}

json::object tenant_variables(const json::object& ours, std::string_view prompt, std::string_view screen, const json::object& application,
                              const json::object& branding) {
  json::object variables{{"application", application}, {"branding", branding}};
  if (const json::object* tenant = get_object(ours, "tenant")) {
    json::object shown = *tenant;
    shown["friendly_name"] = get_string(*tenant, "name").value_or("");
    variables["tenant"] = std::move(shown);
  }
  json::object texts;
  if (const json::object* own = get_object(ours, "texts")) texts = *own;
  if (const auto title = get_string(ours, "title")) texts["title"] = *title;
  if (const json::object* page = get_object(ours, "page")) {
    texts["pageTitle"] = get_string(*page, "title").value_or("");
    variables["locale"] = get_string(*page, "locale").value_or("en");
    variables["dir"] = get_string(*page, "dir").value_or("ltr");
  }
  variables["prompt"] = {{"name", prompt}, {"screen", {{"name", screen}, {"texts", std::move(texts)}}}};
  return variables;
}

Result<std::string> inside_page_template(std::string_view source, std::string_view html, const json::object& variables,
                                         std::string_view nonce) {
  TRY(const liquid::Template page, liquid::Template::parse(with_nonce(source, nonce), {.inserts = {"auth0:head", "auth0:widget"}}));
  const std::string language(get_string(variables, "locale").value_or("en")), direction(get_string(variables, "dir").value_or("ltr"));
  liquid::RenderOptions options;
  options.inserts["auth0:head"] = std::string(between(html, "<head>", "</head>"));
  options.inserts["auth0:widget"] =
      "<div lang=\"" + language + "\" dir=\"" + direction + "\">" + std::string(between(html, "<body>", "</body>")) + "</div>";
  return page.render(variables, options);
}

json::object rendered_partials(const json::object& screen, const json::object& variables, std::string_view nonce) {
  json::object out;
  for (const auto& [point, source] : screen) {
    const auto parsed = source.is_string() ? liquid::Template::parse(with_nonce(source.get_string(), nonce))
                                           : Result<liquid::Template>(Error{Errc::invalid_argument, "not a text"});
    if (!parsed) continue;
    auto html = parsed->render(variables, {.max_output = 64 * 1024});
    if (!html) continue;
    std::string name(point);
    std::ranges::replace(name, '-', '_');
    out[name] = std::move(*html);
  }
  return out;
}

}  // namespace gatehouse::login
