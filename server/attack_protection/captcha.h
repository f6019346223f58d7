#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "http/client.h"
#include "http/request.h"
#include "model/tenants/tenant_store.h"
#include "model/used_jtis/used_jti_store.h"

namespace gatehouse::attack_protection {

/// CAPTCHAs on the hosted pages: our own, and those of services of which the tenant has keys (document attack_protection/captcha).
///
/// Ours is one challenge with two ways through it. `auth_challenge`: the browser works for a moment (a proof of work by a script, nothing
/// to read or to click); without scripts, five digits are to be typed, from a picture or, for whoever does not see it, from words.
/// `simple_captcha`: the digits only. Neither stops somebody who writes a program for this server; they make trying passwords by the
/// thousand dear. A challenge belongs to one page's login, ends after ten minutes, and is used up by one answer, right or wrong.
class Captcha {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const crypto::Sealer& sealer;
    crypto::Random& random;
    const Clock& clock;
    http::Client& outbound;
  };
  explicit Captcha(Parts parts) : parts_(parts) {}

  /// What a page shows: {kind: "own", token, path, width, height, digits, work?: {seed, bits}} or {kind: "service", script, class,
  /// site_key, csp: {…}}. `binding`: the login or ticket that the page belongs to.
  [[nodiscard]] Result<json::object> challenge(const TenantId& tenant, std::string_view binding) const;

  enum class Outcome { passed, missing, wrong, unreachable };
  /// Looks at the answer in a form. Blocks: for a unit of work, or for a service's verdict (five seconds at most), on the outbound lane.
  [[nodiscard]] Result<Outcome> check(const TenantId& tenant, std::string_view binding, const http::Parameters& form, std::string_view ip) const;

  /// Whether the form holds an answer that a service has to be asked about: for the planner of lanes; looks at the text only.
  [[nodiscard]] static bool needs_a_service(std::string_view form);

 private:
  [[nodiscard]] Result<Outcome> check_own(const TenantId& tenant, std::string_view binding, const http::Parameters& form, bool work_counts) const;
  Parts parts_;
  model::UsedJtiStore used_;
};

/// Leading zero bits that a proof of work must have: SHA-256(seed ":" counter).
inline constexpr int kWorkBits = 17;
[[nodiscard]] bool work_is_done(std::string_view seed, std::string_view counter, int bits);

}  // namespace gatehouse::attack_protection
