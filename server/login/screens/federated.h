#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Logins at other identity providers: /u/login/federated sends people there, /login/callback takes them back. What went wrong is told on a
/// page that says what to do and leads back to the choice.
class FederatedScreen {
 public:
  explicit FederatedScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  /// Sends the browser to the provider of `connection`.
  [[nodiscard]] http::Response begin(LoginVisit& visit, const std::shared_ptr<const model::Connection>& connection) const;
  /// GET: the browser is back, with its cookie.
  [[nodiscard]] http::Response come_back(const http::Request& request) const;
  /// POST (form_post): comes from another site, so without the cookie. The answer is kept and the browser asked to come by GET.
  [[nodiscard]] http::Response posted(const http::Request& request) const;
  [[nodiscard]] http::Response failed(LoginVisit& visit, const model::Connection& connection,
                                      const connections::UpstreamError& error) const;
  [[nodiscard]] http::Response explain(const LoginVisit& visit, const model::Connection& connection, std::string_view key, int status,
                                       std::string_view detail) const;
  [[nodiscard]] http::Response lost(const http::Request& request) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
