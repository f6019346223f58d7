#include "login/screens/verify_identifier.h"

#include "messaging/phone_provider.h"

namespace gatehouse::login {
namespace {

using connections::identifier_to_prove;
using connections::ProvedIdentifier;
using Outcome = model::RedeemedCode::Outcome;

constexpr std::string_view kEmailAtSignUp = "/u/email-identifier/challenge", kEmailAtLogin = "/u/login-email-verification",
                           kPhone = "/u/phone-identifier/challenge", kPhoneWays = "/u/phone-identifier/enrollment",
                           kBack = "/u/verify-identifier/back";

bool signed_up(const LoginVisit& visit) { return get_bool(visit.transaction.flow, "signed_up").value_or(false); }

std::string_view path_of(const LoginVisit& visit, ProvedIdentifier identifier) {
  return identifier == ProvedIdentifier::phone_number ? kPhone : signed_up(visit) ? kEmailAtSignUp : kEmailAtLogin;
}

std::optional<ProvedIdentifier> wanted(const LoginVisit& visit) {
  return visit.connection && visit.who ? identifier_to_prove(*visit.connection, visit.who->user()) : std::nullopt;
}

/// The last code of this login that was sent: to what, and how.
std::string sent_mark(ProvedIdentifier identifier) { return identifier == ProvedIdentifier::email ? "email" : "phone_number"; }

}  // namespace

void VerifyIdentifierScreens::mount(http::Router& router) {
  kit_.flow.mount(
      router, std::string(kPath), Phase::verify_email, http::Lane::store, [this](LoginVisit& visit) { return begin(visit); }, {});
  kit_.flow.mount(
      router, std::string(kBack), Phase::verify_email, http::Lane::store, [this](LoginVisit& visit) { return start_again(visit); }, {});
  const auto page = [&](std::string_view path, ProvedIdentifier identifier) {
    kit_.flow.mount(
        router, std::string(path), Phase::verify_email, http::Lane::store,
        [this, path, identifier](LoginVisit& visit) {
          const bool here = wanted(visit) == identifier && path_of(visit, identifier) == path && visit.learnt("verifying") == sent_mark(identifier);
          return here ? show(visit, identifier) : begin(visit);
        },
        [this, identifier](LoginVisit& visit, const http::Parameters& form) { return submit(visit, identifier, form); });
  };
  page(kEmailAtSignUp, ProvedIdentifier::email);
  page(kEmailAtLogin, ProvedIdentifier::email);
  page(kPhone, ProvedIdentifier::phone_number);
  kit_.flow.mount(
      router, std::string(kPhoneWays), Phase::verify_email, http::Lane::store,
      [this](LoginVisit& visit) { return wanted(visit) == ProvedIdentifier::phone_number ? show_ways(visit) : begin(visit); },
      [this](LoginVisit& visit, const http::Parameters& form) {
        if (wanted(visit) != ProvedIdentifier::phone_number) return begin(visit);
        return send(visit, ProvedIdentifier::phone_number, form.get("type").value_or("") == "voice" && has_both_ways(visit), false);
      });
}

Result<bool> VerifyIdentifierScreens::due(const LoginVisit& visit, const sign_in::Authenticated& who) const {
  return visit.connection && visit.connection->name == who.connection() && identifier_to_prove(*visit.connection, who.user()).has_value();
}

bool VerifyIdentifierScreens::has_both_ways(const LoginVisit& visit) const {
  const auto provider = kit_.parts.tenants.cached_document(visit.tenant->id, messaging::kPhoneProviderDocument);
  const json::object* configuration = provider ? get_object(**provider, "configuration") : nullptr;
  return configuration && get_strings(*configuration, "delivery_methods").size() == 2;
}

/// To what is due now; nothing (any more): on with the login.
http::Response VerifyIdentifierScreens::begin(LoginVisit& visit) const {
  const auto identifier = wanted(visit);
  if (!identifier) return kit_.flow.finish(visit, kit_.flow.attempt(visit, visit.who->user().known_as()), *visit.who);
  if (visit.learnt("verifying") == sent_mark(*identifier)) return Flow::see_other(link_to(visit, path_of(visit, *identifier)));
  if (*identifier == ProvedIdentifier::phone_number && has_both_ways(visit)) return Flow::see_other(link_to(visit, kPhoneWays));
  return send(visit, *identifier, false, false);
}

http::Response VerifyIdentifierScreens::send(LoginVisit& visit, Identifier identifier, bool voice, bool again) const {
  const auto sent = kit_.parts.identifier_codes.send({.tenant = *visit.tenant,
                                                      .client = visit.client.get(),
                                                      .user = visit.who->user(),
                                                      .identifier = identifier,
                                                      .voice = voice,
                                                      .language = visit.catalogue->locale(),
                                                      .event = kit_.flow.attempt(visit, "").event});
  if (!sent) return kit_.flow.busy(visit);
  visit.transaction.flow["verifying"] = sent_mark(identifier);
  visit.transaction.flow["by_call"] = voice;
  keep_notice(visit, *sent ? (again ? "sent" : "") : identifier == ProvedIdentifier::email ? "too-many-email" : voice ? "too-many-voice" : "too-many-sms");
  return kit_.flow.go(visit, path_of(visit, identifier));
}

http::Response VerifyIdentifierScreens::show(const LoginVisit& visit, Identifier identifier, CodeForm told) const {
  const bool by_mail = identifier == ProvedIdentifier::email, voice = get_bool(visit.transaction.flow, "by_call").value_or(false);
  const std::string_view name = by_mail ? (signed_up(visit) ? "email-identifier-challenge" : "login-email-verification") : "phone-identifier-challenge";
  told.prompt = told.screen = name;
  if (name == "email-identifier-challenge") told.description_key = "emailDescription";
  if (!by_mail) told.description_key = voice ? "voiceDescription" : "smsDescription";
  told.path = path_of(visit, identifier);
  told.sent_to = (by_mail ? visit.who->user().email : visit.who->user().phone_number).value_or("");
  told.back = link_to(visit, kBack);
  if (!by_mail && has_both_ways(visit)) told.otherwise = voice ? "sms" : "voice";
  return show_code(kit_, visit, told);
}

http::Response VerifyIdentifierScreens::show_ways(const LoginVisit& visit) const {
  Page page{.template_name = "phone", .prompt = "phone-identifier-enrollment", .screen = "phone-identifier-enrollment"};
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["sent_to"] = visit.who->user().phone_number.value_or("");
  page.variables["ways"] = has_both_ways(visit);
  page.variables["fields"] = json::array{};
  page.variables["form"] = form_of(visit, kPhoneWays);
  page.variables["back"] = link_to(visit, kBack);
  return kit_.pages.render(visit, std::move(page));
}

http::Response VerifyIdentifierScreens::submit(LoginVisit& visit, Identifier identifier, const http::Parameters& form) const {
  if (wanted(visit) != identifier) return begin(visit);
  const std::string_view action = form.get("action").value_or("");
  const bool voice = get_bool(visit.transaction.flow, "by_call").value_or(false);
  if (action == "resend") return send(visit, identifier, voice, true);
  if (identifier == ProvedIdentifier::phone_number && (action == "voice" || action == "sms"))
    return send(visit, identifier, action == "voice" && has_both_ways(visit), true);
  keep_notice(visit, {});
  const std::string_view typed = form.get("code").value_or("");
  CodeForm told{.code_error = code_complaint(typed), .status = 400};
  if (!told.code_error.empty()) return show(visit, identifier, told);

  const auto outcome = kit_.parts.identifier_codes.verify(*visit.tenant, visit.who->user().id, identifier, clean_code(typed),
                                                          kit_.flow.attempt(visit, "").event);
  if (!outcome) return kit_.flow.busy(visit);
  if (*outcome != Outcome::right) {
    told.code_error = *outcome == Outcome::wrong ? "invalid-code" : "invalid-expired-code";
    return show(visit, identifier, told);
  }
  // The same login, with the user as it is now.
  const json::object* suspended = get_object(visit.transaction.flow, "who");
  auto who = kit_.parts.db.read([&](storage::Reader& reader) -> Result<std::optional<sign_in::Authenticated>> {
    if (!suspended) return std::optional<sign_in::Authenticated>{};
    return kit_.parts.sign_in.resumed(reader, visit.tenant->id, *suspended);
  });
  if (!who) return kit_.flow.busy(visit);
  if (!*who) return start_again(visit);
  visit.transaction.flow.erase("verifying");
  return kit_.flow.finish(visit, kit_.flow.attempt(visit, (*who)->user().known_as()), **who);
}

http::Response VerifyIdentifierScreens::start_again(LoginVisit& visit) const {
  visit.transaction.step = "login";
  for (const std::string_view name : {"who", "verifying", "by_call", "code_notice"}) visit.transaction.flow.erase(name);
  return kit_.flow.go(visit, "/u/login");
}

}  // namespace gatehouse::login
