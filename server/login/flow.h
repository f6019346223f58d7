#pragma once
#include <source_location>

#include "login/login.h"
#include "login/page.h"

namespace gatehouse::login {

/// A page that belongs to a login in progress.
struct LoginVisit : Visit {
  model::LoginTransaction transaction;
  /// While somebody signs in: all connections this login offers, databases first; the one that /authorize asked for alone, if it did.
  std::vector<std::shared_ptr<const model::Connection>> connections;
  /// The database connection among them, or null. After the first factor: the one that was signed in with, whatever its kind.
  std::shared_ptr<const model::Connection> connection;
  /// Where this person is sent without choosing, because /authorize named it or their mail domain did: /u/login/federated begins there by
  /// GET. Null: nowhere.
  std::shared_ptr<const model::Connection> elsewhere;
  std::optional<sign_in::Authenticated> who;            ///< in the phases after authentication: who has proved to be whom so far
  [[nodiscard]] std::string asked(std::string_view parameter) const;  ///< a parameter of /authorize
  [[nodiscard]] std::string learnt(std::string_view key) const;       ///< a text in transaction.flow
};

/// A page that belongs to a link in a mail.
struct TicketVisit : Visit {
  model::TicketStore::Found found;
  std::optional<model::User> user;
};

/// What a login is waiting for: `step` of its transaction, in groups of screens between which a person may go back and forth.
enum class Phase {
  authenticate,        ///< login, signup: the pages about who somebody is, in whatever order
  verify_email,        ///< verify-email: the address is to be proved before going on
  second_factor,       ///< mfa: a second factor is to be shown or enrolled
  passkey_enrollment,  ///< passkeys: the offer of one
  consent,             ///< consent: may the application have it
  logout,              ///< logout: really
  resume,              ///< nothing: /authorize can answer
};
Phase phase_of(const model::LoginTransaction& transaction);

/// Something that may come between proving who one is and a session. The first that is due parks the login in its phase; its last page
/// calls Flow::finish() again.
struct Interruption {
  Phase phase;
  std::string_view path;  ///< its first page
  std::function<Result<bool>(LoginVisit&, const sign_in::Attempt&, const sign_in::Authenticated&)> due;
};

/// The state machine of the hosted pages. Screens read the transaction, act, and come back here for what is next; they never call
/// each other, so a back button, a second tab or a typed address always ends in what is due.
class Flow {
 public:
  Flow(const Login::Parts& parts, const Pages& pages) : parts_(parts), pages_(pages) {}

  /// Adds an interruption behind those that are there: before the first request.
  void add(Interruption interruption) { interruptions_.push_back(std::move(interruption)); }

  using Show = std::function<http::Response(LoginVisit&)>;
  using Submit = std::function<http::Response(LoginVisit&, const http::Parameters&)>;
  /// Mounts a screen of a login: GET shows it, POST takes its form. Both see only live transactions of this browser in this phase, and
  /// the form only with its token; everything else is answered here. `lane` is that of the POST,
  /// `show_lane` of the GET.
  void mount(http::Router& router, const std::string& path, Phase phase, http::Lane lane, Show show, Submit submit,
             std::source_location where = std::source_location::current(), http::Lane show_lane = http::Lane::store) const;

  using ShowTicket = std::function<http::Response(TicketVisit&)>;
  using SubmitTicket = std::function<http::Response(TicketVisit&, const http::Parameters&)>;
  /// The same for a page behind a link of this kind; a ticket that is not valid any more comes to `show`, too.
  void mount_ticket(http::Router& router, const std::string& path, std::string_view kind, http::Lane lane, ShowTicket show,
                    SubmitTicket submit, std::source_location where = std::source_location::current()) const;

  /// A visit without login or ticket: tenant, language, browser.
  [[nodiscard]] Result<Visit> plain_visit(const http::Request& request) const;
  [[nodiscard]] std::shared_ptr<const model::Client> client(const TenantId& tenant, std::string_view id) const;

  /// Where a transaction has to go next.
  [[nodiscard]] std::string due(const LoginVisit& visit) const;
  /// Somebody was authenticated, or is through an interruption: to the next interruption that is due, else begins the session and goes
  /// on. The answer sets the session cookie.
  [[nodiscard]] http::Response finish(LoginVisit& visit, const sign_in::Attempt& attempt, const sign_in::Authenticated& who) const;
  [[nodiscard]] sign_in::Attempt attempt(const LoginVisit& visit, std::string identifier) const;
  /// Of several databases, the one in which somebody is called so becomes visit.connection. A point read for each; nothing where
  /// there is one.
  Result<void> choose_database(LoginVisit& visit, std::string_view identifier) const;
  /// Stores what a screen learnt and goes to `path` of this login.
  [[nodiscard]] http::Response go(LoginVisit& visit, std::string_view path) const;
  /// 303: the next page is fetched with GET, and the form is not sent again by a reload.
  [[nodiscard]] static http::Response see_other(std::string location);
  /// Storage or lanes are overloaded or down: 503 and a page that says so.
  [[nodiscard]] http::Response busy(const Visit& visit) const;
  /// The same for a request that no lane took: made from memory alone, in any of our languages, without the tenant's branding.
  [[nodiscard]] http::Response turned_away(const http::Request& request) const;

  struct Entered {
    std::optional<LoginVisit> visit;
    std::optional<http::Response> answer;  ///< instead of a visit
  };
  /// The login of a `state` in this browser, if it is in this phase: what mount() does for pages that have the state in their address.
  [[nodiscard]] Entered enter(const http::Request& request, Phase phase, const std::string& state) const;

 private:
  [[nodiscard]] http::Response unknown_state(Visit visit, std::string_view state) const;
  [[nodiscard]] http::Response stale_form(const Visit& visit, std::string retry) const;
  /// The connection of this login, or the page that says why there is none.
  [[nodiscard]] std::optional<http::Response> choose_connection(LoginVisit& visit) const;
  /// visit.who of a login that waits in an interruption, or where to go when it holds no longer.
  [[nodiscard]] std::optional<http::Response> resume_login(LoginVisit& visit) const;
  Result<TicketVisit> enter_ticket(const http::Request& request, std::string_view kind) const;
  /// Keeps `who` with the login and goes to the interruption's first page.
  [[nodiscard]] http::Response park(LoginVisit& visit, const sign_in::Authenticated& who, const Interruption& interruption) const;
  [[nodiscard]] const Interruption* interruption(Phase phase) const;
  const Login::Parts& parts_;
  const Pages& pages_;
  std::vector<Interruption> interruptions_;  // in their order
};

/// The plain-text way to say what failed when not even a page can be made.
http::Response no_page(const http::Request& request);

}  // namespace gatehouse::login
