#pragma once
#include <memory>
#include <string>

#include "mfa/mfa.h"
#include "model/connections/connection_store.h"
#include "model/mfa/mfa_token_store.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/api_access.h"
#include "oauth/tokens/verifier.h"
#include "sign_in/sign_in.h"

namespace gatehouse::oauth {

/// What a person's grant was asked for.
struct AskedTokens {
  std::shared_ptr<const model::ResourceServer> api{};  ///< null: none
  Scopes scopes{};
  std::string gty{};
  [[nodiscard]] std::string audience() const { return api ? api->identifier : std::string(); }
};

/// Logins by grants that wait for a second factor, and how applications name them.
class MfaTokens {
 public:
  struct Parts {
    storage::Database& db;
    const sign_in::SignIn& sign_in;
    const mfa::Mfa& mfa;
    const model::UserStore& users;
    const model::ConnectionStore& connections;
    const ApiAccess& api_access;
    const TokenVerifier& verifier;
    crypto::Random& random;
    logs::EventLog& log;
  };
  explicit MfaTokens(Parts parts) : parts_(parts) {}

  /// Keeps what was proved and asked for behind a new token: the error mfa_required that carries it.
  [[nodiscard]] OAuthError required(const TokenRequest& request, const sign_in::Attempt& attempt, const sign_in::Authenticated& who,
                                    const AskedTokens& asked, mfa::Due due) const;

  /// A login that waits, and who it is of.
  struct Waiting {
    model::MfaToken token;
    sign_in::Authenticated who;
    Scopes api_scopes{};  ///< of an access token for the MFA API
    bool by_api_token = false;
    bool proved = false;  ///< that access token was issued after a second factor
    [[nodiscard]] mfa::Person person(const model::Tenant& tenant, const model::Client& client, logs::Event event) const;
  };
  /// `text` is an mfa_token, or an access token for the MFA API, which may stand for one. Errors: invalid_grant "Malformed mfa_token",
  /// expired_token, invalid_token.
  [[nodiscard]] Result<Waiting> find(const model::Tenant& tenant, std::string_view text, Timestamp now) const;
  /// Notes the code that was sent: from now on `oob_code` names it.
  [[nodiscard]] Result<std::string> note_sent(const Waiting& waiting, const std::string& method_id) const;
  /// An access token for the MFA API that stands for an mfa_token has no row of its own until it leads to something.
  [[nodiscard]] Result<void> keep(const Waiting& waiting) const;
  /// Which method an oob_code is of; empty: none of this login.
  static std::string method_of(const Waiting& waiting, std::string_view oob_code);
  /// What the login was for. Errors: access_denied (no longer to be had).
  [[nodiscard]] Result<AskedTokens> asked(const model::Tenant& tenant, const Waiting& waiting) const;

  [[nodiscard]] const mfa::Mfa& mfa() const { return parts_.mfa; }
  [[nodiscard]] const sign_in::SignIn& sign_in() const { return parts_.sign_in; }
  [[nodiscard]] const model::ConnectionStore& connections() const { return parts_.connections; }

 private:
  [[nodiscard]] Result<Waiting> of_api_token(const model::Tenant& tenant, std::string_view text, Timestamp now) const;
  Parts parts_;
  model::MfaTokenStore store_;
};

}  // namespace gatehouse::oauth
