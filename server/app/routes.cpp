#include "app/mounted.h"

namespace gatehouse::app {

Result<void> App::Parts::mount_all() {
  TRY(login, login::Login::create({*db, tenants, clients, connections, resource_servers, users, sessions, transactions, tickets,
                                   database_connection, sign_in, mfa, protection, *random, *clock, events, upstream, upstream_store, passwordless_connection, identifier_codes, &captcha}));
  mounted = std::make_unique<Mounted>(*this);
  mounted->oauth.mount(router);
  login->mount(router);
  mounted->users.mount();
  mounted->email_provider.mount();
  mounted->email_templates.mount();
  mounted->phone_providers.mount();
  mounted->phone_templates.mount();
  mounted->phone_messages.mount();
  mounted->custom_text.mount();
  mounted->partials.mount();
  mounted->rendering.mount();
  mounted->themes.mount();
  mounted->page_template.mount();
  mounted->logs.mount();
  mounted->jobs.mount();
  mounted->users_exports.mount();
  mounted->users_imports.mount();
  mounted->attack_protection.mount();
  mounted->guardian.mount();
  mounted->enrollments.mount();
  mounted->authentication_methods.mount();
  mounted->user_blocks.mount();
  mounted->anomaly.mount();
  mounted->tickets.mount();
  mounted->configuration.mount();
  ops::mount(router, *db, [this] { return stopping.load(); });
  metrics = std::make_unique<ops::Metrics>(router);
  metrics->watch(ops::Metrics::Kind::counter, "gatehouse_events_dropped_total", "Tenant log events that were dropped",
                 [this] { return double(events.dropped()); });
  return {};
}

}  // namespace gatehouse::app
