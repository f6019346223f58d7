#pragma once
#include "http/error_page.h"
#include "login/flow.h"

namespace gatehouse::login {

/// The page for what cannot be answered: what it means for the person, and below it, for the developer, Auth0's sentence, the
/// differing values (only what the caller may show) and the tracking id. With a custom error page in the tenant's settings
/// (`error_page.url`) the browser is sent there instead, with Auth0's parameters.
class ErrorScreen {
 public:
  ErrorScreen(const Flow& flow, const Pages& pages) : flow_(flow), pages_(pages) {}
  [[nodiscard]] http::Response show(const http::Request& request, const http::ErrorPage& error) const;
  /// The same inside a visit; `screen` chooses the sentences for the person.
  [[nodiscard]] static http::Response show(const Pages& pages, const Visit& visit, const http::ErrorPage& error,
                                           std::string_view screen = "error");

 private:
  const Flow& flow_;
  const Pages& pages_;
};

}  // namespace gatehouse::login
