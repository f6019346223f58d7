// Who needs a second factor.
#include <algorithm>

#include "mfa/mfa.h"

namespace gatehouse::mfa {

Result<Due> Mfa::due(const Question& question) const {
  using enum Settings::Policy;
  TRY(const Settings of_tenant, settings(question.tenant.id));
  if (of_tenant.factors.empty()) return Due::none;  // nothing could be shown or enrolled
  // An adaptive policy judged a session when it began.
  const bool by_policy = of_tenant.policy == always || (of_tenant.policy == adaptive && !question.has_session);
  if (!by_policy && !question.step_up && !question.step_up_if_enrolled) return Due::none;

  const TenantId& tenant = question.tenant.id;
  const UserId& user = question.user.id;
  const Timestamp now = parts_.clock.now();
  return parts_.db.read([&](storage::Reader& reader) -> Result<Due> {
    bool asked = by_policy;
    if (asked) {
      TRY(const bool remembered, browsers_.is_remembered(reader, tenant, user, question.remembered_browser, now));
      asked = !remembered;
    }
    if (asked && of_tenant.policy == adaptive) {
      TRY(const bool known, browsers_.knows(reader, tenant, user, model::KnownBrowserStore::device(question.user_agent, question.ip), now));
      asked = !known || question.untrusted_address;
    }
    // A step-up wants to see the factor now, however well the browser is known.
    if (!asked && !question.step_up && !question.step_up_if_enrolled) return Due::none;
    TRY(const Available has, available(reader, of_tenant, question.tenant, question.user));
    if (has.enrolled) return Due::challenge;
    if (!asked && !question.step_up) return Due::none;
    // The account's own mailbox is asked for where nothing better can be enrolled.
    const bool better =
        std::ranges::any_of(has.enrollable, [&](const std::string& type) { return factor_of_type(type)->is_independent(); });
    if (better) return Due::enrol;
    if (has.of_type(model::method_type::kEmail)) return Due::challenge;
    return has.enrollable.empty() ? Due::none : Due::enrol;
  });
}

Result<bool> Mfa::notes_logins(const TenantId& tenant) const {
  TRY(const Settings of_tenant, settings(tenant));
  return of_tenant.policy == Settings::Policy::adaptive;
}

Result<void> Mfa::note_login(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view user_agent,
                             std::string_view ip) const {
  return browsers_.saw(tx, tenant, user, model::KnownBrowserStore::device(user_agent, ip), parts_.clock.now());
}

}  // namespace gatehouse::mfa
