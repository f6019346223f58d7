#pragma once
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/testing.h"
#include "http/router.h"
#include "jobs/job_queue.h"
#include "jose/jwt.h"
#include "management/management.h"
#include "model/bootstrap.h"
#include "model/resource_servers/management_scopes.h"
#include "storage/testing.h"

// A Management API without a network: requests go through the router into the handlers, on a real database with a new tenant.
namespace gatehouse::management {

/// Keeps what was logged.
class RecordingLog final : public logs::EventLog {
 public:
  Result<void> write(storage::Transaction&, const logs::Event& event) override {
    written.push_back(event);
    return {};
  }
  void enqueue(logs::Event event) override { queued.push_back(std::move(event)); }
  std::vector<logs::Event> written, queued;
};

/// The tenant's only key verifies.
class OneKey final : public VerificationKeys {
 public:
  OneKey() : key(*jose::PrivateKey::generate(jose::Algorithm::ES256)) {}
  Result<std::optional<jose::PublicKey>> find(const TenantId&, std::string_view kid) const override {
    return kid == "test" && !revoked ? std::optional(key.public_key()) : std::nullopt;
  }
  bool revoked = false;
  jose::PrivateKey key;
};

class ManagementTest : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr const char* issuer = "https://localhost:8443/";

  ManagementTest() {
    first_ = model::make_first_objects(tenant_, issuer, "localhost:8443", sealer_, random_, clock_.now());
    // RSA keys take their time: one set for the whole program, sealed under the same master key everywhere.
    static const auto keys = keys_.make_first_keys(tenant_, "localhost", clock_.now());
    const auto done = db_->write([&](storage::Transaction& tx) -> Result<void> {
      const model::FirstStores stores{tenants_, clients_, apis_, grants_, connections_, roles_};
      TRY_VOID(stores.insert(tx, *first_, clock_.now()));
      return keys_.insert(tx, tenant_, *keys, clock_.now());
    });
    if (!done) throw std::runtime_error(done.error().message + done.error().detail);
    configuration_.mount();
  }

  json::object claims() const {
    json::object claims;
    claims["iss"] = issuer;
    claims["sub"] = "machine@clients";
    claims["aud"] = std::string(issuer) + "api/v2/";
    claims["azp"] = "machine";
    claims["exp"] = to_unix_seconds(clock_.now()) + 3600;
    claims["scope"] = scopes_;
    return claims;
  }
  std::string token(const json::object& claims) const { return jose::sign_jwt(key_.key, "test", "JWT", claims); }

  struct Answer {
    int status;
    json::value body;
    std::vector<std::pair<std::string, std::string>> headers;
    const json::object& object() const { return body.as_object(); }
    std::string text(std::string_view name) const { return std::string(get_string(body.as_object(), name).value_or("")); }
  };

  /// `target`: below /api/v2, with its query. `authorization`: the whole header; empty: none.
  Answer send(http::Method method, std::string target, std::string body, std::string authorization) {
    http::Request request;
    request.method = method;
    request.target = "/api/v2" + target;
    const size_t question = request.target.find('?');
    request.path = request.target.substr(0, question);
    if (question != std::string::npos) request.query = *http::Parameters::parse(request.target.substr(question + 1));
    request.body = std::move(body);
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
    request.id = "request";
    request.tenant = tenant_;
    request.issuer = issuer;
    request.client_ip = "127.0.0.1";
    const http::Router::Match match = router_.match(method, request.path);
    if (!match.route) return {404, nullptr, {}};
    for (const auto& [name, value] : match.parameters) request.path_parameters[name] = value;
    const http::Response response = match.route->handler(request);
    json::value parsed = nullptr;
    if (!response.body.empty()) parsed = *parse_json(response.body);
    return {response.status, std::move(parsed), response.headers};
  }
  Answer call(http::Method method, std::string target, std::string body = {}) {
    return send(method, std::move(target), std::move(body), "Bearer " + token(claims()));
  }
  Answer get(std::string target) { return call(http::Method::GET, std::move(target)); }
  Answer post(std::string target, std::string body) { return call(http::Method::POST, std::move(target), std::move(body)); }
  Answer patch(std::string target, std::string body) { return call(http::Method::PATCH, std::move(target), std::move(body)); }
  Answer remove(std::string target, std::string body = {}) { return call(http::Method::DELETE, std::move(target), std::move(body)); }

  static std::string all_scopes() {
    std::string all;
    for (const auto& scope : model::management_scopes()) all += (all.empty() ? "" : " ") + scope.value;
    return all;
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_{std::string("management/") + ::testing::UnitTest::GetInstance()->current_test_info()->name()};
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 " + base64_encode(std::string(32, 'k')) + "\n"), random_};
  TenantId tenant_{"tenant"};
  std::string scopes_ = all_scopes();
  model::TenantStore tenants_{*db_};
  model::ClientStore clients_{*db_, sealer_};
  model::ResourceServerStore apis_{*db_, sealer_};
  model::ClientGrantStore grants_{*db_};
  model::ConnectionStore connections_{*db_};
  model::RoleStore roles_;
  model::UserStore users_{*db_};
  model::RefreshTokenStore refresh_tokens_;
  model::KeyStore keys_{sealer_, random_};
  model::KeyRing ring_{*db_, keys_, clock_};
  RecordingLog log_;
  SilentLog server_log_;
  OneKey key_;
  std::optional<model::FirstObjects> first_;
  http::Router router_;
  Api api_{router_, {*db_, key_, log_, server_log_, clock_, random_, sealer_, {.burst = 100, .per_second = 100}}};
  jobs::DatabaseJobQueue jobs_{*db_, clock_, random_};
  Configuration configuration_{api_, {tenants_, clients_, apis_, grants_, connections_, roles_, users_, refresh_tokens_, keys_, ring_, jobs_}};
};

}  // namespace gatehouse::management
