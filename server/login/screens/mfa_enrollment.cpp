#include "login/screens/mfa_enrollment.h"

#include "base/text.h"
#include "login/screens/typed_digits.h"

namespace gatehouse::login {
namespace {

namespace type = model::method_type;

/// In groups of four, which is how people copy it.
std::string grouped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i && i % 4 == 0) out += ' ';
    out += text[i];
  }
  return out;
}

}  // namespace

// --- an authenticator app

void MfaOtpEnrollmentScreen::mount(http::Router& router) {
  for (const bool picture : {true, false})
    factors_.mount(
        router, picture ? "mfa-otp-enrollment-qr" : "mfa-otp-enrollment-code", SecondFactor::For::enrolment,
        [this, picture](FactorVisit& visit) { return show(visit, picture, {}); },
        [this, picture](FactorVisit& visit, const http::Parameters& form) { return submit(visit, picture, form); });
}

http::Response MfaOtpEnrollmentScreen::show(FactorVisit& visit, bool picture, const Told& told) const {
  const Kit& kit = factors_.kit();
  const mfa::Person person = factors_.person(visit);
  std::optional<mfa::Enrolment> enrolment;
  if (visit.enrolling()) {
    auto found = kit.parts.mfa.enrolment(person, visit.kept("enrolling"));
    if (!found) return kit.flow.busy(visit.visit);
    enrolment = std::move(*found);
    if (enrolment && enrolment->method.type != type::kTotp) enrolment.reset();
  }
  if (!enrolment) {
    auto begun = kit.parts.mfa.begin_enrolment(person, {.type = std::string(type::kTotp)});
    // Enrolled meanwhile, or switched off.
    if (!begun && (begun.error().code == Errc::unique_violation || begun.error().code == Errc::invalid_argument))
      return factors_.start(visit);
    if (!begun) return kit.flow.busy(visit.visit);
    visit.state = json::object{{"enrolling", begun->method.id}};
    return factors_.go(visit, picture ? "mfa-otp-enrollment-qr" : "mfa-otp-enrollment-code");
  }
  Page page = factors_.page(visit, "otp-enrollment", "mfa-otp", picture ? "mfa-otp-enrollment-qr" : "mfa-otp-enrollment-code");
  page.status = told.status;
  page.alert_key = told.alert;
  page.failed = told.status != 200;
  const ScreenTexts texts = factors_.texts(visit, page);
  Field field{.name = "code",
              .label = texts.get("placeholder", {}),
              .autocomplete = "one-time-code",
              .error = texts.get(told.code_error, Pages::placeholders(visit.visit)),
              .inputmode = "numeric",
              .autofocus = !told.code_error.empty() || !told.alert.empty(),
              .maxlength = 64};
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["code_size"] = "short";
  if (picture)
    page.variables["qr_svg"] = enrolment->qr_svg;
  else
    page.variables["secret"] = grouped(enrolment->secret.reveal());
  page.variables["toggle"] = SecondFactor::link(visit, picture ? "mfa-otp-enrollment-code" : "mfa-otp-enrollment-qr");
  return factors_.render(visit, std::move(page));
}

http::Response MfaOtpEnrollmentScreen::submit(FactorVisit& visit, bool picture, const http::Parameters& form) const {
  const std::string typed = ascii_digits(form.get("code").value_or(""));
  if (!visit.enrolling()) return show(visit, picture, {});
  if (trim(typed).empty()) return show(visit, picture, {.code_error = "no-code", .status = 400});
  auto verification = factors_.kit().parts.mfa.verify(factors_.person(visit), visit.kept("enrolling"), {.code = typed});
  if (!verification) return factors_.kit().flow.busy(visit.visit);
  if (verification->right()) return factors_.proved(visit, *verification, false);
  const Complaint complaint = SecondFactor::complaint_of(verification->outcome);
  if (complaint.status == 400) return show(visit, picture, {.code_error = complaint.key, .status = 400});
  return show(visit, picture, {.alert = complaint.key, .status = complaint.status});
}

// --- a phone

const MfaPhoneEnrollmentScreen::Phone MfaPhoneEnrollmentScreen::phones[] = {
    {"mfa-sms-enrollment", "mfa-sms"}, {"mfa-voice-enrollment", "mfa-voice"}, {"mfa-phone-enrollment", "mfa-phone"}};

