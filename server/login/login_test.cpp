#include "login/login.h"

#include <gtest/gtest.h>

#include <regex>

#include "login/i18n/texts.h"
#include "sign_in/testing.h"

namespace gatehouse::login {
namespace {

constexpr const char* kPassword = "Correct-Horse-7";
constexpr const char* kAddress = "ada@example.com";

/// The pages without a server in between: routes are matched and handlers called as the server would.
struct Site : sign_in::TestDoor {
  explicit Site(const std::string& database) : TestDoor(database) { login->mount(router); }
  model::ResourceServerStore resource_servers{*db, sealer};
  std::unique_ptr<Login> login = connections::must(Login::create({*db, tenants, clients, connections, resource_servers, users, sessions, transactions, tickets,
                                                                  TestDoor::database, sign_in, second_factors, protection, random, clock, log, upstream, upstream_store, passwordless, identifier_codes}));
  http::Router router;
};

/// A browser: keeps cookies, sends forms.
struct Browser {
  explicit Browser(Site& s) : site(s) {}
  Site& site;
  std::map<std::string, std::string> cookies;
  std::string accept_language = "en";
  std::string ip = "192.0.2.7";

  http::Response send(http::Method method, const std::string& target, const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (const size_t q = target.find('?'); q != std::string::npos) request.query = *http::Parameters::parse(target.substr(q + 1));
    request.tenant = site.id;
    request.issuer = "https://login.example.com/";
    request.client_ip = ip;
    request.id = "tracking-1";
    request.body = body;
    std::string header;
    for (const auto& [name, value] : cookies) header += (header.empty() ? "" : "; ") + name + "=" + value;
    if (!header.empty()) request.headers.emplace_back("cookie", header);
    request.headers.emplace_back("accept-language", accept_language);
    if (method == http::Method::POST) request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    const auto match = site.router.match(method, request.path);
    if (!match.route) throw std::runtime_error("no route for " + target);
    http::Response response = match.route->handler(request);
    for (const auto& [name, value] : response.headers)
      if (name == "Set-Cookie") cookies[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1, value.find(';') - value.find('=') - 1);
    return response;
  }
  http::Response get(const std::string& target) { return send(http::Method::GET, target); }
  /// Sends the page's form with these fields over its hidden ones.
  http::Response submit(const http::Response& page, std::map<std::string, std::string> fields) {
    const std::string html(page.bytes());
    static const std::regex action("<form[^>]* action=\"([^\"]*)\""), hidden("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"");
    std::smatch found;
    if (!std::regex_search(html, found, action)) throw std::runtime_error("no form: " + html);
    for (std::sregex_iterator it(html.begin(), html.end(), hidden), end; it != end; ++it) fields.emplace((*it)[1], (*it)[2]);
    http::Parameters form;
    for (const auto& [name, value] : fields) form.add(name, value);
    return send(http::Method::POST, found[1], form.encode());
  }
};

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}
bool shows(const http::Response& response, std::string_view text) { return response.bytes().find(text) != std::string_view::npos; }

class LoginTest : public ::testing::TestWithParam<std::string> {
 protected:
  /// What /authorize does: a transaction and the browser's cookie. Returns the state.
  std::string begin(Browser& browser, json::object request = {}, std::string_view step = "login", json::object flow = {}) {
    const std::string state = model::TransactionStore::make_state(site_.random);
    if (!browser.cookies.contains(std::string(model::kBrowserCookie))) browser.cookies[std::string(model::kBrowserCookie)] = site_.random.base64url(16);
    model::LoginTransaction t{.id = model::TransactionStore::digest(state), .tenant = site_.id, .client = ClientId("shop"),
                              .browser_digest = model::TransactionStore::digest(browser.cookies[std::string(model::kBrowserCookie)]),
                              .request = std::move(request), .step = std::string(step), .flow = std::move(flow),
                              .created_at = site_.clock.now(), .expires_at = site_.clock.now() + seconds(3600)};
    EXPECT_TRUE(site_.db->write([&](storage::Transaction& tx) { return site_.transactions.insert(tx, t); }));
    return state;
  }
  std::optional<model::LoginTransaction> transaction(Browser& browser, const std::string& state) {
    return *site_.db->read([&](storage::Reader& reader) {
      return site_.transactions.find(reader, site_.id, state, browser.cookies[std::string(model::kBrowserCookie)], site_.clock.now());
    });
  }
  http::Response log_in(Browser& browser, const std::string& state, const std::string& password = kPassword) {
    return browser.submit(browser.get("/u/login?state=" + state), {{"username", kAddress}, {"password", password}});
  }
  Site site_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, LoginTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(LoginTest, a_page_is_safe_to_show) {
  Browser browser(site_);
  const auto page = browser.get("/u/login?state=" + begin(browser));
  EXPECT_EQ(page.status, 200);
  const std::string csp = header(page, "Content-Security-Policy");
  EXPECT_EQ(csp.find("unsafe"), std::string::npos);
  EXPECT_EQ(csp.find("form-action"), std::string::npos) << "Chromium would block the redirect to the application";
  EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(page, "Referrer-Policy"), "same-origin");
  EXPECT_EQ(header(page, "Cache-Control"), "no-store");
  EXPECT_EQ(header(page, "X-Robots-Tag"), "none");
  static const std::regex inline_code("<script(?![^>]* src=)|<[^>]* on[a-z]+=|<[^>]* style=|javascript:");
  EXPECT_FALSE(std::regex_search(std::string(page.bytes()), inline_code));
  EXPECT_TRUE(shows(page, "autocomplete=\"username\""));
  EXPECT_TRUE(shows(page, "autocomplete=\"current-password\""));
}

TEST_P(LoginTest, a_login_ends_in_a_session_and_goes_back_to_authorize) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto done = log_in(browser, state);
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(header(done, "Location"), "/authorize/resume?state=" + state);
  const std::string cookie = header(done, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-gatehouse_session=")) << cookie;
  for (const char* part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=None", "; Max-Age=604800"}) EXPECT_NE(cookie.find(part), std::string::npos) << part;
  EXPECT_EQ(transaction(browser, state)->step, "resume");
  const auto back = browser.get("/u/login?state=" + state);
  EXPECT_EQ(back.status, 303) << "the back button leads on";
  EXPECT_EQ(header(back, "Location"), "/authorize/resume?state=" + state);
}

TEST_P(LoginTest, a_wrong_password_keeps_the_name_and_points_at_the_password) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const auto page = log_in(browser, begin(browser), "wrong");
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(shows(page, "That email address and password do not match."));
  EXPECT_TRUE(shows(page, "value=\"ada@example.com\""));
  EXPECT_FALSE(shows(page, "wrong\"")) << "a password is never sent back";
  EXPECT_TRUE(shows(page, "<title>Error: "));
  EXPECT_TRUE(shows(page, "aria-describedby=\"alert\""));
}

TEST_P(LoginTest, empty_fields_are_named) {
  Browser browser(site_);
  const auto page = browser.submit(browser.get("/u/login?state=" + begin(browser)), {{"username", ""}, {"password", ""}});
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(shows(page, "Please enter your email address"));
  EXPECT_TRUE(shows(page, "Please enter your password"));
  EXPECT_TRUE(shows(page, "aria-describedby=\"username-error\""));
}

TEST_P(LoginTest, too_many_wrong_passwords_are_a_429) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(log_in(browser, state, "wrong").status, 400) << i;
  const auto page = log_in(browser, state);
  EXPECT_EQ(page.status, 429);
  EXPECT_FALSE(browser.cookies.contains(std::string(model::kSessionCookie)));
}

TEST_P(LoginTest, a_form_without_its_token_does_nothing) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto page = browser.get("/u/login?state=" + state);
  for (const char* token : {"", "AAAA"}) {
    const auto refused = browser.submit(page, {{"username", kAddress}, {"password", kPassword}, {"csrf", token}});
    EXPECT_EQ(refused.status, 403);
    EXPECT_FALSE(browser.cookies.contains(std::string(model::kSessionCookie)));
  }
  const std::string other = begin(browser);
  const auto crossed = browser.submit(browser.get("/u/login?state=" + other), {});
  const std::string html(page.bytes());
  EXPECT_EQ(crossed.status, 400) << "its own token is taken";
  static const std::regex token("name=\"csrf\" value=\"([^\"]*)\"");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(html, found, token));
  EXPECT_EQ(browser.submit(browser.get("/u/login?state=" + other), {{"csrf", found[1]}, {"username", kAddress}, {"password", kPassword}}).status, 403)
      << "another login's token is not";
}

