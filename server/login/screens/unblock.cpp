#include "login/screens/unblock.h"

namespace gatehouse::login {
namespace {

constexpr std::string_view kKind = "unblock";

}  // namespace

void UnblockScreen::mount(http::Router& router) {
  kit_.flow.mount_ticket(
      router, "/u/unblock", kKind, http::Lane::store, [this](TicketVisit& visit) { return show(visit); },
      [this](TicketVisit& visit, const http::Parameters&) { return submit(visit); });
}

http::Response UnblockScreen::show(const TicketVisit& visit) const {
  if (visit.found.state != model::TicketStore::State::valid || !visit.user) return show_outcome(visit, false);
  Page page{.template_name = "choice", .prompt = "brute-force-protection", .screen = "brute-force-protection-unblock"};
  page.variables["accept"] = kit_.pages.texts(visit, page.prompt, page.screen).get("buttonText", {});
  page.variables["form"] = form_of(visit, "/u/unblock", "ticket");
  return kit_.pages.render(visit, std::move(page));
}

http::Response UnblockScreen::submit(TicketVisit& visit) const {
  if (visit.found.state != model::TicketStore::State::valid || !visit.user) return show_outcome(visit, false);
  const json::object& data = visit.found.ticket->data;
  const std::string identifier(get_string(data, "identifier").value_or("")), ip(get_string(data, "ip").value_or(""));
  logs::Event event = logs::Event::from(*visit.request, "ublkdu", "The user opened the blocked account by mail");
  event.user = visit.user->id;
  event.user_name = visit.user->known_as();
  event.connection = visit.user->connection();
  event.details = json::object{{"identifier", identifier}, {"ip", ip}};
  const auto done = kit_.parts.db.write([&](storage::Transaction& tx) -> Result<bool> {
    TRY(const bool consumed, kit_.parts.tickets.consume(tx, visit.tenant->id, kKind, visit.binding, kit_.parts.clock.now()));
    if (!consumed) return false;
    TRY_VOID(kit_.parts.protection.unblock(tx, visit.tenant->id, {identifier}, std::string_view(ip)));
    TRY_VOID(kit_.parts.log.write(tx, event));
    return true;
  });
  return done ? show_outcome(visit, *done) : kit_.flow.busy(visit);
}

http::Response UnblockScreen::show_outcome(const TicketVisit& visit, bool unblocked) const {
  Page page{.template_name = "message",
            .prompt = "brute-force-protection",
            .screen = unblocked ? "brute-force-protection-unblock-success" : "brute-force-protection-unblock-failure",
            .status = unblocked ? 200 : 400};
  page.variables["tone"] = unblocked ? "good" : "bad";
  page.variables["link"] =
      way_back_link(visit, kit_.pages.texts(visit, page.prompt, page.screen).get("buttonText", Pages::placeholders(visit)));
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
