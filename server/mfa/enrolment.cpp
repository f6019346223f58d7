// New methods, and challenges of those that are there.
#include <algorithm>

#include "mfa/mfa.h"
#include "mfa/recovery_code.h"

namespace gatehouse::mfa {
namespace {

using Which = model::AuthenticationMethodStore::Which;
constexpr size_t kMaxWaiting = 10;  // enrolments of one user that wait for their confirmation
constexpr int64_t kMaxWaitingRecoveryCodes = 5;

struct SentEvent {
  std::string_view type, description;
};
SentEvent sent_event(std::string_view channel) {
  if (channel == "voice") return {"gd_send_voice", "A call with a code was started"};
  if (channel == "email") return {"gd_send_email", "A mail with a code was sent"};
  return {"gd_send_sms", "A text message with a code was sent"};
}

std::string channel_of(const model::AuthenticationMethod& method, bool voice) {
  if (method.type == model::method_type::kEmail) return "email";
  if (method.type == model::method_type::kPhone) return voice ? "voice" : "sms";
  return {};
}

/// Calls or texts, as it is asked for and as far as the tenant has them on.
bool by_voice(const Settings& settings, bool wanted) { return settings.calls && (wanted || !settings.text_messages); }

}  // namespace

model::AuthenticationMethod Mfa::new_method(const Person& person, std::string_view type, Timestamp now) const {
  model::AuthenticationMethod method;
  method.id = model::AuthenticationMethodStore::make_id(type, parts_.random);
  method.tenant = person.tenant.id;
  method.user = person.user.id;
  method.type = type;
  method.created_at = now;
  method.expires_at = now + model::kEnrolmentLifetime;
  return method;
}

Result<bool> Mfa::may_enrol(storage::Reader& reader, const Settings& of_tenant, const Person& person) const {
  if (person.proved) return true;
  TRY(const Available has, available(reader, of_tenant, person.tenant, person.user));
  return !has.enrolled;
}

Result<Enrolment> Mfa::begin_enrolment(const Person& person, const EnrolmentRequest& request) const {
  TRY(const Settings of_tenant, settings(person.tenant.id));
  const Factor* factor = factor_of_type(request.type);
  if (!factor || factor->type() == model::method_type::kRecoveryCode || !of_tenant.is_on(factor->name()))
    return Error{Errc::invalid_argument, "This factor is not enabled."};
  const Timestamp now = parts_.clock.now();
  Enrolment enrolment{.method = new_method(person, request.type, now)};
  if (!person.login.empty()) enrolment.method.data["login"] = person.login;
  TRY_VOID(factor->prepare(person, request, enrolment, now));
  Challenge challenge{.method = enrolment.method.id};
  const bool voice = by_voice(of_tenant, request.voice);
  TRY(const Factor::Outgoing outgoing, factor->prepare_challenge(person, enrolment.method, voice, challenge));
  if (!outgoing.code.empty()) challenge.channel = channel_of(enrolment.method, voice);
  std::optional<model::AuthenticationMethod> recovery;
  std::string recovery_code;
  if (request.with_recovery_code && of_tenant.is_on("recovery-code")) {
    recovery_code = RecoveryCode::make(parts_.random);
    recovery = new_method(person, model::method_type::kRecoveryCode, now);
    recovery->digest = RecoveryCode::digest(recovery_code);
    recovery->data["login"] = person.login;
  }

  struct Done {
    bool allowed = true, with_recovery_code = false;
    Challenge challenge;
  };
  TRY(const Done done, parts_.db.write([&](storage::Transaction& tx) -> Result<Done> {
    Done d{.challenge = challenge};
    TRY(d.allowed, may_enrol(tx, of_tenant, person));
    if (!d.allowed) return d;
    TRY(const auto all, methods_.list(tx, person.tenant.id, person.user.id, Which::all, now));
    // Earlier beginnings in this login, and the oldest of too many elsewhere, make way.
    size_t waiting = std::ranges::count_if(all, [](const auto& m) { return !m.confirmed; });
    bool has_recovery_code = false;
    for (const model::AuthenticationMethod& m : all) {
      if (m.type == model::method_type::kRecoveryCode) {
        has_recovery_code = has_recovery_code || m.confirmed;
        continue;
      }
      const bool of_this_login = !person.login.empty() && get_string(m.data, "login") == person.login && m.type == request.type;
      if (m.confirmed || (!of_this_login && waiting < kMaxWaiting)) continue;
      TRY_VOID(methods_.remove(tx, person.tenant.id, person.user.id, m.id));
      --waiting;
    }
    TRY_VOID(methods_.insert(tx, enrolment.method));
    if (recovery && !has_recovery_code) {
      TRY_VOID(store_recovery_code(tx, *recovery));
      d.with_recovery_code = true;
    }
    if (!outgoing.code.empty()) {
      TRY_VOID(factor->send(tx, person, enrolment.method, outgoing, true, d.challenge, now));
      if (!d.challenge.sent_too_many) {
        const SentEvent sent = sent_event(d.challenge.channel);
        TRY_VOID(parts_.log.write(tx, event(person, sent.type, sent.description, &enrolment.method)));
      }
    }
    TRY_VOID(parts_.log.write(tx, event(person, "gd_start_enroll", "Enrolment of a second factor was begun", &enrolment.method)));
    return d;
  }));
  if (!done.allowed) return Error{Errc::unique_violation, "User is already enrolled."};
  if (done.challenge.sent_too_many) return Error{Errc::overloaded, "Too many messages were sent to this address. Try again later."};
  if (done.with_recovery_code) enrolment.recovery_code = SecretString(std::move(recovery_code));
  if (enrolment.options.empty()) enrolment.options = done.challenge.options;
  if (enrolment.state.empty()) enrolment.state = done.challenge.state;
  return enrolment;
}

Result<std::optional<Enrolment>> Mfa::enrolment(const Person& person, std::string_view method_id) const {
  TRY(const Settings of_tenant, settings(person.tenant.id));
  TRY(std::optional<model::AuthenticationMethod> method,
      parts_.db.read([&](storage::Reader& reader) { return find(reader, of_tenant, person, method_id); }));
  if (!method || method->confirmed) return std::optional<Enrolment>{};
  Enrolment shown{.method = std::move(*method)};
  TRY_VOID(factor_of_type(shown.method.type)->show_again(person, shown));
  return std::optional<Enrolment>(std::move(shown));
}

Result<Challenge> Mfa::challenge(const Person& person, std::string_view method_id, bool voice) const {
  TRY(const Settings of_tenant, settings(person.tenant.id));
  TRY(const std::optional<model::AuthenticationMethod> method,
      parts_.db.read([&](storage::Reader& reader) { return find(reader, of_tenant, person, method_id); }));
  if (!method) return Error{Errc::not_found, "There is no such authentication method."};
  const Factor& factor = *factor_of_type(method->type);
  const Timestamp now = parts_.clock.now();
  Challenge prepared{.method = method->id};
  voice = by_voice(of_tenant, voice);
  TRY(const Factor::Outgoing outgoing, factor.prepare_challenge(person, *method, voice, prepared));
  if (!outgoing.code.empty()) prepared.channel = channel_of(*method, voice);
  return parts_.db.write([&](storage::Transaction& tx) -> Result<Challenge> {
    Challenge challenge = prepared;
    TRY_VOID(factor.send(tx, person, *method, outgoing, !method->confirmed, challenge, now));
    if (!outgoing.code.empty() && !challenge.sent_too_many) {
      const SentEvent sent = sent_event(challenge.channel);
      TRY_VOID(parts_.log.write(tx, event(person, sent.type, sent.description, &*method)));
    }
    if (method->confirmed) TRY_VOID(parts_.log.write(tx, event(person, "gd_start_auth", "A second factor was asked for", &*method)));
    return challenge;
  });
}

Result<bool> Mfa::recovery_code_due(const model::Tenant& tenant, const UserId& user) const {
  TRY(const Settings of_tenant, settings(tenant.id));
  if (!of_tenant.is_on("recovery-code")) return false;
  TRY(const auto all, parts_.db.read([&](storage::Reader& reader) {
    return methods_.list(reader, tenant.id, user, Which::confirmed, parts_.clock.now());
  }));
  return std::ranges::none_of(all, [](const auto& m) { return m.type == model::method_type::kRecoveryCode; });
}

Result<SecretString> Mfa::replace_recovery_code(const Person& person) const {
  const Timestamp now = parts_.clock.now();
  std::string code = RecoveryCode::make(parts_.random);
  model::AuthenticationMethod method = new_method(person, model::method_type::kRecoveryCode, now);
  method.digest = RecoveryCode::digest(code);
  method.confirmed = true;
  method.enrolled_at = now;
  method.expires_at.reset();
  TRY_VOID(parts_.db.write([&](storage::Transaction& tx) { return store_recovery_code(tx, method); }));
  return SecretString(std::move(code));
}

Result<void> Mfa::store_recovery_code(storage::Transaction& tx, const model::AuthenticationMethod& method) const {
  TRY(const auto all, methods_.list(tx, method.tenant, method.user, Which::all, method.created_at));
  const auto waits = [](const model::AuthenticationMethod& m) { return m.type == model::method_type::kRecoveryCode && !m.confirmed; };
  auto waiting = std::ranges::count_if(all, waits);
  for (const model::AuthenticationMethod& m : all) {
    if (m.type != model::method_type::kRecoveryCode || (m.confirmed && !method.confirmed)) continue;
    // One that waits in another login makes way only when there are many: nobody voids what somebody else was shown.
    const bool of_this_login = get_string(m.data, "login") == get_string(method.data, "login");
    if (!method.confirmed && !of_this_login && waiting < kMaxWaitingRecoveryCodes) continue;
    TRY_VOID(methods_.remove(tx, method.tenant, method.user, m.id));
    if (!m.confirmed) --waiting;
  }
  return methods_.insert(tx, method);
}

}  // namespace gatehouse::mfa