TEST_P(LoginTest, a_state_is_useless_in_another_browser) {
  site_.add_user(kAddress, kPassword);
  Browser mine(site_), theirs(site_);
  const std::string state = begin(mine);
  begin(theirs);
  const auto page = theirs.get("/u/login?state=" + state);
  EXPECT_EQ(page.status, 400);
  EXPECT_FALSE(shows(page, "<form"));
  EXPECT_TRUE(shows(page, "https://shop.example.com/")) << "a way back";
  EXPECT_EQ(theirs.send(http::Method::POST, "/u/login?state=" + state, "username=ada%40example.com&password=Correct-Horse-7").status, 400);
}

TEST_P(LoginTest, an_expired_or_invented_state_explains_itself) {
  Browser browser(site_);
  const std::string state = begin(browser);
  site_.clock.advance(seconds(3601));
  for (const std::string& dead : {state, std::string("nonsense"), std::string()}) {
    const auto page = browser.get("/u/login?state=" + dead);
    EXPECT_EQ(page.status, 400);
    EXPECT_TRUE(shows(page, "start again"));
  }
}

TEST_P(LoginTest, a_finished_login_reached_again_says_that_all_is_well) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  log_in(browser, state);
  const auto t = transaction(browser, state);
  ASSERT_TRUE(site_.db->write([&](storage::Transaction& tx) { return site_.transactions.remove(tx, site_.id, t->id); }));
  const auto page = browser.get("/u/login?state=" + state);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(shows(page, "You are signed in"));
}

