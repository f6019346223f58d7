#include "model/resealing.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "crypto/testing.h"
#include "model/clients/client_store.h"
#include "model/keys/key_ring.h"
#include "model/tenants/tenant_store.h"
#include "storage/meta.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

using storage::Transaction;
using testing::ElementsAre;
using testing::IsEmpty;

crypto::MasterKeys master_keys(std::string_view text) { return std::move(*crypto::MasterKeys::parse(text)); }
const std::string old_master = "old " + base64_encode(std::string(32, 'o')) + "\n";
const std::string new_master = "new " + base64_encode(std::string(32, 'n')) + "\n";

class ResealingTest : public testing::TestWithParam<std::string> {
 protected:
  void write(const std::function<Result<void>(Transaction&)>& work) {
    const Result<void> done = db_->write([&](Transaction& tx) { return work(tx); });
    ASSERT_TRUE(done.ok()) << done.error().message << done.error().detail;
  }
  void insert(const ObjectStore& store, std::string id, json::object properties) {
    write([&](Transaction& tx) -> Result<void> {
      StoredObject object{std::move(id), properties};
      return store.insert(tx, tenant_, object, now_);
    });
  }
  std::string client_secret(const crypto::Sealer& sealer, const std::string& id) {
    const ClientStore clients(*db_, sealer);
    const auto client = clients.find(tenant_, ClientId(id));
    const Result<SecretString> secret = clients.secret(**client);
    return secret ? std::string(secret->reveal()) : "does not open: " + secret.error().detail;
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  crypto::SystemRandom random_;
  const TenantId tenant_{"t"};
  const Timestamp now_ = from_micros(1'700'000'000'000'000);
  const crypto::Sealer old_{master_keys(old_master), random_};
  const crypto::Sealer both_{master_keys(new_master + old_master), random_};
  const crypto::Sealer new_{master_keys(new_master), random_};
};

TEST_P(ResealingTest, everything_opens_with_the_new_key_alone_afterwards) {
  insert(ClientStore::table(), "c1", {{"name", "a"}, {"client_secret", old_.seal("hush", sealed_context("clients", "client_secret", "c1"))}});
  insert(ObjectStore("connections", {{"name", "name"}, {"strategy", "strategy"}}), "con_1",
         {{"name", "corp"}, {"strategy", "oidc"}, {"options", {{"client_secret", old_.seal("deep", "connections/options.client_secret/con_1")},
                                                             {"keys", {{{"pem", old_.seal("listed", "connections/options.keys.pem/con_1")}}}}}}});
  write([&](Transaction& tx) { return storage::meta::set(tx, "canary", old_.seal("fits", "meta/value/canary")); });
  write([&](Transaction& tx) {
    return TenantStore::put_document(tx, tenant_, "email_provider",
                                     {{"credentials", {{"smtp_pass", old_.seal("pw", "tenant_documents/credentials.smtp_pass/t/email_provider")}}}});
  });
  const Result<Resealing::Outcome> before = Resealing(both_).look(*db_);
  EXPECT_EQ(before->outdated, 5);
  EXPECT_THAT(*columns_sealed_under(*db_, "old"), ElementsAre("clients.data", "connections.data", "meta.value", "tenant_documents.data"));

  const Result<Resealing::Outcome> done = Resealing(both_).run(*db_);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_EQ(done->outdated, 5);
  EXPECT_THAT(done->unopened, IsEmpty());
  EXPECT_THAT(*columns_sealed_under(*db_, "old"), IsEmpty());
  EXPECT_EQ(Resealing(both_).look(*db_)->outdated, 0);

  EXPECT_EQ(client_secret(new_, "c1"), "hush");
  const auto connection = db_->read([&](storage::Reader& reader) { return ObjectStore("connections", {}).find(reader, tenant_, "con_1"); });
  const json::value& options = (*connection)->properties.at("options");
  EXPECT_EQ(new_.open(options.at("client_secret").as_string(), "connections/options.client_secret/con_1")->reveal(), "deep");
  EXPECT_EQ(new_.open(options.at("keys").at(0).at("pem").as_string(), "connections/options.keys.pem/con_1")->reveal(), "listed");
}

TEST_P(ResealingTest, a_tenants_keys_sign_and_verify_as_before) {
  ManualClock clock(now_);
  const KeyStore store(old_, random_);
  const std::vector<NewKey> keys = *store.make_first_keys(tenant_, "localhost:8443", now_);
  write([&](Transaction& tx) { return store.insert(tx, tenant_, keys, now_); });
  EXPECT_EQ(Resealing(both_).run(*db_)->outdated, 4);
  const KeyStore after(new_, random_);
  EXPECT_EQ((*KeyRing(*db_, after, clock).current(tenant_))->kid, keys.front().kid);
}

TEST_P(ResealingTest, goes_through_more_rows_than_fit_one_unit_of_work) {
  for (int i = 0; i < 401; ++i) {
    const std::string id = "c" + std::to_string(i);
    insert(ClientStore::table(), id, {{"name", "a"}, {"client_secret", old_.seal(id, sealed_context("clients", "client_secret", id))}});
  }
  EXPECT_EQ(Resealing(both_).run(*db_)->outdated, 401);
  EXPECT_EQ(client_secret(new_, "c0"), "c0");
  EXPECT_EQ(client_secret(new_, "c400"), "c400");
}

TEST_P(ResealingTest, leaves_texts_alone_that_only_look_sealed) {
  const std::string moved = old_.seal("hush", sealed_context("clients", "client_secret", "another"));
  insert(ClientStore::table(), "c1", {{"name", "v1.0.3"}, {"description", "v1.x"}, {"client_secret", moved}});
  const Result<Resealing::Outcome> done = Resealing(both_).run(*db_);
  EXPECT_EQ(done->outdated, 0);
  EXPECT_THAT(done->unopened, ElementsAre("clients/client_secret/c1"));
  const auto client = db_->read([&](storage::Reader& reader) { return ClientStore::table().find(reader, tenant_, "c1"); });
  EXPECT_EQ(get_string((*client)->properties, "client_secret"), moved);
  EXPECT_EQ(get_string((*client)->properties, "name"), "v1.0.3");
}

TEST_P(ResealingTest, a_secret_in_a_forgotten_column_is_found) {
  insert(ObjectStore("roles", {{"name", "name"}}), "r1", {{"name", "role"}, {"secret", old_.seal("x", "anything")}});
  EXPECT_EQ(Resealing(both_).run(*db_)->outdated, 0);
  EXPECT_THAT(*columns_sealed_under(*db_, "old"), ElementsAre("roles.data"));
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, ResealingTest, testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::model
