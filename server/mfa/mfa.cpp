#include "mfa/mfa.h"

#include <algorithm>

#include "mfa/email.h"
#include "mfa/otp.h"
#include "mfa/phone.h"
#include "mfa/recovery_code.h"
#include "mfa/webauthn_platform.h"
#include "mfa/webauthn_roaming.h"
#include "model/guardian/guardian.h"

namespace gatehouse::mfa {

// The factors, in the order in which they are offered.
Mfa::Mfa(Parts parts) : parts_(parts) {
  factors_.push_back(std::make_unique<Otp>(parts.sealer, parts.random));
  factors_.push_back(std::make_unique<Phone>(parts.messenger, parts.random));
  factors_.push_back(std::make_unique<WebAuthnRoaming>(parts.tenants, parts.random));
  factors_.push_back(std::make_unique<WebAuthnPlatform>(parts.tenants, parts.random));
  factors_.push_back(std::make_unique<Email>(parts.messenger, parts.random));
  factors_.push_back(std::make_unique<RecoveryCode>(parts.random));
}

Mfa::~Mfa() = default;

const Factor* Mfa::factor_of_type(std::string_view type) const {
  for (const auto& factor : factors_)
    if (factor->type() == type) return factor.get();
  return nullptr;
}

Result<Settings> Mfa::settings(const TenantId& tenant) const {
  namespace guardian = model::guardian;
  TRY(const auto factors, parts_.tenants.cached_document(tenant, guardian::kFactors));
  TRY(const auto policies, parts_.tenants.cached_document(tenant, guardian::kPolicies));
  TRY(const auto message_types, parts_.tenants.cached_document(tenant, guardian::kPhoneMessageTypes));
  return Settings::parse(*factors, *policies, *message_types);
}

const model::AuthenticationMethod* Mfa::Available::of_type(std::string_view type) const {
  const auto found = std::ranges::find(methods, type, &model::AuthenticationMethod::type);
  return found == methods.end() ? nullptr : &*found;
}

const model::AuthenticationMethod* Mfa::Available::find(std::string_view id) const {
  const auto found = std::ranges::find(methods, id, &model::AuthenticationMethod::id);
  return found == methods.end() ? nullptr : &*found;
}

bool Mfa::usable(const Settings& settings, const model::AuthenticationMethod& method) const {
  const Factor* factor = factor_of_type(method.type);
  return factor && settings.is_on(factor->name());
}

Result<Mfa::Available> Mfa::available(const model::Tenant& tenant, const model::User& user) const {
  TRY(const Settings of_tenant, settings(tenant.id));
  return parts_.db.read([&](storage::Reader& reader) { return available(reader, of_tenant, tenant, user); });
}

Result<Mfa::Available> Mfa::available(storage::Reader& reader, const Settings& of_tenant, const model::Tenant& tenant,
                                      const model::User& user) const {
  Available out;
  TRY(std::vector<model::AuthenticationMethod> all,
      methods_.list(reader, tenant.id, user.id, model::AuthenticationMethodStore::Which::all, parts_.clock.now()));
  for (model::AuthenticationMethod& method : all)
    if (usable(of_tenant, method)) (method.confirmed ? out.methods : out.waiting).push_back(std::move(method));
  out.enrolled = std::ranges::any_of(out.methods, [](const auto& m) { return m.type != model::method_type::kRecoveryCode; });
  if (of_tenant.is_on("email")) {
    std::optional<model::AuthenticationMethod> own = Email::of_verified_address(user);
    const bool listed = own && std::ranges::any_of(out.methods, [&](const auto& m) { return m.email == own->email; });
    if (own && !listed) out.methods.push_back(std::move(*own));
  }
  const auto is_recovery = [](const model::AuthenticationMethod& m) { return m.type == model::method_type::kRecoveryCode; };
  std::ranges::stable_sort(out.methods, [&](const auto& a, const auto& b) {
    if (is_recovery(a) != is_recovery(b)) return is_recovery(b);
    return a.last_auth_at > b.last_auth_at;
  });
  for (const auto& factor : factors_) {
    if (factor->type() == model::method_type::kRecoveryCode || !of_tenant.is_on(factor->name())) continue;
    const bool once_only = factor->type() == model::method_type::kTotp || factor->type() == model::method_type::kEmail;
    if (once_only && out.of_type(factor->type())) continue;
    out.enrollable.emplace_back(factor->type());
  }
  // Biometrics of one device are no way back in from another: they come after a factor that is, where there is one.
  if (!out.enrolled && out.enrollable.size() > 1) std::erase(out.enrollable, model::method_type::kWebAuthnPlatform);
  return out;
}

Result<std::optional<model::AuthenticationMethod>> Mfa::find(storage::Reader& reader, const Settings& of_tenant, const Person& person,
                                                             std::string_view method_id) const {
  TRY(std::optional<model::AuthenticationMethod> method, methods_.find(reader, person.tenant.id, method_id, parts_.clock.now()));
  if (!method) {
    method = Email::of_verified_address(person.user);
    if (!method || method->id != method_id) return std::optional<model::AuthenticationMethod>{};
  }
  if (method->user != person.user.id || !usable(of_tenant, *method)) return std::optional<model::AuthenticationMethod>{};
  return method;
}

logs::Event Mfa::event(const Person& person, std::string_view type, std::string_view description,
                       const model::AuthenticationMethod* method) const {
  logs::Event event = person.event;
  event.tenant = person.tenant.id;
  event.type = type;
  event.description = description;
  event.user = person.user.id;
  event.user_name = person.user.known_as();
  if (event.connection.empty()) event.connection = person.user.connection();
  if (person.client) {
    event.client = person.client->id;
    event.client_name = person.client->name;
  }
  if (method) event.details["authenticator"] = json::object{{"id", method->id}, {"type", method->type}};
  return event;
}

Result<SecretString> Mfa::remember_browser(const Person& person, const Proof& proof) const {
  if (proof.user() != person.user.id) return Error{Errc::internal, "Internal error.", "the second factor is another user's"};
  SecretString cookie(model::KnownBrowserStore::make_cookie(parts_.random));
  const Timestamp now = parts_.clock.now();
  TRY_VOID(parts_.db.write(
      [&](storage::Transaction& tx) { return browsers_.remember(tx, person.tenant.id, person.user.id, cookie.reveal(), now); }));
  return cookie;
}

Result<bool> Mfa::remove(storage::Transaction& tx, const Person& person, std::string_view method_id) const {
  const Timestamp now = parts_.clock.now();
  TRY(const std::optional<model::AuthenticationMethod> method, methods_.find(tx, person.tenant.id, method_id, now));
  if (!method || method->user != person.user.id) return false;
  TRY(const bool removed, methods_.remove(tx, person.tenant.id, person.user.id, method_id));
  if (!removed) return false;
  if (method->confirmed && method->is_second_factor())
    TRY_VOID(parts_.log.write(tx, event(person, "gd_unenroll", "A second factor was removed", &*method)));
  TRY(const auto left, methods_.list(tx, person.tenant.id, person.user.id, model::AuthenticationMethodStore::Which::confirmed, now));
  const bool any_left = std::ranges::any_of(
      left, [&](const model::AuthenticationMethod& m) { return m.is_second_factor() && m.type != model::method_type::kRecoveryCode; });
  if (any_left || !method->is_second_factor() || method->type == model::method_type::kRecoveryCode) return true;
  // A recovery code without a factor to recover, and browsers without one to remember, would outlive a reset.
  for (const model::AuthenticationMethod& m : left)
    if (m.type == model::method_type::kRecoveryCode) TRY_VOID(methods_.remove(tx, person.tenant.id, person.user.id, m.id));
  TRY_VOID(browsers_.forget(tx, person.tenant.id, person.user.id));
  return true;
}

Result<int64_t> Mfa::reset(storage::Transaction& tx, const Person& person) const {
  TRY(const auto all,
      methods_.list(tx, person.tenant.id, person.user.id, model::AuthenticationMethodStore::Which::all, parts_.clock.now()));
  int64_t removed = 0;
  for (const model::AuthenticationMethod& method : all) {
    if (!method.is_second_factor()) continue;
    TRY_VOID(methods_.remove(tx, person.tenant.id, person.user.id, method.id));
    if (method.confirmed) ++removed;
  }
  TRY_VOID(browsers_.forget(tx, person.tenant.id, person.user.id));
  if (removed) TRY_VOID(parts_.log.write(tx, event(person, "gd_unenroll", "All second factors were removed")));
  return removed;
}

}  // namespace gatehouse::mfa