TEST_P(LoginTest, two_tabs_are_two_logins) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string one = begin(browser), two = begin(browser);
  const auto first = browser.get("/u/login?state=" + one), second = browser.get("/u/login?state=" + two);
  EXPECT_EQ(browser.submit(first, {{"username", kAddress}, {"password", kPassword}}).status, 303);
  const std::string cookie = browser.cookies[std::string(model::kSessionCookie)];
  EXPECT_EQ(browser.submit(second, {{"username", kAddress}, {"password", kPassword}}).status, 303);
  EXPECT_NE(browser.cookies[std::string(model::kSessionCookie)], cookie);
}

TEST_P(LoginTest, identifier_first_asks_in_two_steps_and_tells_nothing_between) {
  site_.set_document("prompts", {{"identifier_first", true}});
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser, {{"login_hint", "hint@example.com"}});
  EXPECT_EQ(header(browser.get("/u/login?state=" + state), "Location"), "/u/login/identifier?state=" + state);
  EXPECT_EQ(header(browser.get("/u/login/password?state=" + state), "Location"), "/u/login/identifier?state=" + state);
  const auto first = browser.get("/u/login/identifier?state=" + state);
  EXPECT_TRUE(shows(first, "value=\"hint@example.com\""));
  EXPECT_FALSE(shows(first, "type=\"password\""));
  for (const char* who : {"nobody@example.com", kAddress})
    EXPECT_EQ(header(browser.submit(first, {{"username", who}}), "Location"), "/u/login/password?state=" + state);
  const auto second = browser.get("/u/login/password?state=" + state);
  EXPECT_TRUE(shows(second, kAddress));
  EXPECT_TRUE(shows(second, "Enter your password"));
  EXPECT_EQ(browser.submit(second, {{"password", "wrong"}}).status, 400);
  EXPECT_EQ(header(browser.submit(second, {{"password", kPassword}}), "Location"), "/authorize/resume?state=" + state);
}

TEST_P(LoginTest, a_sign_up_signs_in) {
  Browser browser(site_);
  const std::string state = begin(browser, {}, "signup");
  const auto page = browser.get("/u/signup?state=" + state);
  EXPECT_TRUE(shows(page, "autocomplete=\"new-password\""));
  EXPECT_TRUE(shows(page, "8 characters or more"));
  const auto done = browser.submit(page, {{"email", "new@example.com"}, {"password", kPassword}});
  EXPECT_EQ(header(done, "Location"), "/authorize/resume?state=" + state);
  EXPECT_EQ(site_.log.types(), (std::vector<std::string>{"ss", "s"}));
}

TEST_P(LoginTest, a_refused_sign_up_says_why_and_gives_nothing_away) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto page = browser.get("/u/signup?state=" + state);
  const auto taken = browser.submit(page, {{"email", kAddress}, {"password", "Another-Horse-8"}});
  EXPECT_EQ(taken.status, 400);
  EXPECT_TRUE(shows(taken, "If you already have one"));
  const auto weak = browser.submit(page, {{"email", "new@example.com"}, {"password", "abc"}});
  EXPECT_TRUE(shows(weak, "id=\"password-error\""));
  EXPECT_TRUE(shows(weak, "aria-describedby=\"password-error password-rules\""));
  const auto bad = browser.submit(page, {{"email", "not an address"}, {"password", kPassword}});
  EXPECT_TRUE(shows(bad, "Please enter a valid email address"));
  site_.set_options({{"disable_signup", true}});
  EXPECT_EQ(header(browser.get("/u/signup?state=" + state), "Location"), "/u/login?state=" + state);
  EXPECT_FALSE(shows(browser.get("/u/login?state=" + state), "/u/signup"));
}

