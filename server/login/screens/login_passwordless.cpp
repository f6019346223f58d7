#include "login/screens/login_passwordless.h"

#include "connections/passwordless/passwordless_connection.h"
#include "login/ways.h"

namespace gatehouse::login {
namespace {

using connections::PasswordlessConnection;
using connections::PasswordlessErrc;

/// Where the code of an address is typed: on pages of their own for databases, whose users may have a password, too.
struct CodePage {
  bool database, phone;
  std::string_view path, prompt, screen, description;
};
constexpr CodePage kPages[] = {
    {false, false, "/u/login/passwordless-email-challenge", "login-passwordless", "login-passwordless-email-code", "description"},
    {false, true, "/u/login/passwordless-sms-challenge", "login-passwordless", "login-passwordless-sms-otp", "description"},
    {true, false, "/u/login/email-identifier/challenge", "email-identifier-challenge", "email-identifier-challenge", "emailDescription"},
    {true, true, "/u/login/phone-identifier/challenge", "phone-identifier-challenge", "phone-identifier-challenge", "smsDescription"},
};

const CodePage& page_of(const model::Connection& connection, std::string_view address) {
  const bool phone = PasswordlessConnection::goes_by_phone(connection, address);
  return kPages[(connection.is_database() ? 2 : 0) + (phone ? 1 : 0)];
}

bool has_password(const model::Connection& connection) {
  const json::object* methods = get_object(connection.options, "authentication_methods");
  const json::object* password = methods ? get_object(*methods, "password") : nullptr;
  return connection.is_database() && (!password || get_bool(*password, "enabled").value_or(true));
}

std::shared_ptr<const model::Connection> named(const LoginVisit& visit, std::string_view name) {
  for (const auto& connection : visit.connections)
    if (connection->name == name && PasswordlessConnection::sends_codes(*connection)) return connection;
  return nullptr;
}

/// The connection a code was sent through in this login; null: none was.
std::shared_ptr<const model::Connection> sent_through(const LoginVisit& visit) { return named(visit, visit.learnt("passwordless")); }

}  // namespace

std::shared_ptr<const model::Connection> passwordless_for(const LoginVisit& visit, std::string_view identifier) {
  for (const auto& connection : visit.connections)
    if (PasswordlessConnection::is_passwordless(*connection) && PasswordlessConnection::address_of(*connection, identifier)) return connection;
  return nullptr;
}

bool brings_link(const LoginVisit& visit) {
  return !visit.asked("verification_code").empty() && visit.learnt("link").empty() && named(visit, visit.asked("connection")) != nullptr;
}

http::Response begin_passwordless(const Kit& kit, LoginVisit& visit, const model::Connection& connection, std::string_view identifier) {
  PasswordlessConnection::Start start{
      .tenant = *visit.tenant, .connection = connection, .client = *visit.client, .address = std::string(identifier)};
  start.language = visit.catalogue->locale();
  start.event = logs::Event::from(*visit.request, "", "");
  const auto sent = kit.parts.passwordless.start(start);
  std::string_view notice = visit.learnt("passwordless").empty() ? "" : "sent";
  if (!sent) {
    switch (sent.error().code) {
      case PasswordlessErrc::too_many_messages:
        notice = PasswordlessConnection::goes_by_phone(connection, identifier) ? "too-many-sms" : "too-many-email";
        break;
      case PasswordlessErrc::signup_disabled:  // as if it had been sent
        break;
      case PasswordlessErrc::invalid_address:
      case PasswordlessErrc::wrong_code:
      case PasswordlessErrc::code_over:
      case PasswordlessErrc::failed:
        return kit.flow.busy(visit);
    }
  }
  visit.transaction.flow["identifier"] = PasswordlessConnection::address_of(connection, identifier).value_or("");
  visit.transaction.flow["passwordless"] = connection.name;
  keep_notice(visit, notice);
  return kit.flow.go(visit, page_of(connection, identifier).path);
}

void LoginPasswordlessScreens::mount(http::Router& router) {
  for (const CodePage& page : kPages)
    kit_.flow.mount(
        router, std::string(page.path), Phase::authenticate, http::Lane::store,
        [this, &page](LoginVisit& visit) {
          const auto connection = sent_through(visit);
          if (!connection) return Flow::see_other(link_to(visit, "/u/login"));
          if (const CodePage& right = page_of(*connection, visit.learnt("identifier")); &right != &page)
            return Flow::see_other(link_to(visit, right.path));
          return show(visit, *connection);
        },
        [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
  kit_.flow.mount(
      router, std::string(kLink), Phase::authenticate, http::Lane::store, [this](LoginVisit& visit) { return follow_link(visit); },
      [this](LoginVisit& visit, const http::Parameters&) {
        const auto connection = named(visit, visit.asked("connection"));
        const std::string address = visit.asked("login_hint");
        if (!connection || !PasswordlessConnection::address_of(*connection, address)) return Flow::see_other(link_to(visit, "/u/login"));
        return begin_passwordless(kit_, visit, *connection, address);
      });
}

http::Response LoginPasswordlessScreens::show(const LoginVisit& visit, const model::Connection& connection, CodeForm told) const {
  const CodePage& page = page_of(connection, visit.learnt("identifier"));
  told.prompt = page.prompt;
  told.screen = page.screen;
  told.description_key = page.description;
  told.path = page.path;
  if (has_password(connection)) told.password = link_to(visit, "/u/login/password");
  told.sent_to = visit.learnt("identifier");
  told.edit = link_to(visit, "/u/login/identifier");
  return show_code(kit_, visit, told);
}

http::Response LoginPasswordlessScreens::submit(LoginVisit& visit, const http::Parameters& form) const {
  const auto connection = sent_through(visit);
  if (!connection) return Flow::see_other(link_to(visit, "/u/login"));
  const std::string address = visit.learnt("identifier");
  if (form.get("action").value_or("") == "resend") return begin_passwordless(kit_, visit, *connection, address);
  keep_notice(visit, {});
  const std::string_view typed = form.get("code").value_or("");
  CodeForm told{.code_error = code_complaint(typed), .status = 400};
  if (!told.code_error.empty()) return show(visit, *connection, told);

  visit.connection = connection;
  const sign_in::Attempt attempt = kit_.flow.attempt(visit, address);
  const auto who = kit_.parts.sign_in.with_one_time_code(attempt, kit_.parts.passwordless, clean_code(typed));
  if (who) return kit_.flow.finish(visit, attempt, *who);
  if (who.error().code == sign_in::SignInErrc::wrong_credentials) {
    told.code_error = who.error().code_over ? "invalid-expired-code" : "invalid-code";
    return show(visit, *connection, told);
  }
  std::string key;
  const Complaint complaint = complaint_of(who.error(), identifier_rules(visit), key);
  if (complaint.status == 503) return kit_.flow.busy(visit);
  told.alert = complaint.key;
  told.status = complaint.status;
  return show(visit, *connection, told);
}

http::Response LoginPasswordlessScreens::follow_link(LoginVisit& visit) const {
  const std::string address = visit.asked("login_hint");
  if (brings_link(visit)) {
    const auto connection = named(visit, visit.asked("connection"));
    visit.connection = connection;
    const sign_in::Attempt attempt = kit_.flow.attempt(visit, address);
    const auto who = kit_.parts.sign_in.with_one_time_code(attempt, kit_.parts.passwordless, visit.asked("verification_code"),
                                                           model::TransactionStore::digest(visit.browser));
    visit.transaction.flow["link"] = "tried";
    if (who) return kit_.flow.finish(visit, attempt, *who);
    if (who.error().code == sign_in::SignInErrc::unavailable || who.error().code == sign_in::SignInErrc::overloaded) return kit_.flow.busy(visit);
    return kit_.flow.go(visit, kLink);
  }
  if (visit.asked("verification_code").empty()) return Flow::see_other(link_to(visit, "/u/login"));
  Page page{.template_name = "message", .prompt = "login-passwordless", .screen = "login-passwordless-email-link", .status = 400};
  page.title_key = "errorTitle";
  page.description_key = "linkDescription";
  page.failed = true;
  page.variables["tone"] = "info";
  json::object form = form_of(visit, kLink);
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  form["button"] = texts.get("resendActionText", {});
  page.variables["form"] = std::move(form);
  page.variables["second_link"] = json::object{{"href", link_to(visit, "/u/login/identifier")}, {"text", texts.get("backText", {})}};
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
