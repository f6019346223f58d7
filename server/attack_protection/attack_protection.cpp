#include "attack_protection/attack_protection.h"

#include "attack_protection/settings.h"
#include "base/encoding.h"
#include "http/network.h"
#include "http/request.h"
#include "model/users/user.h"

namespace gatehouse::attack_protection {
namespace {

// Logins of one user from one address, right or wrong: 20 at once, then 10 a minute.
constexpr model::BucketSize kSameUser{20, seconds(6)};
constexpr model::BucketSize kPasswordChange{10, seconds(60)};
constexpr model::BucketSize kLeakMail{1, std::chrono::hours(24)};
// Failures of one account from one address after which a login is risky, at whatever level.
constexpr int64_t kRiskyFailures = 3;
constexpr std::string_view kLoginBucket = "login", kSignUpBucket = "sign_up", kSameUserBucket = "same_user",
                           kPasswordChangeBucket = "password_change", kLeakMailBucket = "leak_mail";

std::string of_both(std::string_view identifier, std::string_view ip) { return std::string(ip) + " " + std::string(identifier); }

}  // namespace

AttackProtection::AttackProtection(storage::Database& db, const model::TenantStore& tenants, messaging::Messenger& messenger,
                                   crypto::Random& random, const Clock& clock, Leaks leaks)
    : db_(db), tenants_(tenants), messenger_(messenger), random_(random), clock_(clock), leaks_(leaks) {}

Result<AttackProtection::CountedAttempt> AttackProtection::begin(const TenantId& tenant, bool connection_protects, std::string_view identifier,
                                                          std::string_view ip) {
  TRY(const auto brute_force_document, tenants_.cached_document(tenant, kBruteForceDocument));
  TRY(const auto throttling_document, tenants_.cached_document(tenant, kThrottlingDocument));
  const auto brute_force = BruteForceSettings::parse(*brute_force_document);
  const auto throttling = ThrottlingSettings::parse(*throttling_document);
  CountedAttempt attempt{.tenant = tenant, .identifier = std::string(identifier), .ip = std::string(ip)};
  if (brute_force.enabled && connection_protects && !lists_address(brute_force.allowlist, ip))
    attempt.failures_of = brute_force.per_ip ? attempt.ip : "";
  if (throttling.enabled && !lists_address(throttling.allowlist, ip)) attempt.of_address = throttling.login;
  const std::string network = http::network_of(ip);
  const Timestamp now = clock_.now();

  TRY(attempt.verdict, db_.write_unsynced([&](storage::Transaction& tx) -> Result<Verdict> {
    TRY(const bool within_rate, buckets_.take(tx, tenant, kSameUserBucket, of_both(identifier, ip), kSameUser, now));
    if (!within_rate) return Verdict::same_user_throttled;
    if (attempt.of_address) {
      TRY(const bool taken, buckets_.take(tx, tenant, kLoginBucket, network, *attempt.of_address, now));
      if (!taken && throttling.block) return Verdict::ip_throttled;
    }
    if (attempt.failures_of) {
      TRY(const bool counted, failures_.count(tx, tenant, identifier, *attempt.failures_of, brute_force.max_attempts, now));
      if (!counted && brute_force.block) {
        // An attempt that is refused anyway does not cost the address, behind which others may be, anything.
        if (attempt.of_address) TRY_VOID(buckets_.give_back(tx, tenant, kLoginBucket, network, *attempt.of_address));
        return Verdict::too_many_attempts;
      }
    }
    return Verdict::allowed;
  }));
  return attempt;
}

Result<void> AttackProtection::succeeded(storage::Transaction& tx, const CountedAttempt& attempt) const {
  TRY_VOID(failures_.forgive(tx, attempt.tenant, attempt.identifier, attempt.ip));
  if (!attempt.of_address) return {};
  return buckets_.give_back(tx, attempt.tenant, kLoginBucket, http::network_of(attempt.ip), *attempt.of_address);
}

Result<void> AttackProtection::withdrawn(const CountedAttempt& attempt) const {
  return db_.write_unsynced([&](storage::Transaction& tx) -> Result<void> {
    const TenantId& tenant = attempt.tenant;
    TRY_VOID(buckets_.give_back(tx, tenant, kSameUserBucket, of_both(attempt.identifier, attempt.ip), kSameUser));
    if (attempt.of_address) TRY_VOID(buckets_.give_back(tx, tenant, kLoginBucket, http::network_of(attempt.ip), *attempt.of_address));
    if (attempt.failures_of) TRY_VOID(failures_.give_back(tx, tenant, attempt.identifier, *attempt.failures_of));
    return {};
  });
}

Result<bool> AttackProtection::failed(const model::Tenant& tenant, std::string_view identifier, const std::optional<UserId>& user,
                                      const std::optional<std::string>& email, std::string_view ip) {
  TRY(const auto document, tenants_.cached_document(tenant.id, kBruteForceDocument));
  const auto settings = BruteForceSettings::parse(*document);
  if (!settings.enabled || lists_address(settings.allowlist, ip)) return false;
  const std::string counted_ip = settings.per_ip ? std::string(ip) : "";
  const Timestamp now = clock_.now();
  TRY(const int64_t failures,
      db_.read([&](storage::Reader& reader) { return failures_.failures(reader, tenant.id, identifier, counted_ip, now); }));
  if (failures < settings.max_attempts) return false;

  const std::string secret = model::TicketStore::make_secret(random_);
  return db_.write([&](storage::Transaction& tx) -> Result<bool> {
    TRY(const bool first, failures_.claim_notification(tx, tenant.id, identifier, counted_ip, now));
    if (!first || !user || !email || !settings.notify_user) return first;
    model::Ticket ticket{
        .kind = "unblock", .tenant = tenant.id, .user = *user, .created_at = now, .expires_at = now + model::kTicketLifetime};
    ticket.data = json::object{{"identifier", std::string(identifier)}, {"ip", counted_ip}};
    TRY_VOID(tickets_.insert(tx, secret, ticket));
    messaging::Mail mail{.tenant = tenant.id, .template_name = "blocked_account", .to = *email};
    mail.variables = json::object{{"user", json::object{{"email", *email}, {"user_id", user->str()}, {"source_ip", std::string(ip)}}},
                                  {"url", tenant.issuer + "u/unblock?ticket=" + http::percent_encode(secret)},
                                  {"friendly_name", tenant.friendly_name()}};
    TRY_VOID(messenger_.queue_mail(tx, mail));
    return true;
  });
}

Result<AttackProtection::Verdict> AttackProtection::sign_up(const TenantId& tenant, std::string_view ip) {
  TRY(const auto document, tenants_.cached_document(tenant, kThrottlingDocument));
  const auto settings = ThrottlingSettings::parse(*document);
  if (!settings.enabled || lists_address(settings.allowlist, ip)) return Verdict::allowed;
  const Timestamp now = clock_.now();
  TRY(const bool taken,
      db_.write_unsynced([&](storage::Transaction& tx) { return buckets_.take(tx, tenant, kSignUpBucket, http::network_of(ip), settings.sign_up, now); }));
  return taken || !settings.block ? Verdict::allowed : Verdict::ip_throttled;
}

Result<AttackProtection::Verdict> AttackProtection::password_change(const TenantId& tenant, std::string_view identifier,
                                                                    std::string_view ip) {
  const Timestamp now = clock_.now();
  const std::string counted = model::normalize_email(identifier).value_or(to_lower_ascii(identifier.substr(0, 254)));
  TRY(const bool taken, db_.write_unsynced([&](storage::Transaction& tx) {
    return buckets_.take(tx, tenant, kPasswordChangeBucket, of_both(counted, ip), kPasswordChange, now);
  }));
  return taken ? Verdict::allowed : Verdict::too_many_attempts;
}

Result<bool> AttackProtection::refuses_leaked(const model::Tenant& tenant, const model::User& user, std::string_view password,
                                              const logs::Event& event) {
  if (!leaks_.passwords || !leaks_.log) return false;
  TRY(const auto document, tenants_.cached_document(tenant.id, model::kBreachedPasswordDocument));
  const auto settings = BreachedPasswordSettings::parse(*document);
  if (!settings.enabled) return false;
  TRY(const bool leaked, leaks_.passwords->contains(password));
  if (!leaked) return false;
  logs::Event noticed = event;
  noticed.type = "pwd_leak";
  noticed.description = "The password is known from a breach elsewhere";
  const Timestamp now = clock_.now();
  TRY_VOID(db_.write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(leaks_.log->write(tx, noticed));
    if (!settings.notify_user || !user.email) return {};
    TRY(const bool due, buckets_.take(tx, tenant.id, kLeakMailBucket, user.id.str(), kLeakMail, now));
    if (!due) return {};
    return messenger_.queue_mail(tx, {.tenant = tenant.id,
                                      .template_name = "stolen_credentials",
                                      .to = *user.email,
                                      .variables = {{"user", {{"email", *user.email}, {"user_id", user.id.str()}, {"name", user.display_name()}}},
                                                    {"friendly_name", tenant.friendly_name()}}});
  }));
  return settings.block;
}

