#pragma once
#include "http/error_page.h"
#include "http/router.h"
#include "mfa/mfa.h"
#include "model/transactions/transaction_store.h"
#include "oauth/authorize/answer.h"
#include "oauth/authorize/loop_guard.h"
#include "oauth/authorize/pipeline.h"
#include "sign_in/sign_in.h"

namespace gatehouse::oauth {

/// GET and POST /authorize (RFC 6749 §3.1, OpenID Connect Core §3.1.2), and GET /authorize/resume, where the hosted pages come back to.
/// A request that needs nobody's attention is answered at once; otherwise it waits in a login transaction while pages are shown.
///
/// With the pages it meets in model/transactions: `request` keeps the checked parameters; `step` is login, signup, consent or resume; for
/// consent, `flow.ask` says why ("consent": `flow.scopes` of `flow.audience`; "callback": the callback cannot be verified), and the page
/// stores `flow.consent` = "accept" or "deny", sets `step` to resume and returns to /authorize/resume?state=….
class AuthorizeEndpoint {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::TransactionStore& transactions;
    const model::SessionStore& sessions;
    const model::AuthorizationCodeStore& codes;
    const model::ConsentStore& consents;
    CheckParts checks;
    const VisitorReader& visitors;
    const sign_in::SignIn& sign_in;
    const mfa::Mfa& mfa;
    const Issuer& issuer;
    MissingPermissionsNotice& notice;
    LoopGuard& loop_guard;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    http::ErrorPageRenderer error_page;
  };
  explicit AuthorizeEndpoint(Parts parts) : parts_(std::move(parts)) {}
  void mount(http::Router& router);

  /// Times a login may go from /authorize/resume back to a page before it is called a loop.
  static constexpr int64_t kMaxRounds = 10;
  static constexpr seconds kTransactionLifetime{3600};

 private:
  [[nodiscard]] http::Response begin(const http::Request& request, http::Parameters parameters) const;
  [[nodiscard]] http::Response resume(const http::Request& request) const;
  /// Decides and acts: an answer, an error, or a page.
  [[nodiscard]] http::Response proceed(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction) const;
  /// Who is there, as far as it counts in this login.
  [[nodiscard]] gatehouse::Result<Visitor> visitor_of(storage::Reader& reader, const AuthorizeRequest& request,
                                                      const std::optional<model::LoginTransaction>& transaction, Timestamp now) const;
  /// Whether the session, which satisfies the request otherwise, lacks a second factor: of the tenant's policy, or of the request (acr_values,
  /// the audience of the MFA API).
  [[nodiscard]] gatehouse::Result<bool> lacks_second_factor(const AuthorizeRequest& request, const Visitor& visitor) const;
  /// Answers for `session`, if in this unit of work nothing is due any more.
  [[nodiscard]] http::Response answer(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                      const Progress& progress, const SessionId& session) const;
  /// What is due is asked for, or refused where nothing may be asked.
  [[nodiscard]] http::Response ask(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                   const Visitor& visitor, Due due) const;
  [[nodiscard]] http::Response show_page(const AuthorizeRequest& request, std::optional<model::LoginTransaction> transaction,
                                         const Visitor& visitor, Due due) const;
  [[nodiscard]] http::Response refuse(const AuthorizeRequest& request, const OAuthError& error, Tell tell,
                                      const std::optional<model::LoginTransaction>& transaction = std::nullopt) const;
  [[nodiscard]] http::Response page(const http::Request& request, const model::Tenant* tenant, const OAuthError& error,
                                    const model::Client* client) const;
  [[nodiscard]] logs::Event event(const AuthorizeRequest& request, std::string_view type, std::string_view description) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
