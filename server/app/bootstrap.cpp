#include "app/bootstrap.h"

#include <filesystem>

#include "base/files.h"
#include "model/bootstrap.h"
#include "storage/meta.h"

namespace gatehouse::app {
namespace {

constexpr std::string_view kCanary = "the key fits";
constexpr std::string_view kCanaryName = "master_key_canary";
constexpr std::string_view kCanaryContext = "meta/value/master_key_canary";

std::string bootstrap_file(const config::Settings& settings) { return settings.data + "/bootstrap.json"; }

}  // namespace

Result<void> Bootstrap::check_master_key() const {
  TRY(const std::optional<std::string> sealed, db.read([](storage::Reader& reader) { return storage::meta::get(reader, kCanaryName); }));
  if (sealed) {
    const Result<SecretString> opened = sealer.open(*sealed, kCanaryContext);
    if (opened && opened->reveal() == kCanary) return {};
    return Error{Errc::invalid_argument,
                 "The master key in " + settings.master_key + " does not fit this database: its secrets were sealed with another one"};
  }
  const std::string fresh = sealer.seal(kCanary, kCanaryContext);
  return db.write([&](storage::Transaction& tx) { return storage::meta::set(tx, kCanaryName, fresh); });
}

Result<void> Bootstrap::ensure_tenant() const {
  TRY(const std::vector<model::Tenant> existing, db.read([&](storage::Reader& reader) { return tenants.all(reader); }));
  if (existing.empty()) return create_tenant();
  for (const model::Tenant& tenant : existing)
    if (tenant.issuer == settings.issuer) return {};
  if (db.kind() == "sqlite" && existing.size() == 1) return move_tenant(existing.front());
  return Error{Errc::invalid_argument, "This database belongs to " + existing.front().issuer + ", not to " + settings.issuer +
                                           ": start with --issuer " + existing.front().issuer};
}

Result<void> Bootstrap::create_tenant() const {
  const TenantId id(kFirstTenant);
  const Timestamp now = clock.now();
  const std::string host = config::issuer_host(settings.issuer);
  const std::string password = random.password();
  TRY(const std::string hash, hasher.hash(password));
  TRY(const std::vector<model::NewKey> new_keys, keys.make_first_keys(id, host, now));
  const model::FirstObjects objects = model::make_first_objects(id, settings.issuer, host, sealer, random, now);

  model::User admin;
  const std::string own_id = random.hex(24);
  admin.tenant = id;
  admin.id = UserId("auth0|" + own_id);
  admin.email = "admin@localhost";
  admin.email_verified = true;
  admin.identities = {{"Username-Password-Authentication", "auth0", own_id, false, {}}};
  admin.fill_defaults();

  // bootstrap.json comes first: a tenant whose credentials nobody can read would be lost. A crash in between leaves a file that the
  // next start, on the still empty database, writes anew.
  const json::object file{{"domain", host},
                          {"issuer", settings.issuer},
                          {"ca_file", tls.ca_file},
                          {"management",
                           {{"client_id", objects.management_client_id},
                            {"client_secret", objects.management_client_secret.reveal()},
                            {"audience", settings.issuer + "api/v2/"}}},
                          {"admin", {{"email", *admin.email}, {"password", password}}}};
  TRY_VOID(write_file(bootstrap_file(settings), json::serialize(file) + "\n", 0600));

  Result<void> stored = db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(first.insert(tx, objects, now));
    TRY_VOID(keys.insert(tx, id, new_keys, now));
    model::User user = admin;
    TRY_VOID(users.insert(tx, user, model::PasswordCredential{hash, now, {}}, now));
    return first.grant_everything(tx, objects.tenant, user.id);
  });
  if (!stored && stored.error().code == Errc::unique_violation) {
    // another node that started on the same empty database was quicker: the tenant is its
    std::error_code ignored;
    std::filesystem::remove(bootstrap_file(settings), ignored);
    return {};
  }
  return stored;
}

Result<void> Bootstrap::move_tenant(const model::Tenant& from) const {
  const std::string host = config::issuer_host(settings.issuer);
  TRY_VOID(db.write([&](storage::Transaction& tx) { return first.move(tx, from, settings.issuer, host, clock.now()); }));
  Result<std::string> old_file = read_file(bootstrap_file(settings));
  if (!old_file) return {};
  TRY(json::value file, parse_json(*old_file));
  if (!file.is_object()) return {};
  json::object& o = file.get_object();
  o["domain"] = host;
  o["issuer"] = settings.issuer;
  o["ca_file"] = tls.ca_file;
  if (json::value* management = o.if_contains("management"); management && management->is_object())
    management->get_object()["audience"] = settings.issuer + "api/v2/";
  return write_file(bootstrap_file(settings), json::serialize(file) + "\n", 0600);
}

}  // namespace gatehouse::app
