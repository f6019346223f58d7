#include "login/screens/passkey.h"

namespace gatehouse::login {
namespace {

using connections::Passkeys;

std::string login_page(const LoginVisit& visit) {
  return link_to(visit, visit.tenant->identifier_first() ? "/u/login/identifier" : "/u/login");
}

/// What went wrong travels in the address, as a word of ours: there is nothing to keep.
struct Trouble {
  std::string_view word, key;
};
constexpr Trouble kTroubles[] = {{"refused", "passkey-authentication-failed"},
                                 {"unknown", "invalid-passkey"},
                                 {"none", "no-passkey"},
                                 {"off", "passkey-not-allowed"},
                                 {"disabled", "account-disabled"},
                                 {"busy-user", "same-user-login"},
                                 {"blocked", "user-blocked"},
                                 {"address", "ip-blocked"}};

http::Response back(const LoginVisit& visit, std::string_view word) {
  return Flow::see_other(login_page(visit) + "&passkey=" + std::string(word));
}

std::string_view word_for(const sign_in::SignInError& error) {
  using sign_in::SignInErrc;
  switch (error.code) {
    case SignInErrc::user_blocked:
      return "disabled";
    case SignInErrc::too_many_attempts:
      return error.same_user_limit ? "busy-user" : "blocked";
    case SignInErrc::ip_throttled:
      return "address";
    case SignInErrc::invalid_connection:
      return "off";
    default:
      return "refused";
  }
}

}  // namespace

http::Response webauthn_options(const json::object& options) {
  http::Response response = http::Response::json(200, options);
  response.no_store();
  return response;
}

json::array passkey_benefits(const Visit& visit, const ScreenTexts& texts) {
  const Placeholders values = Pages::placeholders(visit);
  json::array benefits;
  for (const char* number : {"1", "2", "3"}) {
    const std::string prefix = std::string("passkeyBenefit") + number;
    if (texts.has(prefix + "Title"))
      benefits.push_back(
          json::object{{"title", texts.get(prefix + "Title", values)}, {"description", texts.get(prefix + "Description", values)}});
  }
  return benefits;
}

std::optional<json::object> webauthn_answer(const http::Parameters& form) {
  const auto text = form.get("response");
  if (!text || text->empty()) return std::nullopt;
  auto parsed = parse_json(*text, {.max_depth = 8, .max_bytes = 60 * 1024});
  return parsed && parsed->is_object() ? std::optional(std::move(parsed->get_object())) : std::nullopt;
}

bool offers_passkeys(const LoginVisit& visit) { return visit.connection && Passkeys::offered(*visit.tenant, *visit.connection); }

void add_passkey(const LoginVisit& visit, const ScreenTexts& texts, Page& page) {
  if (!offers_passkeys(visit)) return;
  const auto wanted = visit.connection->passkeys();
  json::object block{{"action", link_to(visit, "/u/login/passkey")},
                     {"options", link_to(visit, "/u/login/passkey/options")},
                     {"button", wanted.button},
                     {"autofill", wanted.autofill},
                     {"text", texts.get("passkeyButtonText", {})},
                     {"failed", texts.get("no-passkey", {})}};
  const std::string_view word = visit.request->query.get("passkey").value_or("");
  for (const Trouble& trouble : kTroubles)
    if (trouble.word == word) block["error"] = texts.get(trouble.key, Pages::placeholders(visit));
  page.variables["passkey"] = std::move(block);
  page.webauthn = true;
}

void PasskeyScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login/passkey", Phase::authenticate, http::Lane::store,
      [](LoginVisit& visit) { return Flow::see_other(login_page(visit)); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
  kit_.flow.mount(
      router, "/u/login/passkey/options", Phase::authenticate, http::Lane::store,
      [](LoginVisit& visit) { return Flow::see_other(login_page(visit)); },
      [this](LoginVisit& visit, const http::Parameters&) { return ask(visit); });
}

http::Response PasskeyScreen::ask(LoginVisit& visit) const {
  if (!offers_passkeys(visit)) return http::Response::json(404, json::object{{"error", "not_found"}});
  const auto options = passkeys_.ask(*visit.tenant, visit.transaction.id);
  return options ? webauthn_options(*options) : kit_.flow.busy(visit);
}

http::Response PasskeyScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  if (!offers_passkeys(visit)) return back(visit, "off");
  const auto answer = webauthn_answer(form);
  if (!answer) return back(visit, "none");
  sign_in::Attempt attempt = kit_.flow.attempt(visit, "");
  // Of several databases, the one in which the passkey's owner is.
  for (const auto& connection : visit.connections) {
    if (visit.connections.size() == 1 || !Passkeys::offered(*visit.tenant, *connection)) continue;
    const auto claim = passkeys_.claim(*visit.tenant, *connection, *answer);
    if (!claim || !*claim) continue;
    visit.connection = connection;
    attempt.connection = connection.get();
    break;
  }
  const auto who = kit_.parts.sign_in.with_passkey(attempt, visit.transaction.id, *answer);
  if (!who) {
    if (who.error().code == sign_in::SignInErrc::overloaded || who.error().code == sign_in::SignInErrc::unavailable)
      return kit_.flow.busy(visit);
    return back(visit, word_for(who.error()));
  }
  // Where the passkey is: on another device, one for this device may be offered.
  visit.transaction.flow["passkey"] = std::string(get_string(*answer, "authenticatorAttachment").value_or("")).substr(0, 32);
  attempt.identifier = who->user().known_as();
  return kit_.flow.finish(visit, attempt, *who);
}

}  // namespace gatehouse::login
