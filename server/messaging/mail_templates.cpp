#include "messaging/mail_templates.h"

#include <charconv>
#include <cmath>

#include "liquid/liquid.h"
#include "messaging/html_text.h"

namespace gatehouse::messaging {
namespace {

constexpr std::string_view kNames[] = {"verify_email",        "verify_email_by_code", "auth_email_by_code", "reset_email",
                                       "reset_email_by_code", "welcome_email",        "blocked_account",    "stolen_credentials",
                                       "enrollment_email",    "mfa_oob_code",         "user_invitation",    "async_approval",
                                       "change_password",     "password_reset"};
constexpr std::string_view kOptional[] = {"verify_email", "welcome_email", "blocked_account", "stolen_credentials", "password_reset"};

const EmbeddedTemplate* embedded(std::string_view name) {
  for (const EmbeddedTemplate& one : embedded_templates())
    if (one.name == name) return &one;
  return nullptr;
}

/// The language asked for, without its region, the tenant's first, English: the first that we have.
std::string language_of(const model::Tenant& tenant, const std::string& asked, std::string_view file) {
  std::vector<std::string> wanted{asked, asked.substr(0, asked.find('-'))};
  for (const std::string& locale : get_strings(tenant.settings, "enabled_locales")) {
    wanted.push_back(locale);
    wanted.push_back(locale.substr(0, locale.find('-')));
  }
  for (const std::string& language : wanted)
    if (embedded(language + "/" + std::string(file))) return language;
  return "en";
}

/// #rgb or #rrggbb; nothing else gets into a style attribute.
std::optional<std::array<int, 3>> colour(std::string_view text) {
  if (!text.starts_with('#')) return std::nullopt;
  std::string digits(text.substr(1));
  if (digits.size() == 3) digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
  if (digits.size() != 6 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
  std::array<int, 3> out{};
  for (size_t i = 0; i < 3; ++i) std::from_chars(digits.data() + i * 2, digits.data() + i * 2 + 2, out[i], 16);
  return out;
}

double luminance(const std::array<int, 3>& rgb) {
  const auto channel = [](int c) {
    const double v = c / 255.0;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
}

/// What our own layout takes from the tenant's branding. The text on a button is the one of black and white that reads better.
json::object theme_of(const model::Tenant& tenant) {
  const json::object* colours = get_object(tenant.branding, "colors");
  const auto primary = colours ? get_string(*colours, "primary") : std::nullopt;
  const auto rgb = primary ? colour(*primary) : std::nullopt;
  json::object theme{{"primary", rgb ? *primary : "#3b4fd8"}, {"on_primary", rgb && luminance(*rgb) > 0.18 ? "#111111" : "#ffffff"}};
  const auto logo = get_string(tenant.branding, "logo_url");
  if (logo && (logo->starts_with("https://") || (tenant.is_local() && logo->starts_with("http://"))) &&
      logo->find_first_of(" \t\r\n\"'<>") == std::string_view::npos)
    theme["logo_url"] = *logo;
  return theme;
}

std::string display_name(const model::Tenant& tenant) {
  const std::string name = tenant.friendly_name();
  return name.empty() ? tenant.id.str() : name;
}

json::object variables_of(const model::Tenant& tenant, const Mail& mail, const std::string& language) {
  json::object variables = mail.variables;
  const auto add = [&](std::string_view name, json::value value) {
    if (!variables.contains(name)) variables[name] = std::move(value);
  };
  // An empty text is true in Liquid: {% if support_url %} asks whether there is one.
  for (const std::string_view name : {"support_email", "support_url", "friendly_name"})
    if (get_string(variables, name) == "") variables.erase(name);
  add("tenant", json::string(tenant.id.str()));
  add("friendly_name", json::string(display_name(tenant)));
  for (const std::string_view name : {"support_email", "support_url"})
    if (const auto value = get_string(tenant.settings, name); value && !value->empty()) add(name, json::string(*value));
  add("theme", theme_of(tenant));
  add("request_language", json::string(mail.language.empty() ? language : mail.language));
  if (const json::value* application = variables.if_contains("application")) add("client", *application);  // older templates
  return variables;
}

Result<std::string> render_text(std::string_view source, const json::object& variables, Timestamp now) {
  TRY(const liquid::Template parsed, liquid::Template::parse(source));
  return parsed.render(variables, {.escape = false, .now = now});
}

Result<RenderedMail> render_ours(const model::Tenant& tenant, const Mail& mail, Timestamp now) {
  const std::string_view file =
      mail.template_name == "change_password" ? std::string_view("reset_email") : std::string_view(mail.template_name);
  const std::string language = language_of(tenant, mail.language, file);
  const EmbeddedTemplate* found = embedded(language + "/" + std::string(file));
  if (!found) return Error{Errc::invalid_argument, "There is no mail template '" + mail.template_name + "'."};
  const size_t split = found->source.find("\n---\n");
  json::object variables = variables_of(tenant, mail, language);
  RenderedMail out;
  TRY(out.subject, render_text(found->source.substr(0, split), variables, now));
  variables["subject"] = out.subject;
  const liquid::ParseOptions strict{.strict = true};
  TRY(const liquid::Template layout, liquid::Template::parse(embedded("layout")->source, strict));
  TRY(const liquid::Template content, liquid::Template::parse(found->source.substr(split + 5), strict));
  TRY(const liquid::Template button, liquid::Template::parse(embedded("button")->source, strict));
  TRY(const liquid::Template code, liquid::Template::parse(embedded("code")->source, strict));
  liquid::RenderOptions options{.now = now};
  options.partial = [&](std::string_view name) -> const liquid::Template* {
    return name == "content" ? &content : name == "button" ? &button : name == "code" ? &code : nullptr;
  };
  TRY(out.html, layout.render(variables, options));
  return out;
}

/// Fills in what the tenant has written itself.
Result<void> apply_document(const model::Tenant& tenant, const json::object& document, const Mail& mail, Timestamp now, RenderedMail& out) {
  json::object variables = variables_of(tenant, mail, mail.language.empty() ? "en" : mail.language);
  if (const auto subject = get_string(document, "subject"); subject && !subject->empty()) {
    TRY(out.subject, render_text(*subject, variables, now));
  }
  variables["subject"] = out.subject;
  if (const auto body = get_string(document, "body"); body && !body->empty()) {
    TRY(const liquid::Template parsed, liquid::Template::parse(*body));
    TRY(out.html, parsed.render(variables, {.now = now}));
  }
  if (const auto from = get_string(document, "from"); from && !from->empty()) {
    TRY(const std::string text, render_text(*from, variables, now));
    TRY(out.from, Mailbox::parse(text));
  }
  return {};
}

Mailbox default_sender(const model::Tenant& tenant, std::string_view default_from) {
  if (Result<Mailbox> given = Mailbox::parse(default_from)) {
    if (given->name.empty()) given->name = display_name(tenant);
    return *std::move(given);
  }
  const std::string address = "no-reply@" + tenant.host.substr(0, tenant.host.rfind(':'));
  return {display_name(tenant), is_mail_address(address) ? address : "no-reply@localhost"};
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  if (const size_t at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
}

/// One of our templates with its partials put in their places. A button's parameters become assignments.
std::string self_contained(std::string_view content) {
  std::string body(embedded("layout")->source);
  replace(body, "{% include 'content' %}", content);
  if (const size_t begin = body.find("{% include 'button', "); begin != std::string::npos) {
    const size_t end = body.find(" %}", begin), label = body.find(", label: ", begin), hint = body.find(", hint: ", begin);
    const auto part = [&](size_t from, size_t to) { return body.substr(from, to - from); };
    const std::string assigned = "{% assign link = " + part(begin + 27, label) + " %}\n{% assign label = " + part(label + 9, hint) +
                                 " %}\n{% assign hint = " + part(hint + 8, end) + " %}\n";
    body.replace(begin, end + 3 - begin, assigned + std::string(embedded("button")->source));
  }
  replace(body, "{% include 'code' %}", embedded("code")->source);
  return body;
}

}  // namespace

std::span<const std::string_view> mail_template_names() { return kNames; }

bool is_mail_template(std::string_view name) { return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames); }

bool is_own_mail(std::string_view name) { return name == "users_import"; }

std::string mail_template_document(std::string_view name) { return "email_templates/" + std::string(name); }

bool is_mail_wanted(std::string_view name, const json::object& document) {
  const bool on = get_bool(document, "enabled").value_or(name != "welcome_email");
  return on || std::find(std::begin(kOptional), std::end(kOptional), name) == std::end(kOptional);
}

Result<void> check_mail_template(const json::object& document) {
  for (const std::string_view name : {"body", "subject", "from", "resultUrl"}) {
    const auto source = get_string(document, name);
    if (!source) continue;
    if (const Result<liquid::Template> parsed = liquid::Template::parse(*source); !parsed)
      return Error{Errc::invalid_argument, "The template in '" + std::string(name) + "' is not valid. " + parsed.error().message};
  }
  return {};
}

LinkSettings link_settings_of(const json::object& document, const json::object& application) {
  LinkSettings out;
  if (const auto lifetime = get_int(document, "urlLifetimeInSeconds"); lifetime && *lifetime > 0) out.lifetime = seconds(*lifetime);
  out.include_email = get_bool(document, "includeEmailInRedirect").value_or(true);
  const auto source = get_string(document, "resultUrl");
  if (!source || source->empty()) return out;
  const Result<std::string> url = render_text(*source, {{"application", application}, {"client", application}}, {});
  if (url && (url->starts_with("https://") || url->starts_with("http://")) && url->find_first_of(" \t\r\n\"<>") == std::string::npos)
    out.result_url = *url;
  return out;
}

json::object default_mail_document(std::string_view name) {
  if (name != "verify_email" && name != "welcome_email") return {};
  const std::string_view source = embedded("en/" + std::string(name))->source;
  const size_t split = source.find("\n---\n");
  return {{"template", name},
          {"body", self_contained(source.substr(split + 5))},
          {"from", ""},
          {"subject", source.substr(0, split)},
          {"syntax", "liquid"},
          {"urlLifetimeInSeconds", 432'000},
          {"enabled", name == "verify_email"}};
}

Result<RenderedMail> render_mail(const model::Tenant& tenant, const json::object& document, std::string_view default_from, const Mail& mail,
                                 Timestamp now) {
  TRY(const RenderedMail ours, render_ours(tenant, mail, now));
  RenderedMail out = ours;
  if (get_bool(document, "enabled").value_or(true))
    if (const Result<void> applied = apply_document(tenant, document, mail, now, out); !applied) {
      out = ours;
      out.problem = applied.error().message;
    }
  if (out.from.address.empty()) out.from = default_sender(tenant, default_from);
  out.text = html_to_text(out.html);
  return out;
}

}  // namespace gatehouse::messaging