TEST_P(LoginTest, a_forgotten_password_is_replaced_by_mail) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto ask = browser.get("/u/reset-password/request?state=" + state);
  const auto nobody = browser.submit(ask, {{"username", "nobody@example.com"}});
  EXPECT_TRUE(site_.mail.mails.empty());
  const auto sent = browser.submit(ask, {{"username", kAddress}});
  EXPECT_EQ(header(sent, "Location"), header(nobody, "Location"));
  EXPECT_TRUE(shows(browser.get(header(sent, "Location")), kAddress));
  ASSERT_EQ(site_.mail.mails.size(), 1u);

  Browser phone(site_);  // the mail is read elsewhere
  const std::string link = "/u/reset-verify?ticket=" + site_.mail.ticket();
  const auto form = phone.get(link);
  EXPECT_EQ(form.status, 200);
  EXPECT_TRUE(shows(phone.submit(form, {{"password-reset", "Another-Horse-8"}, {"re-enter-password", "Another-Horse-9"}}), "The two passwords are not the same"));
  EXPECT_TRUE(shows(phone.submit(form, {{"password-reset", "abc"}, {"re-enter-password", "abc"}}), "does not have everything it needs"));
  const auto done = phone.submit(form, {{"password-reset", "Another-Horse-8"}, {"re-enter-password", "Another-Horse-8"}});
  EXPECT_EQ(done.status, 200);
  EXPECT_TRUE(shows(done, "Your password is changed"));
  EXPECT_TRUE(shows(phone.get(link), "This link was already used"));
  EXPECT_EQ(log_in(browser, state, "Another-Horse-8").status, 303);
}

TEST_P(LoginTest, a_reset_form_needs_the_browser_it_was_shown_in) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  browser.submit(browser.get("/u/reset-password/request?state=" + begin(browser)), {{"username", kAddress}});
  Browser phone(site_), other(site_);
  const auto form = phone.get("/u/reset-verify?ticket=" + site_.mail.ticket());
  EXPECT_EQ(other.submit(form, {{"password-reset", "Another-Horse-8"}, {"re-enter-password", "Another-Horse-8"}}).status, 403);
}

TEST_P(LoginTest, verifying_an_address_lands_on_a_page_or_where_the_ticket_says) {
  Browser browser(site_);
  browser.submit(browser.get("/u/signup?state=" + begin(browser)), {{"email", "new@example.com"}, {"password", kPassword}});
  const std::string link = "/u/email-verification?ticket=" + site_.mail.ticket();
  EXPECT_EQ(browser.send(http::Method::HEAD, link).status, 200);
  const auto landed = browser.get(link);
  EXPECT_EQ(landed.status, 200);
  EXPECT_TRUE(shows(landed, "Your email address is verified"));
  EXPECT_TRUE(shows(browser.get(link), "was verified already"));
  EXPECT_EQ(browser.get("/u/email-verification?ticket=nonsense").status, 400);
}

TEST_P(LoginTest, a_blocked_account_is_opened_by_mail_and_a_button) {
  site_.add_user(kAddress, kPassword);
  Browser browser(site_);
  const std::string state = begin(browser);
  for (int i = 0; i < 10; ++i) log_in(browser, state, "wrong");
  ASSERT_EQ(site_.mail.mails.back().template_name, "blocked_account");
  const std::string link = "/u/unblock?ticket=" + site_.mail.ticket();
  const auto ask = browser.get(link);
  EXPECT_EQ(log_in(browser, state).status, 429) << "looking at the page opens nothing";
  EXPECT_TRUE(shows(browser.submit(ask, {{"action", "accept"}}), "Your account is open again"));
  EXPECT_EQ(log_in(browser, state).status, 303);
  EXPECT_EQ(browser.get(link).status, 400);
}

TEST_P(LoginTest, consent_is_asked_and_remembered_in_the_transaction) {
  site_.add_user(kAddress, kPassword);
  for (const char* answer : {"accept", "deny"}) {
    Browser browser(site_);
    const std::string state = begin(browser, {}, "consent", {{"ask", "consent"}, {"scopes", json::array{"openid", "profile", "read:orders"}}, {"audience", "x"}});
    EXPECT_EQ(header(browser.get("/u/login?state=" + state), "Location"), "/u/consent?state=" + state);
    const auto page = browser.get("/u/consent?state=" + state);
    EXPECT_TRUE(shows(page, "See your name and picture"));
    EXPECT_TRUE(shows(page, "read:orders"));
    EXPECT_EQ(header(browser.submit(page, {{"action", answer}}), "Location"), "/authorize/resume?state=" + state);
    EXPECT_EQ(transaction(browser, state)->flow.at("consent"), json::value(answer));
  }
}