void MfaPhoneEnrollmentScreen::mount(http::Router& router) {
  for (const Phone& phone : phones)
    factors_.mount(
        router, std::string(phone.screen), SecondFactor::For::enrolment,
        [this, &phone](FactorVisit& visit) { return show(visit, phone, "", ""); },
        [this, &phone](FactorVisit& visit, const http::Parameters& form) { return submit(visit, phone, form); });
}

http::Response MfaPhoneEnrollmentScreen::show(FactorVisit& visit, const Phone& phone, std::string_view typed, std::string_view error,
                                              std::string_view alert) const {
  const std::string due = factors_.enrolment_page(visit, type::kPhone);
  if (due != phone.screen) return Flow::see_other(SecondFactor::link(visit, due));
  Page page = factors_.page(visit, "phone", phone.prompt, phone.screen);
  page.alert_key = alert;
  page.failed = !error.empty() || !alert.empty();
  page.status = page.failed ? 400 : 200;
  const ScreenTexts texts = factors_.texts(visit, page);
  Field field{.name = "phone",
              .type = "tel",
              .label = texts.get("placeholder", {}),
              .autocomplete = "tel",
              .value = std::string(typed),
              .error = texts.get(error, {}),
              .inputmode = "tel",
              .autofocus = true,
              .maxlength = 30};
  page.variables["fields"] = json::array{field.to_json()};
  if (due == "mfa-phone-enrollment") {
    page.variables["ways"] = true;
    page.variables["preferred"] = "sms";
  }
  return factors_.render(visit, std::move(page));
}

http::Response MfaPhoneEnrollmentScreen::submit(FactorVisit& visit, const Phone& phone, const http::Parameters& form) const {
  const std::string typed = ascii_digits(form.get("phone").value_or(""));
  if (trim(typed).empty()) return show(visit, phone, "", "no-phone");
  const bool voice =
      phone.screen == "mfa-voice-enrollment" || (phone.screen == "mfa-phone-enrollment" && form.get("type").value_or("") == "voice");
  auto begun = factors_.kit().parts.mfa.begin_enrolment(factors_.person(visit),
                                                        {.type = std::string(type::kPhone), .phone_number = typed, .voice = voice});
  if (!begun) {
    switch (begun.error().code) {
      case Errc::invalid_argument:
        return show(visit, phone, typed, "invalid-phone-format");
      case Errc::overloaded:
        return show(visit, phone, typed, "", voice ? "too-many-voice" : "too-many-sms");
      case Errc::unique_violation:
        return factors_.start(visit);
      default:
        return factors_.kit().flow.busy(visit.visit);
    }
  }
  visit.state = json::object{{"enrolling", begun->method.id}};
  if (voice) visit.state["voice"] = true;
  if (!begun->state.empty()) visit.state["challenge"] = begun->state;
  return factors_.go(visit, factors_.challenge_page(visit, type::kPhone, voice));
}

// --- the paper in the drawer

void MfaRecoveryCodeScreen::mount(http::Router& router) {
  for (const std::string_view screen : {"mfa-recovery-code-enrollment", "mfa-recovery-code-challenge-new-code"})
    factors_.mount(
        router, std::string(screen), SecondFactor::For::both, [this, screen](FactorVisit& visit) { return show(visit, screen, ""); },
        [this, screen](FactorVisit& visit, const http::Parameters& form) { return submit(visit, screen, form); });
}

http::Response MfaRecoveryCodeScreen::show(FactorVisit& visit, std::string_view screen, std::string_view error) const {
  if (!visit.proved || !get_bool(visit.state, "recovery").value_or(false)) return factors_.start(visit);
  // Only its digest is kept: each time the page is made it is another code, and the one before is void.
  auto code = factors_.kit().parts.mfa.replace_recovery_code(factors_.person(visit));
  if (!code) return factors_.kit().flow.busy(visit.visit);
  Page page = factors_.page(visit, "recovery-code", "mfa-recovery-code", screen);
  page.variables["another"] = nullptr;
  page.alert_key = error;
  page.status = error.empty() ? 200 : 400;
  page.variables["secret"] = grouped(code->reveal());
  return factors_.render(visit, std::move(page));
}

http::Response MfaRecoveryCodeScreen::submit(FactorVisit& visit, std::string_view screen, const http::Parameters& form) const {
  if (!visit.proved) return factors_.start(visit);
  if (form.get("saved").value_or("") != "true") return show(visit, screen, "no-confirmation");
  visit.state = json::object{};
  return factors_.finish(visit);
}

}  // namespace gatehouse::login
