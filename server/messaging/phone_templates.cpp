#include "messaging/phone_templates.h"

#include "liquid/liquid.h"

namespace gatehouse::messaging {
namespace {

struct Wording {
  std::string_view type, language, text, voice;
};

#define SPOKEN(words) words " {{ pause }} {{ code }} {{ pause }}. "
constexpr std::string_view kOtpVoiceEn = SPOKEN("Hello. Your code for {{ friendly_name }} is") SPOKEN("Once more, your code is");
constexpr std::string_view kOtpVoiceAr = SPOKEN("مرحبا. رمزك لدى {{ friendly_name }} هو") SPOKEN("مرة أخرى، رمزك هو");
constexpr std::string_view kOtpVoiceDe = SPOKEN("Hallo. Ihr Code für {{ friendly_name }} lautet") SPOKEN("Noch einmal, Ihr Code lautet");
constexpr std::string_view kBlockedEn =
    "Logins to your {{ friendly_name }} account from {{ user.source_ip }}{% if user.city %} ({{ user.city }}, {{ user.country }}){% endif %} "
    "were blocked after too many failed attempts. If that was you, reset your password to go on.";
constexpr std::string_view kBlockedAr =
    "حُظرت محاولات الدخول إلى حسابك لدى {{ friendly_name }} من العنوان {{ user.source_ip }} بعد محاولات فاشلة كثيرة. إن كنت أنت، فأعد تعيين كلمة "
    "المرور للمتابعة.";
constexpr std::string_view kBlockedDe =
    "Anmeldungen bei Ihrem Konto von {{ friendly_name }} von {{ user.source_ip }} sind nach zu vielen Fehlversuchen gesperrt. Wenn Sie das waren, "
    "setzen Sie Ihr Passwort zurück.";
constexpr std::string_view kBreachEn =
    "Your {{ friendly_name }} password appears in a list of passwords leaked elsewhere. Please choose another one.";
constexpr std::string_view kBreachAr = "كلمة مرورك لدى {{ friendly_name }} موجودة في قائمة كلمات مرور مسربة من مكان آخر. الرجاء اختيار غيرها.";
constexpr std::string_view kBreachDe =
    "Ihr Passwort bei {{ friendly_name }} steht in einer Liste anderswo gestohlener Passwörter. Bitte wählen Sie ein anderes.";

constexpr Wording kWordings[] = {
    {"otp_enroll", "en", "{{ code }} is your code to add this phone to {{ friendly_name }}.", kOtpVoiceEn},
    {"otp_verify", "en", "{{ code }} is your code for {{ friendly_name }}.", kOtpVoiceEn},
    {"change_password", "en", "{{ code }} is your code to change your {{ friendly_name }} password.", kOtpVoiceEn},
    {"blocked_account", "en", kBlockedEn, kBlockedEn},
    {"password_breach", "en", kBreachEn, kBreachEn},
    {"otp_enroll", "ar", "{{ code }} هو رمزك لإضافة هذا الهاتف إلى {{ friendly_name }}.", kOtpVoiceAr},
    {"otp_verify", "ar", "{{ code }} هو رمزك لدى {{ friendly_name }}.", kOtpVoiceAr},
    {"change_password", "ar", "{{ code }} هو رمزك لتغيير كلمة المرور لدى {{ friendly_name }}.", kOtpVoiceAr},
    {"blocked_account", "ar", kBlockedAr, kBlockedAr},
    {"password_breach", "ar", kBreachAr, kBreachAr},
    {"otp_enroll", "de", "{{ code }} ist Ihr Code, um dieses Telefon bei {{ friendly_name }} hinzuzufügen.", kOtpVoiceDe},
    {"otp_verify", "de", "{{ code }} ist Ihr Code für {{ friendly_name }}.", kOtpVoiceDe},
    {"change_password", "de", "{{ code }} ist Ihr Code, um Ihr Passwort bei {{ friendly_name }} zu ändern.", kOtpVoiceDe},
    {"blocked_account", "de", kBlockedDe, kBlockedDe},
    {"password_breach", "de", kBreachDe, kBreachDe},
};
constexpr std::string_view kTypes[] = {"otp_enroll", "otp_verify", "change_password", "blocked_account", "password_breach"};

const Wording& ours(std::string_view type, std::string_view language) {
  for (const Wording& one : kWordings)
    if (one.type == type && one.language == language) return one;
  return *std::ranges::find(kWordings, type, &Wording::type);
}

std::string language_of(const model::Tenant& tenant, const std::string& asked) {
  std::vector<std::string> wanted{asked};
  for (const std::string& locale : get_strings(tenant.settings, "enabled_locales")) wanted.push_back(locale);
  for (const std::string& language : wanted) {
    const std::string base = language.substr(0, language.find('-'));
    if (std::ranges::find(kWordings, base, &Wording::language) != std::end(kWordings)) return base;
  }
  return "en";
}

/// Auth0's older macros, @@name@@ and #{name}, as Liquid.
std::string from_macros(std::string_view source) {
  std::string out;
  for (size_t at = 0; at < source.size();) {
    const std::string_view open = source.substr(at, 2);
    const std::string_view close = open == "@@" ? "@@" : open == "#{" ? "}" : "";
    const size_t end = close.empty() ? std::string_view::npos : source.find(close, at + 2);
    if (end == std::string_view::npos) {
      out += source[at++];
      continue;
    }
    out += "{{ " + std::string(source.substr(at + 2, end - at - 2)) + " }}";
    at = end + close.size();
  }
  return out;
}

Result<std::string> render(std::string_view source, const json::object& variables, Timestamp now) {
  TRY(const liquid::Template parsed, liquid::Template::parse(source));
  return parsed.render(variables, {.escape = false, .now = now, .max_output = 4'096});
}

json::object variables_of(const model::Tenant& tenant, const PhoneMessage& message, const std::string& language) {
  json::object variables = message.variables;
  const auto add = [&](std::string_view name, json::value value) {
    if (!variables.contains(name)) variables[name] = std::move(value);
  };
  const std::string name = tenant.friendly_name().empty() ? tenant.id.str() : tenant.friendly_name();
  add("friendly_name", json::string(name));
  add("tenant", json::object{{"friendly_name", name}, {"id", tenant.id.str()}});
  add("message_type", json::string(message.voice ? "voice" : "sms"));
  add("phone_number", json::string(message.to));
  add("locale", json::string(message.language.empty() ? language : message.language));
  add("pause", json::string(message.voice ? ". . ." : ""));
  for (const std::string_view support : {"support_email", "support_url"})
    if (const auto value = get_string(tenant.settings, support); value && !value->empty()) add(support, json::string(*value));
  if (const auto code = get_string(variables, "code")) {
    add("password", json::string(*code));  // the name of the older templates
    if (message.voice) {                   // said digit by digit
      std::string spoken;
      for (const char c : *code) spoken += (spoken.empty() ? "" : ", ") + std::string(1, c);
      variables["code"] = spoken;
    }
  }
  return variables;
}

/// The tenant's own words; empty: none.
std::string own_words(const json::object& templates, const json::object& guardian, const PhoneMessage& message, std::string& from) {
  if (!message.wording.empty()) return from_macros(message.wording);
  if (const json::object* one = get_object(templates, message.type); one && !get_bool(*one, "disabled").value_or(false))
    if (const json::object* content = get_object(*one, "content")) {
      from = get_string(*content, "from").value_or("");
      if (const json::object* body = get_object(*content, "body"))
        if (const auto words = get_string(*body, message.voice ? "voice" : "text"); words && !words->empty()) return std::string(*words);
    }
  if (message.second_factor && (message.type == "otp_enroll" || message.type == "otp_verify"))
    return std::string(get_string(guardian, message.type == "otp_enroll" ? "enrollment_message" : "verification_message").value_or(""));
  return {};
}

}  // namespace

std::span<const std::string_view> phone_template_types() { return kTypes; }

bool is_phone_template(std::string_view type) { return std::ranges::find(kTypes, type) != std::end(kTypes); }

json::object default_phone_content(std::string_view type) {
  const Wording& words = ours(type, "en");
  return {{"syntax", "liquid"}, {"body", {{"text", words.text}, {"voice", words.voice}}}};
}

json::object default_guardian_templates() {
  return {{"enrollment_message", ours("otp_enroll", "en").text}, {"verification_message", ours("otp_verify", "en").text}};
}

Result<void> check_phone_content(const json::object& content) {
  const json::object* body = get_object(content, "body");
  for (const std::string_view name : {"text", "voice"})
    if (const auto source = body ? get_string(*body, name) : std::nullopt)
      if (const Result<liquid::Template> parsed = liquid::Template::parse(*source); !parsed)
        return Error{Errc::invalid_argument, "The template in 'content.body." + std::string(name) + "' is not valid. " + parsed.error().message};
  return {};
}

Result<RenderedPhone> render_phone(const model::Tenant& tenant, const json::object& templates, const json::object& guardian,
                                   const PhoneMessage& message, Timestamp now) {
  if (!is_phone_template(message.type)) return Error{Errc::invalid_argument, "There is no phone template '" + message.type + "'."};
  const std::string language = language_of(tenant, message.language);
  const json::object variables = variables_of(tenant, message, language);
  RenderedPhone out;
  if (const std::string words = own_words(templates, guardian, message, out.from); !words.empty()) {
    Result<std::string> body = render(words, variables, now);
    if (body && !body->empty()) {
      out.body = *std::move(body);
      return out;
    }
    out.problem = body ? "The phone template prints nothing." : body.error().message;
  }
  const Wording& words = ours(message.type, language);
  TRY(out.body, render(message.voice ? words.voice : words.text, variables, now));
  return out;
}

}  // namespace gatehouse::messaging
