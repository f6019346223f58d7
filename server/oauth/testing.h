#pragma once
#include "mfa/mfa.h"
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/testing.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"
#include "storage/testing.h"

// For the tests of this folder: the whole protocol with real parts on a real database, called through its router. Only the clock,
// the mails and the log are replaced. One world a database: key pairs are slow to make, so tests use clients and users of their own.
namespace gatehouse::oauth {

/// Keeps events instead of storing them.
class EventCollector final : public logs::EventLog {
 public:
  gatehouse::Result<void> write(storage::Transaction& tx, const logs::Event& event) override;
  void enqueue(logs::Event event) override;
  /// The last event of a type, or an empty one.
  [[nodiscard]] logs::Event last(std::string_view type) const;
  [[nodiscard]] size_t count(std::string_view type, const ClientId& client) const;

 private:
  mutable std::mutex mutex_;
  std::vector<logs::Event> events_;
};

/// Keeps the last mail and phone message.
class NoMail final : public messaging::Messenger {
 public:
  gatehouse::Result<void> queue_mail(storage::Transaction&, const messaging::Mail& mail) override {
    last_mail = mail;
    return {};
  }
  gatehouse::Result<void> queue_phone(storage::Transaction&, const messaging::PhoneMessage& message) override {
    last_phone = message;
    return {};
  }
  messaging::Mail last_mail;
  messaging::PhoneMessage last_phone;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A browser: keeps its cookies. Follows nothing by itself.
struct Browser {
  std::map<std::string, std::string> cookies;
  void take(const http::Response& response);
  [[nodiscard]] Fields headers() const;
};

class World {
 public:
  explicit World(const std::string& database);
  static World& of(const std::string& database);  ///< made at first use, kept for all tests

  http::Response call(http::Method method, const std::string& target, const std::string& body = {}, const std::string& content_type = {},
                      const Fields& headers = {});
  http::Response get(const std::string& path, const Fields& query = {}, const Fields& headers = {});
  http::Response get(Browser& browser, const std::string& path, const Fields& query = {});
  http::Response post(const std::string& path, const Fields& form, const Fields& headers = {});
  http::Response post_json(const std::string& path, const json::value& body);
  http::Response token(const Fields& form) { return post("/oauth/token", form); }

  /// A regular web application on https://NAME.example/cb with all grants; `properties` win. Its secret is secret(name).
  ClientId add_client(const std::string& name, const json::object& properties = {});
  void change_client(const ClientId& id, const json::object& properties);
  static std::string secret(const std::string& name) { return "secret-of-" + name; }
  void add_api(const std::string& identifier, const std::vector<std::string>& scopes, const json::object& properties = {});
  void add_client_grant(const ClientId& client, const std::string& audience, const std::vector<std::string>& scopes);
  /// NAME@example.com with the password "correct horse " + name, in Username-Password-Authentication.
  UserId add_user(const std::string& name);
  void change_user(const UserId& id, const std::function<void(model::User&)>& change);
  void permit(const UserId& user, const std::string& audience, const std::vector<std::string>& permissions);

  /// /authorize in this browser; where a login page is due, signs the user in as the page would and comes back. The final answer.
  http::Response authorize(Browser& browser, Fields query, const std::string& user);
  /// The same for an application of add_client(), and the code out of the answer.
  std::string code_for(Browser& browser, const ClientId& client, const std::string& name, const std::string& user, Fields more = {});
  /// Signs in on the login page of this transaction.
  void sign_in_on_page(Browser& browser, const std::string& state, const std::string& user);
  void answer_consent(const std::string& state, const std::string& browser_cookie, std::string_view answer);

  storage::TestDatabase test_db;
  storage::Database& db;
  ManualClock clock;
  crypto::SystemRandom random;
  EventCollector events;
  NoMail mail;
  crypto::Sealer sealer;
  crypto::PasswordHasher hasher;
  model::TenantStore tenants;
  model::ClientStore clients;
  model::ResourceServerStore apis;
  model::ClientGrantStore client_grants;
  model::ConnectionStore connections;
  model::RoleStore roles;
  model::UserStore users;
  model::SessionStore sessions;
  model::TransactionStore transactions;
  model::TicketStore tickets;
  model::AuthorizationCodeStore codes;
  model::RefreshTokenStore refresh_tokens;
  model::ConsentStore consents;
  model::KeyStore key_store;
  model::KeyRing keys;
  attack_protection::AttackProtection protection;
  connections::DatabaseConnection database;
  model::OneTimeCodeStore one_time_codes;
  connections::PasswordlessConnection passwordless{{db, users, one_time_codes, random, clock, events, mail}};
  mfa::Mfa mfa{{db, tenants, mail, sealer, random, clock, events}};
  sign_in::SignIn sign_in;
  std::unique_ptr<Oauth> oauth;
  http::Router router;

  static const TenantId kTenant;
  static constexpr std::string_view kIssuer = "https://localhost:8443/";
  static constexpr std::string_view kConnection = "Username-Password-Authentication";
};

/// A parameter of the query or fragment of a redirect's Location; empty when absent.
std::string location_parameter(const http::Response& response, std::string_view name);
std::string header(const http::Response& response, std::string_view name);
json::object json_of(const http::Response& response);
/// The claims of a token, unverified.
json::object claims_of(std::string_view jwt);

}  // namespace gatehouse::oauth
