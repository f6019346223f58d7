#include "login/screens/reset_password.h"

#include "login/screens/result_url.h"

namespace gatehouse::login {

void ResetPasswordScreen::mount(http::Router& router) {
  kit_.flow.mount_ticket(
      router, "/u/reset-verify", "change_password", http::Lane::sign_in, [this](TicketVisit& visit) {
        auto factor = factors_.before_reset(visit);
        return factor ? std::move(*factor) : show(visit);
      },
      [this](TicketVisit& visit, const http::Parameters& form) {
        auto factor = factors_.before_reset(visit);
        return factor ? std::move(*factor) : submit(visit, form);
      });
}

std::shared_ptr<const model::Connection> ResetPasswordScreen::connection(const TicketVisit& visit) const {
  if (!visit.user) return nullptr;
  // The password may be that of an account that was linked to the user.
  std::string name = visit.user->connection();
  if (const auto account = visit.found.ticket ? get_string(visit.found.ticket->data, "account") : std::nullopt)
    for (const model::Identity& identity : visit.user->identities)
      if (identity.account().str() == *account) name = identity.connection;
  auto found = kit_.parts.connections.find_by_name(visit.tenant->id, name);
  return found && *found && (*found)->is_database() ? *found : nullptr;
}

http::Response ResetPasswordScreen::show(const TicketVisit& visit, std::string_view password_error, std::string_view repeat_error) const {
  const auto connection = this->connection(visit);
  if (visit.found.state != model::TicketStore::State::valid || !connection)
    return show_useless(visit,
                        visit.found.state == model::TicketStore::State::valid ? model::TicketStore::State::unknown : visit.found.state);
  Page page{.template_name = "reset-password", .prompt = "reset-password", .screen = "reset-password"};
  page.failed = !password_error.empty() || !repeat_error.empty();
  page.status = page.failed ? 400 : 200;
  const std::string name = visit.user->known_as();
  page.placeholders["email"] = name;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  const Placeholders values = Pages::placeholders(visit);
  const json::value rules = password_rules(connections::PasswordPolicy::of(*connection), texts, values);
  Field password = password_field(texts, texts.get(password_error, values));
  password.name = "password-reset";
  password.autocomplete = "new-password";
  if (!rules.is_null()) password.describedby = "password-rules";
  Field repeated = password_field(texts, texts.get(repeat_error, values));
  repeated.name = "re-enter-password";
  repeated.label = texts.get("reEnterpasswordPlaceholder", values);
  repeated.autocomplete = "new-password";
  (repeat_error.empty() || !password_error.empty() ? password : repeated).autofocus = true;
  page.variables["fields"] = json::array{password.to_json(), repeated.to_json()};
  page.variables["rules"] = rules;
  page.variables["identifier"] = name;
  page.variables["form"] = form_of(visit, "/u/reset-verify", "ticket");
  return kit_.pages.render(visit, std::move(page));
}

http::Response ResetPasswordScreen::submit(TicketVisit& visit, const http::Parameters& form) const {
  const auto connection = this->connection(visit);
  if (visit.found.state != model::TicketStore::State::valid || !connection) return show(visit);
  const std::string_view password = form.get("password-reset").value_or(""), repeated = form.get("re-enter-password").value_or("");
  if (password.empty()) return show(visit, "no-password-reset");
  if (password != repeated) return show(visit, {}, repeated.empty() ? "no-re-enter-password" : "password-mismatch");
  const auto changed = kit_.parts.database.change_password_with_ticket(*visit.tenant, *connection, visit.binding, password,
                                                                       logs::Event::from(*visit.request, "", ""));
  if (changed) return show_done(visit);
  if (const std::string_view key = password_complaint(changed.error()); !key.empty()) return show(visit, key);
  switch (changed.error().code) {
    case connections::DatabaseErrc::ticket_used:
      return show_useless(visit, model::TicketStore::State::used);
    case connections::DatabaseErrc::ticket_expired:
      return show_useless(visit, model::TicketStore::State::expired);
    case connections::DatabaseErrc::ticket_unknown:
      return show_useless(visit, model::TicketStore::State::unknown);
    default:
      return kit_.flow.busy(visit);
  }
}

http::Response ResetPasswordScreen::show_useless(const TicketVisit& visit, model::TicketStore::State state) const {
  Page page{.template_name = "message", .prompt = "reset-password", .screen = "reset-password-error", .status = 400};
  switch (state) {
    case model::TicketStore::State::expired:
      page.title_key = "eventTitleExpired";
      page.description_key = "descriptionExpired";
      break;
    case model::TicketStore::State::used:
      page.title_key = "eventTitleUsed";
      page.description_key = "descriptionUsed";
      break;
    case model::TicketStore::State::valid:
    case model::TicketStore::State::unknown:
      page.title_key = "eventTitleGeneric";
      page.description_key = "descriptionGeneric";
      break;
  }
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["tone"] = "bad";
  page.variables["link"] = way_back_link(visit, texts.get("backToLoginLinkText", Pages::placeholders(visit)));
  return kit_.pages.render(visit, std::move(page));
}

http::Response ResetPasswordScreen::show_done(const TicketVisit& visit) const {
  if (auto url = result_url(visit, true, "You can now log in to the application with the new password."))
    return Flow::see_other(std::move(*url));
  Page page{.template_name = "message", .prompt = "reset-password", .screen = "reset-password-success", .title_key = "eventTitle"};
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["tone"] = "good";
  page.variables["link"] = way_back_link(visit, texts.get("buttonText", Pages::placeholders(visit)));
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