Result<bool> AttackProtection::wants_captcha(const TenantId& tenant, Guarded guarded, std::string_view identifier,
                                             std::string_view ip) const {
  TRY(const auto document, tenants_.cached_document(tenant, model::kBotDetectionDocument));
  const auto settings = BotDetectionSettings::parse(*document);
  using Policy = BotDetectionSettings::Policy;
  const Policy policy = guarded == Guarded::password       ? settings.password
                        : guarded == Guarded::passwordless ? settings.passwordless
                                                           : settings.password_reset;
  if (policy == Policy::never || settings.only_watch || lists_address(settings.allowlist, ip)) return false;
  if (policy == Policy::always) return true;
  TRY(const auto throttling_document, tenants_.cached_document(tenant, kThrottlingDocument));
  TRY(const auto brute_force_document, tenants_.cached_document(tenant, kBruteForceDocument));
  const auto throttling = ThrottlingSettings::parse(*throttling_document);
  const std::string counted_ip = BruteForceSettings::parse(*brute_force_document).per_ip ? std::string(ip) : "";
  const Timestamp now = clock_.now();
  return db_.read([&](storage::Reader& reader) -> Result<bool> {
    TRY(const int64_t of_address, buckets_.missing(reader, tenant, kLoginBucket, http::network_of(ip), throttling.login, now));
    if (of_address >= std::min(settings.risky_failures, throttling.login.size)) return true;
    if (identifier.empty()) return false;
    TRY(const int64_t of_user, failures_.failures(reader, tenant, identifier, counted_ip, now));
    return of_user >= kRiskyFailures;
  });
}

