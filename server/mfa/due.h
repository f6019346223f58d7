#pragma once
#include <string>
#include <string_view>

#include "model/clients/client.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user.h"

namespace gatehouse::mfa {

/// What stands between a first factor that was proved and a session.
enum class Due {
  none,       ///< nothing: no policy asks for it, or this browser is remembered
  challenge,  ///< a factor that the user has must be proved
  enrol,      ///< a factor is asked for and the user has none yet
};

/// Who is at the door: what Mfa::due() decides by.
struct Question {
  const model::Tenant& tenant;
  const model::Client* client = nullptr;
  const model::User& user;
  bool step_up = false;                 ///< acr_values asked for it, whatever the policy
  bool step_up_if_enrolled = false;     ///< the same, but of those only who have one
  bool has_session = false;             ///< signed in before: adaptive policies judged that login
  bool untrusted_address = false;       ///< many logins from there failed lately: no device is known well enough
  std::string_view remembered_browser;  ///< value of kRememberedBrowserCookie; empty: none
  std::string_view ip;
  std::string_view user_agent;
};

}  // namespace gatehouse::mfa
