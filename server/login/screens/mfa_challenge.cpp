#include "login/screens/mfa_challenge.h"

#include "login/screens/typed_digits.h"

namespace gatehouse::login {
namespace {

namespace type = model::method_type;

bool is_digits(std::string_view text, size_t count) {
  size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      ++digits;
    else if (c != ' ' && c != '-')
      return false;
  }
  return digits == count;
}

std::string_view too_many_sent(std::string_view of, bool voice) {
  return of == type::kEmail ? "too-many-email" : voice ? "too-many-voice" : "too-many-sms";
}

}  // namespace

std::string masked(const model::AuthenticationMethod& method) {
  constexpr std::string_view dots = "•••";
  if (method.phone_number) {
    const std::string& number = *method.phone_number;
    return std::string(dots) + " " + number.substr(number.size() - std::min<size_t>(4, number.size()));
  }
  if (!method.email) return method.name;
  const size_t at = method.email->rfind('@');
  if (at == std::string::npos || at == 0) return std::string(dots);
  size_t first = 1;  // a whole character of UTF-8
  while (first < at && (static_cast<unsigned char>((*method.email)[first]) & 0xC0) == 0x80) ++first;
  return method.email->substr(0, first) + std::string(dots) + method.email->substr(at);
}

const MfaChallengeScreen::Code MfaChallengeScreen::codes[] = {
    {"mfa-otp-challenge", "mfa-otp", type::kTotp},
    {"mfa-sms-challenge", "mfa-sms", type::kPhone, false, true},
    {"mfa-voice-challenge", "mfa-voice", type::kPhone, true, true},
    {"mfa-email-challenge", "mfa-email", type::kEmail, false, true},
    {"mfa-recovery-code-challenge", "mfa-recovery-code", type::kRecoveryCode},
};

void MfaChallengeScreen::mount(http::Router& router) {
  for (const Code& code : codes)
    factors_.mount(
        router, std::string(code.screen), SecondFactor::For::both, [this, &code](FactorVisit& visit) { return show(visit, code, {}); },
        [this, &code](FactorVisit& visit, const http::Parameters& form) { return submit(visit, code, form); });
}

const model::AuthenticationMethod* MfaChallengeScreen::method(const FactorVisit& visit, const Code& code) {
  if (const model::AuthenticationMethod* chosen = visit.available.find(visit.kept("method")); chosen && chosen->type == code.type)
    return chosen;
  // A code that is typed needs nothing to be sent before: the page works by its address, too.
  return code.sent ? nullptr : visit.available.of_type(code.type);
}

http::Response MfaChallengeScreen::show(FactorVisit& visit, const Code& code, const Told& told) const {
  std::optional<mfa::Enrolment> enrolment;
  const model::AuthenticationMethod* asked = nullptr;
  if (visit.enrolling()) {
    auto found = factors_.kit().parts.mfa.enrolment(factors_.person(visit), visit.kept("enrolling"));
    if (!found) return factors_.kit().flow.busy(visit.visit);
    enrolment = std::move(*found);
    if (enrolment && enrolment->method.type == code.type) asked = &enrolment->method;
  } else {
    asked = method(visit, code);
  }
  if (!asked) return factors_.start(visit);

  Page page = factors_.page(visit, "code", code.prompt, code.screen);
  page.status = told.status;
  page.alert_key = told.alert;
  page.failed = told.status != 200;
  const ScreenTexts texts = factors_.texts(visit, page);
  const bool recovery = code.type == type::kRecoveryCode;
  Field field{.name = "code",
              .label = texts.get("placeholder", {}),
              .autocomplete = recovery ? "off" : "one-time-code",
              .error = texts.get(told.code_error, Pages::placeholders(visit.visit)),
              .inputmode = recovery ? "text" : "numeric",
              .autofocus = true,
              .maxlength = 64};
  if (!told.alert.empty()) field.describedby = "alert";
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["code_size"] = recovery ? "long" : "short";
  if (code.sent) {
    page.variables["sent_to"] = visit.enrolling() ? asked->phone_number.value_or(asked->email.value_or("")) : masked(*asked);
    page.variables["resend"] = true;
    const bool both = visit.settings.calls && visit.settings.text_messages;
    if (code.type == type::kPhone && both) page.variables["otherwise"] = code.voice ? "sms" : "voice";
    if (visit.enrolling() && code.type == type::kPhone)
      page.variables["edit"] = SecondFactor::link(visit, factors_.enrolment_page(visit, code.type));
    if (const std::string notice = visit.kept("notice"); !notice.empty() && told.alert.empty() && told.code_error.empty()) {
      const bool good = notice == "sent";
      page.variables[good ? "status" : "alert"] = texts.get(good ? "sentText" : notice, {});
      if (!good) page.failed = true;
    }
  }
  const bool may_remember = visit.place != FactorVisit::Place::enrollment && !recovery;
  page.variables["remember"] = may_remember;
  return factors_.render(visit, std::move(page));
}

http::Response MfaChallengeScreen::send(FactorVisit& visit, const Code& code, const std::string& method_id, bool voice) const {
  auto challenge = factors_.kit().parts.mfa.challenge(factors_.person(visit), method_id, voice);
  if (!challenge) return factors_.kit().flow.busy(visit.visit);
  if (voice)
    visit.state["voice"] = true;
  else
    visit.state.erase("voice");
  if (!challenge->state.empty()) visit.state["challenge"] = challenge->state;
  visit.state["notice"] = challenge->sent_too_many ? too_many_sent(code.type, voice) : std::string_view("sent");
  return factors_.go(visit, factors_.challenge_page(visit, code.type, voice));
}