Result<bool> AttackProtection::is_untrusted(const TenantId& tenant, std::string_view ip) const {
  constexpr int64_t kDoubtful = 10;
  TRY(const auto document, tenants_.cached_document(tenant, kThrottlingDocument));
  const auto throttling = ThrottlingSettings::parse(*document);
  if (!throttling.enabled || lists_address(throttling.allowlist, ip)) return false;
  TRY(const int64_t failures, db_.read([&](storage::Reader& reader) {
    return buckets_.missing(reader, tenant, kLoginBucket, http::network_of(ip), throttling.login, clock_.now());
  }));
  return failures >= std::min(kDoubtful, throttling.login.size);
}

Result<bool> AttackProtection::address_blocked(storage::Reader& reader, const TenantId& tenant, std::string_view ip) const {
  TRY(const json::object document, model::TenantStore::document(reader, tenant, kThrottlingDocument));
  const auto settings = ThrottlingSettings::parse(document);
  if (!settings.enabled || !settings.block || lists_address(settings.allowlist, ip)) return false;
  for (const auto& [kind, bucket] : {std::pair{kLoginBucket, settings.login}, std::pair{kSignUpBucket, settings.sign_up}}) {
    TRY(const int64_t missing, buckets_.missing(reader, tenant, kind, http::network_of(ip), bucket, clock_.now()));
    if (missing >= bucket.size) return true;
  }
  return false;
}

Result<void> AttackProtection::unblock_address(storage::Transaction& tx, const TenantId& tenant, std::string_view ip) const {
  for (const std::string_view kind : {kLoginBucket, kSignUpBucket})
    TRY_VOID(buckets_.fill(tx, tenant, kind, http::network_of(ip), clock_.now()));
  return {};
}

Result<bool> AttackProtection::blocks_logins(storage::Reader& reader, const TenantId& tenant) const {
  TRY(const json::object document, model::TenantStore::document(reader, tenant, kBruteForceDocument));
  const auto settings = BruteForceSettings::parse(document);
  return settings.enabled && settings.block;
}

Result<std::vector<AttackProtection::Block>> AttackProtection::blocks(storage::Reader& reader, const TenantId& tenant,
                                                                      const std::vector<std::string>& identifiers) const {
  TRY(const json::object document, model::TenantStore::document(reader, tenant, kBruteForceDocument));
  const auto settings = BruteForceSettings::parse(document);
  std::vector<Block> blocks;
  for (const std::string& identifier : identifiers) {
    TRY(const auto entries, failures_.list(reader, tenant, identifier, settings.max_attempts, clock_.now()));
    for (const auto& entry : entries) blocks.push_back({entry.identifier, entry.ip});
  }
  return blocks;
}

Result<void> AttackProtection::unblock(storage::Transaction& tx, const TenantId& tenant, const std::vector<std::string>& identifiers,
                                       std::optional<std::string_view> ip) const {
  if (!ip) return failures_.clear_all(tx, tenant, identifiers);
  for (const std::string& identifier : identifiers) TRY_VOID(failures_.clear(tx, tenant, identifier, *ip));
  return {};
}

}  // namespace gatehouse::attack_protection