TEST_P(LoginTest, a_callback_nobody_can_vouch_for_is_confirmed) {
  Browser browser(site_);
  const std::string state = begin(browser, {{"redirect_uri", "http://localhost:3000/callback?x=1"}}, "consent", {{"ask", "callback"}});
  const auto page = browser.get("/u/consent?state=" + state);
  EXPECT_TRUE(shows(page, "Continue to Shop?"));
  EXPECT_TRUE(shows(page, "http://localhost:3000/callback<"));
  browser.submit(page, {{"action", "accept"}});
  EXPECT_EQ(transaction(browser, state)->step, "resume");
}

TEST_P(LoginTest, without_a_connection_the_page_says_how_to_enable_one) {
  Browser browser(site_);
  const std::string state = begin(browser, {{"connection", "Elsewhere"}});
  const auto page = browser.get("/u/login?state=" + state);
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(shows(page, "the connection is not enabled for the client"));
  EXPECT_FALSE(shows(page, "/api/v2/connections")) << "not to strangers";
}

TEST_P(LoginTest, hostile_names_are_only_text) {
  const std::string evil = "<script>alert(1)</script>\"'{{ 7 | times: 7 }}${companyName}";
  site_.set_document("settings", {{"friendly_name", evil}, {"support_url", "javascript:alert(1)"}});
  site_.set_document("branding", {{"logo_url", "javascript:alert(1)"}, {"colors", {{"primary", "red;}body{background:url(//evil)"}}}});
  Browser browser(site_);
  const std::string state = begin(browser, {{"login_hint", evil}});
  for (const char* path : {"/u/login", "/u/signup", "/u/reset-password/request"}) {
    const auto page = browser.get(std::string(path) + "?state=" + state);
    EXPECT_EQ(page.status, 200);
    EXPECT_FALSE(shows(page, "<script>alert")) << path;
    EXPECT_FALSE(shows(page, "javascript:")) << path;
    EXPECT_FALSE(shows(page, "evil)")) << path;
    EXPECT_FALSE(shows(page, "49")) << path;
  }
}

TEST_P(LoginTest, branding_colours_the_page) {
  site_.set_document("branding", {{"logo_url", "https://cdn.example.com/logo.png"}, {"colors", {{"primary", "#ffcc00"}, {"page_background", "#102030"}}}});
  Browser browser(site_);
  const auto page = browser.get("/u/login?state=" + begin(browser));
  EXPECT_TRUE(shows(page, "--primary:#ffcc00;--on-primary:#14161f")) << "dark letters on yellow";
  EXPECT_TRUE(shows(page, "--page:#102030"));
  EXPECT_TRUE(shows(page, "src=\"https://cdn.example.com/logo.png\""));
  EXPECT_NE(header(page, "Content-Security-Policy").find("img-src 'self' https://cdn.example.com;"), std::string::npos);
}

TEST_P(LoginTest, the_language_is_the_request_s_then_the_browser_s_among_the_enabled) {
  Browser browser(site_);
  browser.accept_language = "ar;q=0.9, en;q=0.3";
  EXPECT_TRUE(shows(browser.get("/u/login?state=" + begin(browser)), "lang=\"en\"")) << "Arabic is not enabled";
  site_.set_document("settings", {{"enabled_locales", json::array{"en", "ar"}}});
  const auto arabic = browser.get("/u/login?state=" + begin(browser));
  EXPECT_TRUE(shows(arabic, "lang=\"ar\" dir=\"rtl\""));
  EXPECT_TRUE(shows(browser.get("/u/login?state=" + begin(browser, {{"ui_locales", "fr en"}})), "lang=\"en\""));
}

TEST(Catalogues, say_the_same_things_with_the_same_placeholders) {
  static const std::regex placeholder("\\$\\{[a-zA-Z]+\\}");
  const auto placeholders = [](const std::string& text) {
    std::set<std::string> out;
    for (std::sregex_iterator it(text.begin(), text.end(), placeholder), end; it != end; ++it) out.insert((*it)[0]);
    return out;
  };
  const json::object& english = Catalogue::find("en")->texts();
  for (const std::string& locale : Catalogue::locales()) {
    const json::object& other = Catalogue::find(locale)->texts();
    for (const auto& [prompt, screens] : english)
      for (const auto& [screen, texts] : screens.as_object())
        for (const auto& [key, text] : texts.as_object()) {
          const std::string where = locale + "/" + std::string(prompt) + "/" + std::string(screen) + "/" + std::string(key);
          const json::object* translated = get_object(*get_object(other, prompt), screen);
          ASSERT_TRUE(translated && get_string(*translated, key)) << where;
          EXPECT_EQ(placeholders(std::string(*get_string(*translated, key))), placeholders(std::string(text.as_string()))) << where;
        }
  }
}

