#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "connections/database/database_connection.h"
#include "connections/database/identifier_codes.h"
#include "connections/passwordless/passwordless_connection.h"
#include "connections/upstream/testing.h"
#include "crypto/sealing.h"
#include "crypto/testing.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "storage/testing.h"

// A tenant with an application and a database connection, on a real database, for tests of whatever signs people in. Hashes are
// cheap here; everything else is the real thing.
namespace gatehouse::connections {

/// The value, or the end of the test.
template <class R>
auto must(R result) {
  if (!result) throw std::runtime_error("a step of the test's setup failed");
  if constexpr (!std::is_void_v<typename R::value_type>) return std::move(result).value();
}

struct KeptLog final : logs::EventLog {
  Result<void> write(storage::Transaction&, const logs::Event& event) override {
    events.push_back(event);
    return {};
  }
  void enqueue(logs::Event event) override { events.push_back(std::move(event)); }
  [[nodiscard]] std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (const logs::Event& event : events) out.push_back(event.type);
    return out;
  }
  std::vector<logs::Event> events;
};

struct KeptMail final : messaging::Messenger {
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail& mail) override {
    mails.push_back(mail);
    return {};
  }
  Result<void> queue_phone(storage::Transaction&, const messaging::PhoneMessage& message) override {
    phone_messages.push_back(message);
    return {};
  }
  Result<messaging::LinkSettings> link_settings(storage::Reader&, const TenantId&, std::string_view, const json::object&) override {
    return links;
  }
  /// The ticket in the link of the newest mail.
  [[nodiscard]] std::string ticket() const {
    const std::string url(mails.back().variables.at("url").as_string());
    return url.substr(url.find("ticket=") + 7);
  }
  std::vector<messaging::Mail> mails;
  std::vector<messaging::PhoneMessage> phone_messages;
  messaging::LinkSettings links;  ///< what the template says of links
};

struct TestTenant {
  explicit TestTenant(const std::string& database) : db(storage::make_test_database(database)) {
    must(db->write([&](storage::Transaction& tx) -> Result<void> {
      model::Tenant fresh;
      fresh.id = id;
      fresh.issuer = "https://login.example.com/";
      fresh.host = "login.example.com";
      fresh.settings = {{"friendly_name", "Acme"}};
      TRY_VOID(tenants.insert(tx, fresh, clock.now()));
      model::StoredObject client{.id = "shop",
                                 .properties = {{"name", "Shop"}, {"callbacks", json::array{"https://shop.example.com/callback"}}}};
      TRY_VOID(clients.objects().insert(tx, id, client, clock.now()));
      model::StoredObject stored{
          .id = "con_1",
          .properties = {{"name", "Users"}, {"strategy", "auth0"}, {"enabled_clients", json::array{"shop"}}, {"options", json::object{}}}};
      TRY_VOID(connections.objects().insert(tx, id, stored, clock.now()));
      return {};
    }));
  }

  [[nodiscard]] std::shared_ptr<const model::Tenant> tenant() const { return must(tenants.find(id)); }
  [[nodiscard]] std::shared_ptr<const model::Client> client() const { return must(clients.find(id, ClientId("shop"))); }
  [[nodiscard]] std::shared_ptr<const model::Connection> connection() const { return must(connections.find_by_name(id, "Users")); }
  void set_document(std::string_view name, const json::object& value) {
    must(db->write([&](storage::Transaction& tx) { return tenants.put_document(tx, id, name, value); }));
  }
  void set_options(const json::object& options) {
    must(db->write([&](storage::Transaction& tx) -> Result<void> {
      TRY(std::optional<model::StoredObject> stored, connections.objects().find(tx, id, "con_1"));
      stored->properties["options"] = options;
      return connections.objects().replace(tx, id, *stored, clock.now());
    }));
  }
  /// A user with this password, made as an import would.
  model::User add_user(const std::string& email, const std::string& password, const std::string& hash = "") {
    model::User user;
    const std::string number = random.hex(24);
    user.id = UserId("auth0|" + number);
    user.tenant = id;
    user.email = email;
    user.identities = {{"Users", "auth0", number, false, {}}};
    user.fill_defaults();
    const std::string stored = hash.empty() ? must(hasher.hash(password)) : hash;
    must(db->write(
        [&](storage::Transaction& tx) { return users.insert(tx, user, model::PasswordCredential{.hash = stored}, clock.now()); }));
    return user;
  }
  [[nodiscard]] model::User user(const UserId& user_id) const { return *must(users.find(id, user_id)); }
  [[nodiscard]] logs::Event event(const std::string& ip = "192.0.2.7") const {
    logs::Event e;
    e.tenant = id;
    e.ip = ip;
    e.user_agent = "test";
    return e;
  }

  const TenantId id{"acme"};
  ManualClock clock;
  crypto::FakeRandom random;
  storage::TestDatabase db;
  crypto::Sealer sealer{must(crypto::MasterKeys::parse("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")), random};
  model::TenantStore tenants{*db};
  model::ClientStore clients{*db, sealer};
  model::ConnectionStore connections{*db};
  model::UserStore users{*db};
  model::TicketStore tickets;
  model::SessionStore sessions{*db};
  model::RefreshTokenStore refresh_tokens;
  crypto::PasswordHasher hasher{{.permits = 2, .memory_kib = 64, .passes = 1}, random};
  KeptLog log;
  KeptMail mail;
  model::OneTimeCodeStore codes;
  IdentifierCodes identifier_codes{{*db, users, codes, random, clock, log, mail}};
  PasswordlessConnection passwordless{{*db, users, codes, random, clock, log, mail}};
  model::UpstreamStore upstream_store{sealer};
  FakeProvider provider{clock};
  UpstreamEngine upstream{{provider, sealer, random, clock}};
  DatabaseConnection database{{*db, users, tickets, sessions, refresh_tokens, hasher, random, clock, log, mail}};
};

}  // namespace gatehouse::connections
