#pragma once
#include <set>

#include "login/screens/screen.h"
#include "mfa/mfa.h"

namespace gatehouse::login {

/// A page about a second factor, and what it belongs to: a login, a new password, or the link with which somebody enrols a factor.
struct FactorVisit {
  enum class Place { login, reset, enrollment };
  Place place;
  Visit& visit;
  LoginVisit* login = nullptr;    ///< Place::login
  TicketVisit* ticket = nullptr;  ///< the others
  const model::User& user;
  mfa::Settings settings;
  mfa::Mfa::Available available;
  json::object state;   ///< what these pages keep between them: in transaction.flow or ticket.data, as "mfa"
  bool proved = false;  ///< a factor has been shown, or need not be

  [[nodiscard]] std::string kept(std::string_view key) const { return std::string(get_string(state, key).value_or("")); }
  /// The method that is challenged, or being enrolled.
  [[nodiscard]] bool enrolling() const { return state.contains("enrolling"); }
};

/// What all pages about second factors share: where they stand, what is due, and what comes after a right answer. In a login a page is at
/// /u/<name>, before a new password at /u/reset-password/<name>, behind an enrolment link at /u/enrollment/<name>.
class SecondFactor {
 public:
  explicit SecondFactor(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

  using Show = std::function<http::Response(FactorVisit&)>;
  using Submit = std::function<http::Response(FactorVisit&, const http::Parameters&)>;
  enum class For { challenge, enrolment, both };  ///< challenges: also before a new password; enrolments: also behind a link
  /// Mounts a page by Auth0's screen name. A page that nobody mounts is not offered either.
  void mount(http::Router& router, const std::string& name, For what, Show show, Submit submit,
             std::source_location where = std::source_location::current());

  /// Whether a password change by this link has to wait for a second factor that was not shown yet; the answer leads there.
  [[nodiscard]] std::optional<http::Response> before_reset(TicketVisit& visit) const;

  [[nodiscard]] mfa::Person person(const FactorVisit& visit) const;
  [[nodiscard]] static std::string link(const FactorVisit& visit, std::string_view name);
  /// Keeps visit.state and goes to the page.
  [[nodiscard]] http::Response go(FactorVisit& visit, std::string_view name) const;
  /// To what is due: a challenge of the method used last, or an enrolment.
  [[nodiscard]] http::Response start(FactorVisit& visit) const;
  /// To the challenge of a method; sends its code.
  [[nodiscard]] http::Response open(FactorVisit& visit, const model::AuthenticationMethod& method, bool voice = false) const;
  /// To the enrolment of a type.
  [[nodiscard]] http::Response begin(FactorVisit& visit, std::string_view type) const;
  /// After a right answer: the recovery code if one is due, else on. Remembers the browser if that is wanted.
  [[nodiscard]] http::Response proved(FactorVisit& visit, const mfa::Mfa::Verification& verification, bool remember) const;
  /// One more page that a right answer leads to (the name of a new key, the offer of biometrics), or, when `next` is empty, on.
  [[nodiscard]] http::Response after(FactorVisit& visit, std::string_view next) const;
  /// Writes visit.state.
  Result<void> keep(FactorVisit& visit) const;
  /// Nothing is left to do here: the session, the new password, or the page that says it is done.
  [[nodiscard]] http::Response finish(FactorVisit& visit) const;
  /// The text key and status of an answer that was not right.
  [[nodiscard]] static Complaint complaint_of(mfa::Outcome outcome);

  /// A page with this screen's texts for where it stands, its form, and the link to another way if there is one.
  [[nodiscard]] Page page(const FactorVisit& visit, std::string_view template_name, std::string_view prompt, std::string_view screen) const;
  [[nodiscard]] http::Response render(const FactorVisit& visit, Page page) const;
  [[nodiscard]] ScreenTexts texts(const FactorVisit& visit, const Page& page) const {
    return kit_.pages.texts(visit.visit, page.prompt, page.screen);
  }
  [[nodiscard]] const Kit& kit() const { return kit_; }

  /// Names of the pages of a type, and the text keys of its name and of what it is like.
  [[nodiscard]] std::string challenge_page(const FactorVisit& visit, std::string_view type, bool voice) const;
  [[nodiscard]] std::string enrolment_page(const FactorVisit& visit, std::string_view type) const;
  [[nodiscard]] bool is_mounted(std::string_view name) const { return mounted_.contains(name); }

 private:
  using Place = FactorVisit::Place;
  [[nodiscard]] http::Response enter(LoginVisit& visit, const std::function<http::Response(FactorVisit&)>& act) const;
  [[nodiscard]] http::Response enter(TicketVisit& visit, Place place, const std::function<http::Response(FactorVisit&)>& act) const;
  /// Forgets what was proved: somebody else wants to log in.
  [[nodiscard]] http::Response start_again(LoginVisit& visit) const;
  [[nodiscard]] http::Response show_options(FactorVisit& visit) const;
  [[nodiscard]] http::Response choose_option(FactorVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_enrolments(FactorVisit& visit) const;
  [[nodiscard]] http::Response choose_enrolment(FactorVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_unavailable(FactorVisit& visit) const;
  [[nodiscard]] http::Response show_result(const TicketVisit& visit, std::string_view title, std::string_view description, bool good) const;
  [[nodiscard]] json::array options(const FactorVisit& visit, const std::vector<std::string>& types, const ScreenTexts& texts) const;
  /// Types that can be asked for, or enrolled, on pages that exist.
  [[nodiscard]] std::vector<std::string> challengeable(const FactorVisit& visit) const;
  [[nodiscard]] std::vector<std::string> enrollable(const FactorVisit& visit) const;
  /// Whether the biometrics of this device are offered after another factor was shown.
  [[nodiscard]] static bool offers_biometrics(const FactorVisit& visit, std::string_view shown_type);
  const Kit& kit_;
  std::set<std::string, std::less<>> mounted_;
};

}  // namespace gatehouse::login
