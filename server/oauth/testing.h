#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/testing.h"
#include "oauth/oauth.h"
#include "storage/testing.h"

// For the tests of this folder: the whole protocol with real parts on a real database, called through its router. Only the clock,
// the mails and the log are replaced. One world a database: key pairs are slow to make, so tests use clients and users of their own.
namespace gatehouse::oauth {

/// Keeps events instead of storing them.
class EventCollector final : public logs::EventLog {
 public:
  Result<void> write(storage::Transaction&, const logs::Event& event) override { return enqueue(event), Result<void>{}; }
  void enqueue(logs::Event event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  /// The last event of a client (of anybody when empty), or an empty one.
  [[nodiscard]] logs::Event last(std::string_view type) const {
    const std::lock_guard lock(mutex_);
    for (auto it = events_.rbegin(); it != events_.rend(); ++it)
      if (it->type == type) return *it;
    return {};
  }
  [[nodiscard]] size_t count(std::string_view type) const {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count_if(events_.begin(), events_.end(), [&](const logs::Event& e) { return e.type == type; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<logs::Event> events_;
};

/// What a test client says and hears.
struct Call {
  http::Method method = http::Method::GET;
  std::string target;
  std::string body{};
  std::string content_type{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

class World {
 public:
  explicit World(const std::string& database);
  static World& of(const std::string& database);  ///< made at first use, kept for all tests

  http::Response call(const Call& call);
  http::Response get(const std::string& target, const std::map<std::string, std::string>& headers = {});
  http::Response post_form(const std::string& path, const std::vector<std::pair<std::string, std::string>>& form, const std::map<std::string, std::string>& headers = {});
  http::Response post_json(const std::string& path, const json::value& body);
  json::object json_of(const http::Response& response);

  /// A client with these properties over Auth0's usual ones for an application; its secret is "secret-of-" + name.
  model::ClientId_ add_client(const std::string& name, json::object properties = {});
  void add_api(const std::string& identifier, json::object properties = {});
  void add_client_grant(const ClientId& client, const std::string& audience, const std::vector<std::string>& scopes, const std::string& subject_type = "client");
  UserId add_user(const std::string& name, const std::string& password = "");
  void permit(const UserId& user, const std::string& audience, const std::vector<std::string>& permissions);

  storage::TestDatabase test_db;
  storage::Database& db;
  ManualClock clock;
  crypto::SystemRandom random;
};

}  // namespace gatehouse::oauth