TEST_P(LoginTest, the_error_page_tells_people_and_developers_what_they_need) {
  http::Request request;
  request.tenant = site_.id;
  request.id = "tracking-42";
  const http::ErrorPage error{.status = 403, .error = "unauthorized_client", .description = "Callback URL mismatch.", .details = "sent: <b>x</b>", .client_id = "shop"};
  const auto page = site_.login->error_page()(request, error);
  EXPECT_EQ(page.status, 403);
  for (const char* text : {"Callback URL mismatch.", "unauthorized_client", "sent: &lt;b&gt;x&lt;/b&gt;", "tracking-42", "https://shop.example.com/"}) EXPECT_TRUE(shows(page, text)) << text;
  site_.set_document("settings", {{"error_page", {{"url", "https://www.example.com/oops?a=1"}}}});
  const auto away = site_.login->error_page()(request, error);
  EXPECT_EQ(away.status, 302);
  EXPECT_EQ(header(away, "Location"), "https://www.example.com/oops?a=1&client_id=shop&lang=en&error=unauthorized_client&error_description=Callback%20URL%20mismatch.&tracking=tracking-42");
}

TEST_P(LoginTest, assets_are_named_by_their_content_and_kept) {
  Browser browser(site_);
  const auto page = browser.get("/u/login?state=" + begin(browser));
  static const std::regex css("href=\"(/u/assets/login\\.[0-9a-f]{12}\\.css)\"");
  std::smatch found;
  const std::string html(page.bytes());
  ASSERT_TRUE(std::regex_search(html, found, css));
  const auto sheet = browser.get(found[1]);
  EXPECT_EQ(header(sheet, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_TRUE(shows(sheet, ".card"));
}

class WaysTest : public LoginTest {
 protected:
  void add_connection(const std::string& id, const std::string& name, const std::string& strategy, json::object options = {}, json::object more = {}) {
    json::object properties{{"name", name}, {"strategy", strategy}, {"enabled_clients", json::array{"shop"}}, {"options", std::move(options)}};
    for (const auto& [key, value] : more) properties[key] = value;
    model::StoredObject stored{.id = id, .properties = std::move(properties)};
    ASSERT_TRUE(site_.db->write([&](storage::Transaction& tx) { return site_.connections.objects().insert(tx, site_.id, stored, site_.clock.now()); }));
  }
  void disable_database() {
    ASSERT_TRUE(site_.db->write([&](storage::Transaction& tx) -> Result<void> {
      TRY(std::optional<model::StoredObject> stored, site_.connections.objects().find(tx, site_.id, "con_1"));
      stored->properties["enabled_clients"] = json::array{};
      return site_.connections.objects().replace(tx, site_.id, *stored, site_.clock.now());
    }));
  }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, WaysTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(WaysTest, each_provider_has_a_button_on_every_page_that_asks_who_somebody_is) {
  add_connection("con_2", "github", "github");
  add_connection("con_3", "acme-corp", "oidc", {}, {{"show_as_button", true}, {"display_name", "Acme <Corp>"}});
  add_connection("con_4", "hidden-corp", "oidc");
  add_connection("con_5", "unknown", "yandex");
  Browser browser(site_);
  const std::string state = begin(browser);
  for (const char* path : {"/u/login", "/u/signup"}) {
    const auto page = browser.get(std::string(path) + "?state=" + state);
    EXPECT_TRUE(shows(page, "action=\"/u/login/federated?state=" + state)) << path;
    EXPECT_TRUE(shows(page, "name=\"connection\" value=\"github\"")) << path;
    EXPECT_TRUE(shows(page, "Continue with GitHub"));
    EXPECT_TRUE(shows(page, "Continue with Acme &lt;Corp&gt;"));
    EXPECT_FALSE(shows(page, "hidden-corp"));
    EXPECT_FALSE(shows(page, "unknown"));
  }
  site_.set_document("prompts", {{"identifier_first", true}});
  for (const char* path : {"/u/login/identifier", "/u/signup/identifier"})
    EXPECT_TRUE(shows(browser.get(std::string(path) + "?state=" + state), "value=\"github\"")) << path;
}

TEST_P(WaysTest, a_login_without_a_database_is_buttons_alone) {
  add_connection("con_2", "github", "github");
  disable_database();
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto page = browser.get("/u/login?state=" + state);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(shows(page, "Continue with GitHub"));
  EXPECT_FALSE(shows(page, "type=\"password\""));
  EXPECT_FALSE(shows(page, "/u/signup"));
  for (const char* path : {"/u/signup", "/u/reset-password/request", "/u/login/identifier", "/u/signup/identifier", "/u/signup/password"})
    EXPECT_EQ(header(browser.get(std::string(path) + "?state=" + state), "Location"), "/u/login?state=" + state) << path;
  const auto lost = browser.get("/u/login/password?state=" + state);
  EXPECT_EQ(browser.get(header(lost, "Location")).status, 303) << "which leads to the login page";
}

TEST_P(WaysTest, a_mail_domain_leads_home) {
  add_connection("con_2", "acme-corp", "oidc", {{"domain_aliases", json::array{"Acme.example"}}});
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto page = browser.get("/u/login?state=" + state);
  const auto sent = browser.submit(page, {{"username", "eve@ACME.example"}, {"password", ""}});
  EXPECT_EQ(header(sent, "Location"), "/u/login/federated?state=" + state);
  EXPECT_EQ(get_string(transaction(browser, state)->flow, "realm"), "acme-corp");
  const auto other = browser.submit(browser.get("/u/login?state=" + state), {{"username", "eve@sub.acme.example"}, {"password", "x"}});
  EXPECT_EQ(other.status, 400) << "a domain is itself alone";

  site_.set_document("prompts", {{"identifier_first", true}});
  const std::string first = begin(browser);
  const auto ask = browser.get("/u/login/identifier?state=" + first);
  EXPECT_EQ(header(browser.submit(ask, {{"username", "eve@acme.example"}}), "Location"), "/u/login/federated?state=" + first);
  EXPECT_EQ(header(browser.submit(ask, {{"username", "eve@example.com"}}), "Location"), "/u/login/password?state=" + first);
  EXPECT_EQ(get_string(transaction(browser, first)->flow, "realm"), "Users") << "somebody else now";
}

TEST_P(WaysTest, who_can_only_come_from_a_company_is_asked_for_an_address_first) {
  add_connection("con_2", "acme-corp", "oidc", {{"domain_aliases", json::array{"acme.example"}}});
  disable_database();
  Browser browser(site_);
  const std::string state = begin(browser);
  EXPECT_EQ(header(browser.get("/u/login?state=" + state), "Location"), "/u/login/identifier?state=" + state);
  const auto ask = browser.get("/u/login/identifier?state=" + state);
  EXPECT_TRUE(shows(browser.submit(ask, {{"username", "eve@example.com"}}), "There is no way to log in with this address here"));
  EXPECT_EQ(header(browser.submit(ask, {{"username", "eve@acme.example"}}), "Location"), "/u/login/federated?state=" + state);
}

TEST_P(WaysTest, a_connection_that_authorize_names_is_gone_to_at_once) {
  add_connection("con_2", "github", "github");
  Browser browser(site_);
  const std::string state = begin(browser, {{"connection", "github"}});
  EXPECT_EQ(header(browser.get("/u/login?state=" + state), "Location"), "/u/login/federated?state=" + state);
  const std::string failed = begin(browser, {{"connection", "github"}}, "login", {{"alert", "authentication-failure"}});
  const auto page = browser.get("/u/login?state=" + failed);
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(shows(page, "We could not log you in"));
  EXPECT_TRUE(shows(page, "Continue with GitHub")) << "a way on";
  EXPECT_FALSE(shows(page, "type=\"password\""));
}

TEST_P(WaysTest, of_several_databases_the_one_that_knows_somebody_is_asked) {
  add_connection("con_2", "Partners", "auth0");
  site_.add_user(kAddress, kPassword);
  model::User partner;
  partner.id = UserId("auth0|partner");
  partner.tenant = site_.id;
  partner.email = "paul@partner.example";
  partner.identities = {{"Partners", "auth0", "partner", false, {}}};
  const std::string hash = *site_.hasher.hash("Partner-Horse-9");
  ASSERT_TRUE(site_.db->write([&](storage::Transaction& tx) { return site_.users.insert(tx, partner, model::PasswordCredential{.hash = hash}, site_.clock.now()); }));
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto done = browser.submit(browser.get("/u/login?state=" + state), {{"username", "paul@partner.example"}, {"password", "Partner-Horse-9"}});
  EXPECT_EQ(header(done, "Location"), "/authorize/resume?state=" + state);
  EXPECT_EQ(site_.log.events.back().connection, "Partners");
  const std::string named = begin(browser, {{"connection", "Users"}});
  EXPECT_EQ(browser.submit(browser.get("/u/login?state=" + named), {{"username", "paul@partner.example"}, {"password", "Partner-Horse-9"}}).status, 400);
}

class IdentifiersTest : public LoginTest {
 protected:
  void identify_by(json::object attributes) { site_.set_options({{"attributes", std::move(attributes)}}); }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, IdentifiersTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(IdentifiersTest, an_identifier_first_sign_up_has_two_pages_and_a_way_back) {
  site_.set_document("prompts", {{"identifier_first", true}});
  Browser browser(site_);
  const std::string state = begin(browser, {}, "signup");
  EXPECT_EQ(header(browser.get("/u/signup?state=" + state), "Location"), "/u/signup/identifier?state=" + state);
  EXPECT_EQ(header(browser.get("/u/signup/password?state=" + state), "Location"), "/u/signup/identifier?state=" + state);
  const auto first = browser.get("/u/signup/identifier?state=" + state);
  EXPECT_FALSE(shows(first, "type=\"password\""));
  EXPECT_TRUE(shows(browser.submit(first, {{"email", "not an address"}}), "Please enter a valid email address"));
  EXPECT_EQ(header(browser.submit(first, {{"email", "new@example.com"}}), "Location"), "/u/signup/password?state=" + state);
  const auto second = browser.get("/u/signup/password?state=" + state);
  EXPECT_TRUE(shows(second, "new@example.com"));
  EXPECT_TRUE(shows(second, "href=\"/u/signup/identifier?state=" + state)) << "the way back";
  EXPECT_TRUE(shows(browser.get("/u/signup/identifier?state=" + state), "value=\"new@example.com\"")) << "which keeps what was typed";
  const auto weak = browser.submit(second, {{"password", "abc"}});
  EXPECT_EQ(weak.status, 400);
  EXPECT_TRUE(shows(weak, "id=\"password-error\""));
  EXPECT_EQ(header(browser.submit(second, {{"password", kPassword}}), "Location"), "/authorize/resume?state=" + state);
}

TEST_P(IdentifiersTest, people_may_be_called_by_phone_and_username_instead_of_an_address) {
  identify_by({{"phone_number", {{"identifier", {{"active", true}}}, {"signup", {{"status", "required"}}}}},
               {"username", {{"identifier", {{"active", true}}}, {"signup", {{"status", "optional"}}}, {"validation", {{"min_length", 3}, {"max_length", 8}}}}}});
  Browser browser(site_);
  const std::string state = begin(browser, {}, "signup");
  const auto page = browser.get("/u/signup?state=" + state);
  EXPECT_FALSE(shows(page, "name=\"email\""));
  EXPECT_TRUE(shows(page, "Username (optional)"));
  EXPECT_TRUE(shows(browser.submit(page, {{"phone", "020 7946 0000"}, {"password", kPassword}}), "with its country code"));
  EXPECT_TRUE(shows(browser.submit(page, {{"phone", "+442079460000"}, {"username", "al"}, {"password", kPassword}}), "at least 3 characters"));
  EXPECT_TRUE(shows(browser.submit(page, {{"phone", "+442079460000"}, {"username", "a&b"}, {"password", kPassword}}), "may have letters"));
  EXPECT_TRUE(shows(browser.submit(page, {{"phone", "+442079460000"}, {"username", "a@b.de"}, {"password", kPassword}}), "cannot be an email"));
  const auto done = browser.submit(page, {{"phone", "+44 (20) 7946-0000"}, {"username", "ada"}, {"password", kPassword}});
  EXPECT_EQ(header(done, "Location"), "/authorize/resume?state=" + state);
  for (const char* who : {"0044 20 7946 0000", "Ada"}) {
    const std::string again = begin(browser);
    const auto login = browser.get("/u/login?state=" + again);
    EXPECT_TRUE(shows(login, "Phone number or username"));
    EXPECT_EQ(header(browser.submit(login, {{"username", who}, {"password", kPassword}}), "Location"), "/authorize/resume?state=" + again) << who;
  }
}

TEST_P(IdentifiersTest, an_identifier_first_page_wants_what_identifies_people_here) {
  site_.set_document("prompts", {{"identifier_first", true}});
  identify_by({{"phone_number", {{"identifier", {{"active", true}}}}}});
  Browser browser(site_);
  const std::string state = begin(browser);
  const auto page = browser.get("/u/login/identifier?state=" + state);
  EXPECT_TRUE(shows(page, "inputmode=\"tel\""));
  EXPECT_TRUE(shows(browser.submit(page, {{"username", "ada@example.com"}}), "with its country code"));
  EXPECT_EQ(header(browser.submit(page, {{"username", "+44 20 7946 0000"}}), "Location"), "/u/login/password?state=" + state);
}

}  // namespace
}  // namespace gatehouse::login
