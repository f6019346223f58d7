#include "app/mounted.h"

namespace gatehouse::app {

http::ErrorPageRenderer App::Parts::error_page() {
  return [](const http::Request&, const http::ErrorPage& page) { return http::Response::text(page.status, page.error + ": " + page.description + "\n" + page.details); };
}

void App::Parts::mount_all() {
  mounted = std::make_unique<Mounted>(*this);
  mounted->oauth.mount(router);
  mounted->users.mount();
  ops::mount(router, *db, [this] { return stopping.load(); });
  metrics = std::make_unique<ops::Metrics>(router);
  metrics->watch(ops::Metrics::Kind::counter, "gatehouse_events_dropped_total", "Tenant log events that were dropped", [this] { return double(events.dropped()); });
}

}  // namespace gatehouse::app
