#include "model/clients/client_store.h"

#include <gtest/gtest.h>

#include "model/bootstrap.h"
#include "base/encoding.h"
#include "crypto/testing.h"
#include "model/connections/connection_store.h"
#include "storage/testing.h"

// The typed stores over a new tenant's first objects.
namespace gatehouse::model {

class FirstObjectsTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto done = db_->write([&](storage::Transaction& tx) { return stores_.insert(tx, first_, now_); });
    ASSERT_TRUE(done) << done.error().detail;
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 " + base64_encode(std::string(32, 'k')) + "\n"), random_};
  Timestamp now_ = from_micros(1'800'000'000'000'000);
  TenantId tenant_{"gatehouse"};
  TenantStore tenants_{*db_};
  ClientStore clients_{*db_, sealer_};
  ResourceServerStore apis_{*db_, sealer_};
  ClientGrantStore grants_{*db_};
  ConnectionStore connections_{*db_};
  RoleStore roles_;
  FirstStores stores_{tenants_, clients_, apis_, grants_, connections_, roles_};
  FirstObjects first_ = make_first_objects(tenant_, "https://localhost:8443/", "localhost:8443", sealer_, random_, now_);
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, FirstObjectsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(FirstObjectsTest, the_machine_has_its_secret_and_a_grant_for_every_scope) {
  const ClientId id(first_.management_client_id);
  const auto client = *clients_.find(tenant_, id);
  ASSERT_TRUE(client);
  EXPECT_EQ(clients_.secret(*client)->reveal(), first_.management_client_secret.reveal());
  EXPECT_TRUE(client->allows_grant("client_credentials"));
  EXPECT_FALSE(client->allows_grant("implicit"));
  const auto grant = *grants_.find(tenant_, id, "https://localhost:8443/api/v2/");
  ASSERT_TRUE(grant);
  const auto api = *apis_.find_by_identifier(tenant_, "https://localhost:8443/api/v2/");
  EXPECT_EQ(grant->scopes.size(), api->scopes.size());
  EXPECT_TRUE(api->is_system);
  EXPECT_TRUE(api->enforce_policies);
  EXPECT_FALSE(*grants_.find(tenant_, id, "https://localhost:8443/api/v2")) << "byte for byte";
}

TEST_P(FirstObjectsTest, a_sealed_secret_does_not_open_for_another_client) {
  Client other = **clients_.find(tenant_, ClientId(first_.management_client_id));
  other.id = ClientId("other");
  EXPECT_FALSE(clients_.secret(other));
}

TEST_P(FirstObjectsTest, the_closest_identifier_is_told) {
  const std::pair<const char*, const char*> cases[] = {
    {"https://localhost:8443/api/v2", "https://localhost:8443/api/v2/"}, {"http://LOCALHOST:8443/api/v2/", "https://localhost:8443/api/v2/"},
    {"https://localhost:8443/api/v3/", "https://localhost:8443/api/v2/"}, {"https://elsewhere/", ""}};
  for (const auto& [asked, told] : cases) EXPECT_EQ(apis_.closest_identifier(tenant_, asked)->value_or(""), told) << asked;
  EXPECT_FALSE(*apis_.closest_identifier(tenant_, std::string(10'000, 'x')));
}

TEST_P(FirstObjectsTest, the_tenant_is_local_and_skips_the_callback_confirmation) {
  const auto tenant = *tenants_.find(tenant_);
  ASSERT_TRUE(tenant);
  EXPECT_TRUE(tenant->is_local());
  EXPECT_TRUE(*get_bool(tenant->settings, "skip_non_verifiable_callback_uri_confirmation_prompt"));
  EXPECT_EQ(tenant->session_lifetime(), std::chrono::hours(168));
  EXPECT_FALSE(*tenants_.find(TenantId("other")));
}

TEST_P(FirstObjectsTest, the_database_connection_waits_to_be_enabled) {
  const auto connection = *connections_.find_by_name(tenant_, "Username-Password-Authentication");
  ASSERT_TRUE(connection);
  EXPECT_TRUE(connection->is_database());
  EXPECT_EQ(connection->password_policy(), "good");
  EXPECT_TRUE(connections_.enabled_for(tenant_, ClientId(first_.management_client_id))->empty());
}

TEST_P(FirstObjectsTest, a_second_tenant_of_the_name_is_refused) {
  const auto again = db_->write([&](storage::Transaction& tx) { return stores_.insert(tx, first_, now_); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::unique_violation);
}

TEST_P(FirstObjectsTest, everything_follows_the_tenant_to_another_issuer) {
  const UserId admin("auth0|1");
  const Tenant before = **tenants_.find(tenant_);
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(stores_.grant_everything(tx, before, admin));
    return stores_.move(tx, before, "https://id.example.com/", "id.example.com", now_);
  }));
  const std::string audience = "https://id.example.com/api/v2/";
  EXPECT_EQ((*tenants_.find(tenant_))->issuer, "https://id.example.com/");
  EXPECT_TRUE(*apis_.find_by_identifier(tenant_, audience));
  EXPECT_FALSE(*apis_.find_by_identifier(tenant_, "https://localhost:8443/api/v2/"));
  EXPECT_TRUE(*grants_.find(tenant_, ClientId(first_.management_client_id), audience));
  EXPECT_FALSE(db_->read([&](storage::Reader& reader) { return roles_.effective_permissions(reader, tenant_, admin, audience); })->empty());
}

TEST(Tenants, know_whether_they_are_local) {
  const std::pair<const char*, bool> cases[] = {{"localhost", true}, {"localhost:8443", true}, {"a.localhost", true}, {"gatehouse.test", true}, {"127.0.0.1:1", true},
                                                {"[::1]:8443", true}, {"example.com", false}, {"localhost.example.com", false}, {"test", false}, {"mytest", false}};
  for (const auto& [host, local] : cases) {
    Tenant tenant;
    tenant.issuer = "https://" + std::string(host) + "/";
    EXPECT_EQ(tenant.is_local(), local) << host;
  }
}

TEST(Clients, say_how_they_authenticate) {
  struct Case { const char* properties; TokenEndpointAuthMethod method; };
  const Case cases[] = {
    {R"({})", TokenEndpointAuthMethod::client_secret_post},
    {R"({"app_type":"spa"})", TokenEndpointAuthMethod::none},
    {R"({"app_type":"native"})", TokenEndpointAuthMethod::none},
    {R"({"app_type":"native","token_endpoint_auth_method":"client_secret_post"})", TokenEndpointAuthMethod::client_secret_post},
    {R"({"token_endpoint_auth_method":"none"})", TokenEndpointAuthMethod::none},
    {R"({"token_endpoint_auth_method":"client_secret_basic"})", TokenEndpointAuthMethod::client_secret_basic},
    {R"({"client_authentication_methods":{"private_key_jwt":{"credentials":[]}}})", TokenEndpointAuthMethod::private_key_jwt},
  };
  for (const Case& row : cases) {
    StoredObject object;
    object.id = "c";
    object.properties = parse_json(row.properties)->as_object();
    EXPECT_EQ(ClientStore::from_stored(TenantId("t"), object).auth_method, row.method) << row.properties;
  }
}

}  // namespace gatehouse::model
