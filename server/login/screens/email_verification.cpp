#include "login/screens/email_verification.h"

#include "login/screens/result_url.h"

namespace gatehouse::login {

void EmailVerificationScreen::mount(http::Router& router) {
  kit_.flow.mount_ticket(
      router, "/u/email-verification", "verify_email", http::Lane::store, [this](TicketVisit& visit) { return show(visit); }, nullptr);
}

http::Response EmailVerificationScreen::show(TicketVisit& visit) const {
  Page page{.template_name = "message", .prompt = "email-verification", .screen = "email-verification-result"};
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["link"] = way_back_link(visit, texts.get("buttonText", Pages::placeholders(visit)));
  page.variables["tone"] = "good";
  page.title_key = "verifiedTitle";
  page.description_key = "alreadyVerifiedDescription";
  // Programs that look at links before people do ask with HEAD: that is not somebody who follows it.
  const bool looks_only = visit.request->method == http::Method::HEAD;
  const bool verified_before = visit.user && visit.user->email_verified;
  if (looks_only) return kit_.pages.render(visit, std::move(page));

  const auto verified =
      kit_.parts.database.verify_email_with_ticket(*visit.tenant, visit.binding, logs::Event::from(*visit.request, "", ""));
  if (verified) {
    if (auto url = result_url(visit, true, "Your email was verified. You can continue using the application."))
      return Flow::see_other(std::move(*url));
    page.description_key = "verifiedDescription";
    return kit_.pages.render(visit, std::move(page));
  }
  using connections::DatabaseErrc;
  if (verified.error().code == DatabaseErrc::failed) return kit_.flow.busy(visit);
  // Some mail programs follow a link before its reader does; what counts is that the address is verified.
  if (verified_before && verified.error().code != DatabaseErrc::ticket_unknown) return kit_.pages.render(visit, std::move(page));
  if (auto url = result_url(visit, false, verified.error().message)) return Flow::see_other(std::move(*url));
  page.status = 400;
  page.variables["tone"] = "bad";
  page.title_key = "errorTitle";
  page.description_key = verified.error().code == DatabaseErrc::ticket_expired ? "auth0-users-expired-ticket"
                         : verified.error().code == DatabaseErrc::ticket_used  ? "auth0-users-used-ticket"
                                                                               : "invalidAccountOrCodeDescription";
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
