#include "login/login.h"

#include "login/error_page.h"
#include "login/screens/consent.h"
#include "login/screens/email_verification.h"
#include "login/screens/federated.h"
#include "login/screens/login.h"
#include "login/screens/login_id.h"
#include "login/screens/login_password.h"
#include "login/screens/login_passwordless.h"
#include "login/screens/verify_identifier.h"
#include "login/screens/logout.h"
#include "login/screens/mfa_challenge.h"
#include "login/screens/mfa_enrollment.h"
#include "login/screens/mfa_webauthn.h"
#include "login/screens/passkey.h"
#include "login/screens/passkey_enrollment.h"
#include "login/screens/reset_password.h"
#include "login/screens/reset_password_request.h"
#include "login/screens/signup.h"
#include "login/screens/signup_id.h"
#include "login/screens/signup_passkey.h"
#include "login/screens/signup_password.h"
#include "login/screens/unblock.h"
#include "login/screens/welcome.h"

namespace gatehouse::login {

struct Login::Screens {
  Screens(Login::Parts p, std::unique_ptr<Pages> made)
      : parts(p),
        pages(std::move(made)),
        flow(parts, *pages),
        kit{parts, *pages, flow},
        error(flow, *pages),
        login(kit),
        login_id(kit),
        login_password(kit),
        login_passwordless(kit),
        verify_identifier(kit),
        passkey(kit),
        passkey_enrollment(kit),
        signup(kit),
        signup_id(kit),
        signup_passkey(kit),
        signup_password(kit),
        reset_request(kit),
        factors(kit),
        mfa_challenge(factors),
        mfa_choice(factors),
        mfa_otp_enrollment(factors),
        mfa_phone_enrollment(factors),
        mfa_recovery_code(factors),
        mfa_webauthn(factors),
        reset(kit, factors),
        email_verification(kit),
        federated(kit),
        consent(kit),
        logout(kit),
        unblock(kit),
        welcome(kit) {}
  Login::Parts parts;
  std::unique_ptr<Pages> pages;
  Flow flow;
  Kit kit;
  ErrorScreen error;
  LoginScreen login;
  LoginIdScreen login_id;
  LoginPasswordScreen login_password;
  LoginPasswordlessScreens login_passwordless;
  VerifyIdentifierScreens verify_identifier;
  PasskeyScreen passkey;
  PasskeyEnrollmentScreen passkey_enrollment;
  SignupScreen signup;
  SignupIdScreen signup_id;
  SignupPasskeyScreen signup_passkey;
  SignupPasswordScreen signup_password;
  ResetPasswordRequestScreen reset_request;
  SecondFactor factors;
  MfaChallengeScreen mfa_challenge;
  MfaChoiceScreen mfa_choice;
  MfaOtpEnrollmentScreen mfa_otp_enrollment;
  MfaPhoneEnrollmentScreen mfa_phone_enrollment;
  MfaRecoveryCodeScreen mfa_recovery_code;
  MfaWebAuthnScreen mfa_webauthn;
  ResetPasswordScreen reset;
  EmailVerificationScreen email_verification;
  FederatedScreen federated;
  ConsentScreen consent;
  LogoutScreen logout;
  UnblockScreen unblock;
  WelcomeScreen welcome;
};

Login::Login(std::unique_ptr<Screens> screens) : screens_(std::move(screens)) {}
Login::~Login() = default;

Result<std::unique_ptr<Login>> Login::create(Parts parts) {
  TRY(std::unique_ptr<Pages> pages, Pages::create(parts.tenants, parts.random));
  return std::unique_ptr<Login>(new Login(std::make_unique<Screens>(parts, std::move(pages))));
}

void Login::mount(http::Router& router) {
  Screens& s = *screens_;
  s.flow.add({Phase::verify_email, VerifyIdentifierScreens::kPath,
              [&s](LoginVisit& visit, const sign_in::Attempt&, const sign_in::Authenticated& who) { return s.verify_identifier.due(visit, who); }});
  s.flow.add({Phase::second_factor, "/u/mfa",
              [&s](LoginVisit&, const sign_in::Attempt& attempt, const sign_in::Authenticated& who) -> Result<bool> {
                TRY(const mfa::Due due, s.parts.sign_in.second_factor_due(attempt, who));
                return due != mfa::Due::none;
              }});
  s.flow.add({Phase::passkey_enrollment, PasskeyEnrollmentScreen::kPath,
              [&s](LoginVisit& visit, const sign_in::Attempt&, const sign_in::Authenticated& who) { return s.passkey_enrollment.due(visit, who); }});
  s.login.mount(router);
  s.login_id.mount(router);
  s.login_password.mount(router);
  s.login_passwordless.mount(router);
  s.verify_identifier.mount(router);
  s.passkey.mount(router);
  s.passkey_enrollment.mount(router);
  s.signup.mount(router);
  s.signup_id.mount(router);
  s.signup_passkey.mount(router);
  s.signup_password.mount(router);
  s.reset_request.mount(router);
  s.factors.mount(router);
  s.mfa_challenge.mount(router);
  s.mfa_choice.mount(router);
  s.mfa_otp_enrollment.mount(router);
  s.mfa_phone_enrollment.mount(router);
  s.mfa_recovery_code.mount(router);
  s.mfa_webauthn.mount(router);
  s.reset.mount(router);
  s.email_verification.mount(router);
  s.federated.mount(router);
  s.consent.mount(router);
  s.logout.mount(router);
  s.unblock.mount(router);
  s.welcome.mount(router);
  for (const Pages::Asset& asset : s.pages->assets()) {
    router.get(asset.path, {.lane = http::Lane::inline_, .scope = "public"}, [asset](const http::Request&) {
      http::Response response;
      response.shared_body = asset.content;
      response.set("Content-Type", asset.content_type);
      response.set("Cache-Control", "public, max-age=31536000, immutable");
      response.set("X-Content-Type-Options", "nosniff");
      return response;
    });
  }
}

http::ErrorPageRenderer Login::error_page() const {
  return [this](const http::Request& request, const http::ErrorPage& error) { return screens_->error.show(request, error); };
}

http::Response Login::turned_away(const http::Request& request) const { return screens_->flow.turned_away(request); }

}  // namespace gatehouse::login
