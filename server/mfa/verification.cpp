// Judging answers.
#include "mfa/mfa.h"

namespace gatehouse::mfa {
namespace {

constexpr std::string_view kBucket = "mfa";

}  // namespace

Result<Mfa::Verification> Mfa::verify(const Person& person, std::string_view method_id, const Answer& answer) const {
  TRY(const Settings of_tenant, settings(person.tenant.id));
  TRY(const std::optional<model::AuthenticationMethod> method,
      parts_.db.read([&](storage::Reader& reader) { return find(reader, of_tenant, person, method_id); }));
  std::vector<model::AuthenticationMethod> methods;
  if (method) methods.push_back(*method);
  return judge(of_tenant, person, methods, answer);
}

Result<Mfa::Verification> Mfa::verify_any(const Person& person, std::string_view type, const Answer& answer) const {
  TRY(const Settings of_tenant, settings(person.tenant.id));
  TRY(const auto all, parts_.db.read([&](storage::Reader& reader) {
    return methods_.list(reader, person.tenant.id, person.user.id, model::AuthenticationMethodStore::Which::all, parts_.clock.now());
  }));
  std::vector<model::AuthenticationMethod> methods;
  for (const model::AuthenticationMethod& method : all) {
    // A method that waits for its confirmation answers in the login it was begun in.
    const bool of_this_login = !person.login.empty() && get_string(method.data, "login") == person.login;
    const bool counts = method.confirmed || (of_this_login && type != model::method_type::kRecoveryCode);
    if (method.type == type && counts && usable(of_tenant, method)) methods.push_back(method);
  }
  return judge(of_tenant, person, methods, answer);
}

Result<Mfa::Verification> Mfa::judge(const Settings& of_tenant, const Person& person,
                                     const std::vector<model::AuthenticationMethod>& methods, const Answer& answer) const {
  const TenantId& tenant = person.tenant.id;
  const std::string& user = person.user.id.str();
  const bool recovery = !methods.empty() && methods.front().type == model::method_type::kRecoveryCode;
  const Timestamp now = parts_.clock.now();

  // Counted before anything is compared, for all logins, tabs and factors of the user together: parallel guesses do not outrun the counter.
  TRY(const bool counted,
      parts_.db.write_unsynced([&](storage::Transaction& tx) { return buckets_.take(tx, tenant, kBucket, user, kWrongAnswers, now); }));
  if (!counted) {
    parts_.log.enqueue(event(person, recovery ? "gd_recovery_rate_limit_exceed" : "gd_otp_rate_limit_exceed",
                             "Too many wrong answers: second factors of this user are locked for a while"));
    return Verification{.outcome = Outcome::too_many};
  }

  const model::AuthenticationMethod* chosen = nullptr;
  Evidence evidence;
  for (const model::AuthenticationMethod& method : methods) {
    Result<Evidence> found = factor_of_type(method.type)->examine(person, method, answer, now);
    if (!found) {  // nobody could look at it
      (void)parts_.db.write_unsynced(
          [&](storage::Transaction& tx) { return buckets_.give_back(tx, tenant, kBucket, user, kWrongAnswers); });
      return std::move(found).error();
    }
    if (!found->fits) continue;
    chosen = &method;
    evidence = std::move(*found);
    break;
  }

  Verification verification;
  if (chosen) {
    TRY(verification, parts_.db.write([&](storage::Transaction& tx) -> Result<Verification> {
      Verification v;
      TRY(std::optional<model::AuthenticationMethod> method, find(tx, of_tenant, person, chosen->id));
      if (!method) return v;
      if (!method->confirmed) {
        TRY(const bool allowed, may_enrol(tx, of_tenant, person));
        if (!allowed) {
          v.outcome = Outcome::forbidden;
          return v;
        }
      }
      TRY(v.outcome, factor_of_type(method->type)->settle(tx, person, *method, evidence, answer, now));
      if (!v.right()) return v;
      TRY_VOID(buckets_.give_back(tx, tenant, kBucket, user, kWrongAnswers));
      if (!method->confirmed) {
        TRY_VOID(confirm(tx, person, *method, now));
        v.confirmed_enrolment = true;
        TRY_VOID(parts_.log.write(tx, event(person, "gd_enrollment_complete", "A second factor was enrolled", &*method)));
      }
      TRY_VOID(parts_.log.write(tx, event(person, recovery ? "gd_recovery_succeed" : "gd_auth_succeed",
                                          recovery ? "A recovery code was used" : "A second factor was shown", &*method)));
      const std::vector<std::string_view> amr = factor_of_type(method->type)->amr();
      v.proof = Proof(person.user.id, method->id, method->type, {amr.begin(), amr.end()}, now);
      return v;
    }));
  }
  if (verification.right()) {
    if (!evidence.successor.empty()) verification.new_recovery_code = SecretString(evidence.successor);
    return verification;
  }
  parts_.log.enqueue(event(person, recovery ? "gd_recovery_failed" : "gd_auth_failed",
                           recovery ? "The recovery code was wrong" : "The answer to a second factor was wrong",
                           methods.empty() ? nullptr : &methods.front()));
  return verification;
}

Result<void> Mfa::confirm(storage::Transaction& tx, const Person& person, const model::AuthenticationMethod& method, Timestamp now) const {
  TRY(const bool confirmed, methods_.confirm(tx, person.tenant.id, method.id, now));
  if (!confirmed) return Error{Errc::internal, "Internal error.", "an enrolment was confirmed by somebody else in the same unit of work"};
  // The recovery code that was shown together with the first factor counts from now on. One that waits elsewhere is gone: whoever else
  // knows the password may have been shown it.
  TRY(const auto all, methods_.list(tx, person.tenant.id, person.user.id, model::AuthenticationMethodStore::Which::all, now));
  const auto login = get_string(method.data, "login");
  for (const model::AuthenticationMethod& m : all) {
    if (m.type != model::method_type::kRecoveryCode || m.confirmed) continue;
    const bool shown_here = login && get_string(m.data, "login") == login;
    if (shown_here) TRY_VOID(methods_.confirm(tx, person.tenant.id, m.id, now));
    if (!shown_here) TRY_VOID(methods_.remove(tx, person.tenant.id, person.user.id, m.id));
  }
  return {};
}

}  // namespace gatehouse::mfa
