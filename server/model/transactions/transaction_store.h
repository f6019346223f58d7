#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "crypto/random.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A login in progress: where /authorize and the hosted pages meet. /authorize writes the checked request and redirects to
/// `/u/login?state=…`; screens read it, act, and store what they learnt; when somebody is signed in, sign_in/ sets `user` and
/// `session` and the flow returns to `/authorize/resume?state=…`, which issues the answer and removes the row.
struct LoginTransaction {
  std::string id;  ///< SHA-256 (hex) of the `state` of /u/* pages
  TenantId tenant;
  ClientId client;
  std::string browser_digest;  ///< SHA-256 of the browser cookie it is bound to
  json::object request;        ///< the checked parameters of /authorize, by name
  std::string step;            ///< the screen that is due: see login/flow.h; "resume" when /authorize can answer
  json::object flow;           ///< what the screens learnt: identifier, connection, error to show, consent given, …
  std::optional<UserId> user;  ///< set together with session
  std::optional<SessionId> session;
  int64_t rounds = 0;  ///< times it went back from resume to a page; bounded
  Timestamp created_at{};
  Timestamp expires_at{};  ///< one hour after creation
};

/// Cookie that binds transactions to the browser that began them: 128 random bits, for the browser's session.
inline constexpr std::string_view kBrowserCookie = "__Host-gatehouse_browser";

/// Cookie by which a browser is remembered after a second factor: 256 random bits, for 30 days; the row keeps their SHA-256.
inline constexpr std::string_view kRememberedBrowserCookie = "__Host-gatehouse_mfa";
/// The `acr` of a login with a second factor, which `acr_values` may ask for.
inline constexpr std::string_view kMultiFactorAcr = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

class TransactionStore {
 public:
  /// `transaction.id` is set from a fresh state made by the caller with make_state(), so that the closure stays repeatable.
  static std::string make_state(crypto::Random& random);
  static std::string digest(std::string_view state_or_cookie);
  /// A value for kBrowserCookie, and whether one that a browser sent can be such: anything else was planted and is replaced.
  static std::string make_cookie(crypto::Random& random);
  static bool is_cookie(std::string_view value);
  Result<void> insert(storage::Transaction& tx, const LoginTransaction& transaction) const;
  /// The live transaction of a `state` in this browser; nullopt when unknown, expired or another browser's.
  [[nodiscard]] Result<std::optional<LoginTransaction>> find(storage::Reader& reader, const TenantId& tenant, std::string_view state,
                                                             std::string_view browser_cookie, Timestamp now) const;
  /// The client of a `state`, whatever browser asks and however old it is: only good for showing a way back to the application.
  [[nodiscard]] Result<std::optional<ClientId>> client_of(storage::Reader& reader, const TenantId& tenant, std::string_view state) const;
  /// Writes step, flow, user, session, rounds, browser_digest.
  Result<void> update(storage::Transaction& tx, const LoginTransaction& transaction) const;
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
