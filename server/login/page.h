#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "crypto/random.h"
#include "http/request.h"
#include "http/response.h"
#include "liquid/liquid.h"
#include "login/i18n/texts.h"
#include "model/clients/client.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::login {

/// Who looks at a page and why: what every page knows.
struct Visit {
  const http::Request* request = nullptr;
  std::shared_ptr<const model::Tenant> tenant;
  std::shared_ptr<const model::Client> client;  ///< null: unknown
  const Catalogue* catalogue = nullptr;
  std::string binding;       ///< what the page's forms belong to: the `state` or the `ticket`
  std::string browser;       ///< value of the browser cookie; empty: none
  bool new_browser = false;  ///< the cookie is to be set with the answer
};

/// One page, before it is rendered.
struct Page {
  std::string_view template_name;   ///< login, signup, message, …
  std::string_view prompt, screen;  ///< whose texts
  int status = 200;
  Placeholders placeholders{};  ///< beside clientName and companyName
  json::object variables{};     ///< of the template
  std::string_view title_key = "title";
  std::string_view description_key = "description";
  std::string_view alert_key{};  ///< text shown in the alert box
  std::vector<std::string> images{};  ///< origins of further images on it
  bool webauthn = false;              ///< has a form for assets/webauthn.js, which asks us for options
  bool failed = false;                ///< something the reader has to put right: "Error: " in the window title
};

/// A field of a form; see templates/field.liquid.
struct Field {
  std::string_view name;
  std::string_view type = "text";
  std::string label;
  std::string_view autocomplete;
  std::string value{};
  std::string error{};
  std::string_view inputmode{};
  std::string_view describedby{};
  bool required = true;
  bool autofocus = false;
  int maxlength = 254;
  [[nodiscard]] json::object to_json() const;
};

/// Turns pages into answers: template, texts, branding, and the headers that keep a page safe. Immutable; safe from many threads.
class Pages {
 public:
  /// Parses the compiled-in templates. Errors: internal, naming the template that does not parse.
  static Result<std::unique_ptr<Pages>> create(const model::TenantStore& tenants, crypto::Random& random);

  [[nodiscard]] http::Response render(const Visit& visit, Page page) const;
  /// The texts of a screen for this visit.
  [[nodiscard]] ScreenTexts texts(const Visit& visit, std::string_view prompt, std::string_view screen) const;
  /// clientName, companyName, … for this visit.
  [[nodiscard]] static Placeholders placeholders(const Visit& visit);

  /// /u/assets/…: content-hashed, kept by browsers for ever.
  struct Asset {
    std::string path, content_type;
    std::shared_ptr<const std::string> content;
  };
  [[nodiscard]] const std::vector<Asset>& assets() const { return assets_; }

 private:
  Pages(const model::TenantStore& tenants, crypto::Random& random) : tenants_(tenants), random_(random) {}
  [[nodiscard]] const std::string& asset(std::string_view file) const;
  const model::TenantStore& tenants_;
  crypto::Random& random_;
  std::map<std::string, liquid::Template, std::less<>> templates_;
  std::map<std::string, std::string, std::less<>> asset_paths_;
  std::vector<Asset> assets_;
};

/// The token that a page's forms carry: only who has the browser's cookie can know it.
std::string csrf_token(const Visit& visit);
[[nodiscard]] bool csrf_fits(const Visit& visit, const http::Parameters& form);
/// {action, state, csrf} of a form that posts to `path` for this visit. `parameter`: state or ticket.
json::object form_of(const Visit& visit, std::string_view path, std::string_view parameter = "state");
/// A page of this visit's login: /u/signup?state=….
std::string link_to(const Visit& visit, std::string_view path);

/// Where a person who is stuck can start again: the client's initiate_login_uri, else the origin of its first web callback;
/// nothing when there is no safe one.
std::optional<std::string> way_back(const model::Client& client);
/// A `link` for templates to way_back(), or null.
json::value way_back_link(const Visit& visit, std::string text);

}  // namespace gatehouse::login
