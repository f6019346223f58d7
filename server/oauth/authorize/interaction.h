#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/grants/consent_store.h"
#include "model/sessions/session_store.h"
#include "model/users/user_store.h"
#include "oauth/authorize/authorize_request.h"
#include "oauth/tokens/api_access.h"

namespace gatehouse::oauth {

/// Who sits at the browser and what this client may have of them, read from one snapshot.
struct Visitor {
  std::optional<model::Session> session;  ///< live, of a user who exists and is not blocked
  std::optional<model::User> user;        ///< set together with session
  bool blocked = false;                   ///< there was a session, but its user is blocked
  std::set<std::string> permissions;
  Scopes granted;
  std::vector<std::string> consented;
};

class VisitorReader {
 public:
  VisitorReader(const model::SessionStore& sessions, const model::UserStore& users, const model::ConsentStore& consents,
                const ApiAccess& api_access)
      : sessions_(sessions), users_(users), consents_(consents), api_access_(api_access) {}
  /// Works in a snapshot and in a unit of work alike; `request.api` is resolved already.
  [[nodiscard]] gatehouse::Result<Visitor> read(storage::Reader& reader, const AuthorizeRequest& request,
                                                std::optional<std::string_view> session_cookie, Timestamp now) const;

 private:
  const model::SessionStore& sessions_;
  const model::UserStore& users_;
  const model::ConsentStore& consents_;
  const ApiAccess& api_access_;
};

/// What has already happened in this login.
struct Progress {
  bool signed_in_now = false;     ///< the session was begun in this very login: prompt and max_age are satisfied
  bool prompted = false;          ///< some page was shown in it
  std::optional<bool> consent{};  ///< what the consent page was told
};

/// What is due before the request can be answered. `second_factor` is never said by what_is_due(): it is asked of mfa/ besides.
enum class Due { nothing, login, second_factor, consent, confirmation };
Due what_is_due(const AuthorizeRequest& request, const Visitor& visitor, const Progress& progress, Timestamp now);

/// The scopes the consent page must ask for; empty: none. Third-party clients ask for everything once per user, client and API. First-party
/// ones ask where Auth0 would: for an API that does not let them skip it, or on a callback that nobody can vouch for; never on a local issuer,
/// where every callback is of that kind.
std::vector<std::string> scopes_to_consent(const AuthorizeRequest& request, const Visitor& visitor);

/// Whether the callback is one that any program on the device could take, and nobody said that this is all right (Auth0:
/// skip_non_verifiable_callback_uri_confirmation_prompt, the client's own setting before the tenant's).
bool callback_needs_confirmation(const AuthorizeRequest& request);

}  // namespace gatehouse::oauth