http::Response MfaChallengeScreen::submit(FactorVisit& visit, const Code& code, const http::Parameters& form) const {
  const model::AuthenticationMethod* chosen = visit.enrolling() ? nullptr : method(visit, code);
  const std::string method_id = visit.enrolling() ? visit.kept("enrolling") : chosen ? chosen->id : "";
  if (method_id.empty()) return factors_.start(visit);
  const std::string_view action = form.get("action").value_or("");
  if (code.sent && action == "resend") return send(visit, code, method_id, code.voice);
  if (code.type == type::kPhone && (action == "voice" || action == "sms")) return send(visit, code, method_id, action == "voice");

  const std::string typed = ascii_digits(form.get("code").value_or(""));
  visit.state.erase("notice");
  if (typed.find_first_not_of(' ') == std::string::npos) return show(visit, code, {.code_error = "no-code", .status = 400});
  // What cannot be right costs no attempt.
  if (code.type == type::kRecoveryCode ? typed.size() > 64 : !is_digits(typed, 6))
    return show(visit, code,
                {.code_error = code.type == type::kRecoveryCode ? "invalid-code-format" : "invalid-otp-code-format", .status = 400});
  mfa::Answer answer{.code = typed};
  if (const json::object* state = get_object(visit.state, "challenge")) answer.state = *state;
  const mfa::Mfa& engine = factors_.kit().parts.mfa;
  const mfa::Person person = factors_.person(visit);
  // A typed TOTP or recovery code may be that of any of the user's apps.
  auto verification =
      code.sent || visit.enrolling() ? engine.verify(person, method_id, answer) : engine.verify_any(person, code.type, answer);
  if (!verification) return factors_.kit().flow.busy(visit.visit);
  if (verification->right()) return factors_.proved(visit, *verification, form.get("rememberBrowser").value_or("") == "true");
  const Complaint complaint = SecondFactor::complaint_of(verification->outcome);
  if (complaint.status == 400) return show(visit, code, {.code_error = complaint.key, .status = complaint.status});
  return show(visit, code, {.alert = complaint.key, .status = complaint.status});
}

// --- which way, which phone

void MfaChoiceScreen::mount(http::Router& router) {
  factors_.mount(
      router, "mfa-phone-challenge", SecondFactor::For::challenge, [this](FactorVisit& visit) { return show_ways(visit); },
      [this](FactorVisit& visit, const http::Parameters& form) { return choose_way(visit, form); });
  for (const auto& [name, of] : {std::pair{"mfa-sms-list", type::kPhone}, std::pair{"mfa-email-list", type::kEmail}})
    factors_.mount(
        router, name, SecondFactor::For::challenge, [this, of = of](FactorVisit& visit) { return show_list(visit, of); },
        [this, of = of](FactorVisit& visit, const http::Parameters& form) { return choose(visit, of, form); });
}

http::Response MfaChoiceScreen::show_ways(FactorVisit& visit) const {
  const model::AuthenticationMethod* phone = visit.available.find(visit.kept("method"));
  if (!phone || phone->type != type::kPhone) phone = visit.available.of_type(type::kPhone);
  if (!phone) return factors_.start(visit);
  Page page = factors_.page(visit, "phone", "mfa-phone", "mfa-phone-challenge");
  page.variables["sent_to"] = masked(*phone);
  page.variables["ways"] = true;
  page.variables["preferred"] = get_string(phone->data, "preferred_authentication_method").value_or("sms");
  return factors_.render(visit, std::move(page));
}

http::Response MfaChoiceScreen::choose_way(FactorVisit& visit, const http::Parameters& form) const {
  const model::AuthenticationMethod* phone = visit.available.find(visit.kept("method"));
  if (!phone || phone->type != type::kPhone) phone = visit.available.of_type(type::kPhone);
  if (!phone) return factors_.start(visit);
  model::AuthenticationMethod wanted = *phone;
  const bool voice = form.get("type").value_or("") == "voice";
  wanted.data["preferred_authentication_method"] = voice ? "voice" : "sms";
  return factors_.open(visit, wanted, voice);
}

http::Response MfaChoiceScreen::show_list(FactorVisit& visit, std::string_view of) const {
  const bool phones = of == type::kPhone;
  Page page = factors_.page(visit, "factors", phones ? "mfa-sms" : "mfa-email", phones ? "mfa-sms-list" : "mfa-email-list");
  json::array options;
  for (const model::AuthenticationMethod& method : visit.available.methods)
    if (method.type == of)
      options.push_back(json::object{{"value", method.id}, {"icon", phones ? "sms" : "email"}, {"name", masked(method)}, {"ltr", true}});
  if (options.empty()) return factors_.start(visit);
  page.variables["options"] = std::move(options);
  page.variables["another"] = nullptr;
  page.variables["back"] = SecondFactor::link(visit, "mfa-login-options");
  return factors_.render(visit, std::move(page));
}

http::Response MfaChoiceScreen::choose(FactorVisit& visit, std::string_view of, const http::Parameters& form) const {
  const model::AuthenticationMethod* chosen = visit.available.find(form.get("action").value_or(""));
  if (!chosen || chosen->type != of)
    return Flow::see_other(SecondFactor::link(visit, of == type::kPhone ? "mfa-sms-list" : "mfa-email-list"));
  if (of == type::kPhone && visit.settings.calls && visit.settings.text_messages) {
    visit.state = json::object{{"method", chosen->id}};
    return factors_.go(visit, "mfa-phone-challenge");
  }
  return factors_.open(visit, *chosen);
}

}  // namespace gatehouse::login
