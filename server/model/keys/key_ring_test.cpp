#include "model/keys/key_ring.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "crypto/testing.h"
#include "jose/jwt.h"
#include "storage/testing.h"

namespace gatehouse::model {
namespace {

using storage::Reader;
using storage::Transaction;
using testing::ElementsAre;

crypto::MasterKeys master_keys(std::string_view text) { return std::move(*crypto::MasterKeys::parse(text)); }
const std::string old_master = "old " + base64_encode(std::string(32, 'o')) + "\n";
const std::string new_master = "new " + base64_encode(std::string(32, 'n')) + "\n";

class KeyRingTest : public testing::TestWithParam<std::string> {
 protected:
  KeyRingTest() {
    const std::vector<NewKey>& keys = first_keys();
    EXPECT_TRUE(db_->write([&](Transaction& tx) { return store_.insert(tx, tenant_, keys, clock_.now()); }).ok());
  }

  // Made once, because RSA keys are slow to make; their kids are the same in every test.
  const std::vector<NewKey>& first_keys() {
    static const std::vector<NewKey> keys = *store_.make_first_keys(tenant_, "localhost:8443", clock_.now());
    return keys;
  }

  // The same way round as the server does it, but with a key that is quick to make.
  std::vector<NewKey> next_keys(const TenantId& tenant) {
    static const std::string pem(jose::PrivateKey::generate(jose::Algorithm::RS256)->to_pem().reveal());
    const jose::PrivateKey pair = *jose::PrivateKey::from_pem(pem, jose::Algorithm::RS256);
    NewKey key{.kid = random_.alphanumeric(21), .purpose = "signing", .algorithm = "RS256", .state = KeyState::next};
    key.sealed = sealer_.seal(pem, "keys/sealed/" + tenant.str() + "/" + key.kid);
    key.certificate = pair.self_signed_certificate("localhost:8443", clock_.now());
    return {key};
  }

  std::string rotate() {
    const std::vector<NewKey> next = next_keys(tenant_);
    clock_.advance(seconds(60));
    EXPECT_TRUE(db_->write([&](Transaction& tx) { return store_.rotate(tx, tenant_, next, clock_.now()); }).ok());
    return next.front().kid;
  }
  Result<SigningKeyRecord> revoke(const std::string& kid) {
    return db_->write([&](Transaction& tx) { return store_.revoke(tx, tenant_, kid, clock_.now()); });
  }
  std::vector<SigningKeyRecord> records() {
    return *db_->read([&](Reader& reader) { return store_.signing_keys(reader, tenant_); });
  }
  std::vector<std::string> published_kids() {
    std::vector<std::string> kids;
    const json::value jwks = json::parse((*ring_.keys(tenant_))->jwks_json);
    for (const json::value& key : jwks.at("keys").as_array()) kids.emplace_back(*get_string(key.as_object(), "kid"));
    return kids;
  }
  std::string current_kid() { return (*ring_.current(tenant_))->kid; }

  TenantId tenant_{"acme"};
  ManualClock clock_;
  crypto::SystemRandom random_;
  crypto::Sealer sealer_{master_keys(old_master), random_};
  KeyStore store_{sealer_, random_};
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  KeyRing ring_{*db_, store_, clock_};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, KeyRingTest, testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(KeyRingTest, a_new_tenant_signs_with_its_current_key_and_publishes_the_next) {
  const auto key = ring_.current(tenant_);
  ASSERT_TRUE(key.ok()) << key.error().detail;
  EXPECT_EQ((*key)->kid.size(), 21U);
  const auto jwt = jose::ParsedJwt::parse(jose::sign_jwt((*key)->key, (*key)->kid, "JWT", {{"sub", "x"}}));
  const auto public_key = ring_.find_public(tenant_, jwt->kid);
  ASSERT_TRUE(public_key.ok() && *public_key);
  EXPECT_TRUE(jose::verify_signature(*jwt, **public_key));
  const std::vector<SigningKeyRecord> all = records();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].state, KeyState::current);
  EXPECT_EQ(all[1].state, KeyState::next);
  EXPECT_THAT(published_kids(), ElementsAre(all[0].kid, all[1].kid));
}

TEST_P(KeyRingTest, publishes_keys_in_the_form_of_Auth0_and_nothing_private) {
  const auto set = ring_.keys(tenant_);
  const json::value jwks = json::parse((*set)->jwks_json);
  for (const json::value& value : jwks.at("keys").as_array()) {
    std::vector<std::string> members;
    for (const auto& member : value.as_object()) members.emplace_back(member.key());
    EXPECT_THAT(members, ElementsAre("kty", "use", "n", "e", "kid", "x5t", "x5c", "alg"));
    const json::object& jwk = value.as_object();
    const std::string certificate = *base64_decode(std::string_view(jwk.at("x5c").as_array().at(0).as_string()));
    EXPECT_EQ(get_string(jwk, "x5t"), base64url_encode(crypto::sha1(certificate)));
    const auto from_certificate = jose::PublicKey::from_pem(jose::certificate_pem(certificate), jose::Algorithm::RS256);
    EXPECT_EQ(from_certificate->thumbprint(), jose::PublicKey::from_jwk(jwk)->thumbprint());
    EXPECT_EQ(jose::certificate_common_name(certificate), "localhost:8443");
  }
  EXPECT_THAT((*set)->jwks_etag, testing::MatchesRegex("\"[A-Za-z0-9_-]{22}\""));
}

TEST_P(KeyRingTest, after_a_rotation_whoever_has_the_old_JWKS_verifies_new_tokens) {
  const std::string first = current_kid();
  const std::vector<std::string> seen_before = published_kids();
  const std::string etag = (*ring_.keys(tenant_))->jwks_etag;
  const std::string added = rotate();
  EXPECT_NE(current_kid(), first);
  EXPECT_THAT(seen_before, testing::Contains(current_kid()));
  EXPECT_THAT(published_kids(), ElementsAre(current_kid(), added, first));
  EXPECT_NE((*ring_.keys(tenant_))->jwks_etag, etag);
  EXPECT_TRUE(*ring_.find_public(tenant_, first)) << "tokens of the previous key stay valid";
  const std::vector<SigningKeyRecord> all = records();
  EXPECT_EQ(all[0].current_since, clock_.now());
  EXPECT_EQ(all[2].current_until, clock_.now());
}

TEST_P(KeyRingTest, a_revoked_key_verifies_nothing_and_its_private_half_is_gone) {
  const std::string first = current_kid();
  const std::string added = rotate();
  const auto revoked = revoke(first);
  ASSERT_TRUE(revoked.ok()) << revoked.error().message;
  EXPECT_EQ(revoked->state, KeyState::revoked);
  EXPECT_EQ(revoked->revoked_at, clock_.now());
  EXPECT_FALSE(*ring_.find_public(tenant_, first));
  EXPECT_THAT(published_kids(), ElementsAre(current_kid(), added));
  EXPECT_EQ(records().size(), 3U) << "it is still listed";
  const auto row =
      db_->read([&](Reader& reader) { return reader.query_one("SELECT sealed FROM keys WHERE tenant = $1 AND kid = $2", tenant_, first); });
  EXPECT_EQ((*row)->text(0), "");
  clock_.advance(seconds(5));
  EXPECT_NE(revoke(first)->revoked_at, clock_.now()) << "a second time changes nothing";
}

TEST_P(KeyRingTest, only_a_previous_key_can_be_revoked) {
  const std::string current = current_kid();
  EXPECT_EQ(revoke(current).error().code, Errc::invalid_argument);
  EXPECT_EQ(revoke(records()[1].kid).error().code, Errc::invalid_argument);
  EXPECT_EQ(revoke("nobody").error().code, Errc::not_found);
  EXPECT_EQ(current_kid(), current);
}

TEST_P(KeyRingTest, keeps_every_previous_key_until_it_is_revoked) {
  const std::string first = current_kid();
  rotate();
  const std::string second = current_kid();
  const std::string added = rotate();
  EXPECT_THAT(published_kids(), ElementsAre(current_kid(), added, second, first));
}

TEST_P(KeyRingTest, a_rotation_without_a_next_key_changes_nothing) {
  const std::string current = current_kid();
  std::vector<NewKey> next = next_keys(tenant_);
  next.front().algorithm = "PS512";
  EXPECT_FALSE(db_->write([&](Transaction& tx) { return store_.rotate(tx, tenant_, next, clock_.now()); }).ok());
  EXPECT_EQ(current_kid(), current);
  EXPECT_EQ(records().size(), 2U);
}

TEST_P(KeyRingTest, makes_keys_of_another_algorithm_when_first_asked_for) {
  const auto key = ring_.current(tenant_, jose::Algorithm::ES256);
  ASSERT_TRUE(key.ok()) << key.error().detail;
  EXPECT_EQ((*key)->key.algorithm(), jose::Algorithm::ES256);
  EXPECT_EQ((*ring_.current(tenant_, jose::Algorithm::ES256))->kid, (*key)->kid) << "and keeps them";
  EXPECT_EQ(published_kids().size(), 4U);
  EXPECT_EQ(published_kids()[2], (*key)->kid) << "RS256 stays first";
  EXPECT_TRUE(ring_.current(tenant_, jose::Algorithm::EdDSA).ok());
  EXPECT_FALSE(ring_.current(tenant_, jose::Algorithm::HS256).ok());
}

TEST_P(KeyRingTest, two_that_ask_for_a_new_algorithm_at_once_get_the_same_key) {
  std::array<std::string, 4> kids;
  std::vector<std::thread> threads;
  for (std::string& kid : kids) {
    threads.emplace_back([&] {
      const auto key = ring_.current(tenant_, jose::Algorithm::ES384);
      if (key.ok()) kid = (*key)->kid;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& kid : kids) EXPECT_EQ(kid, kids[0]);
  EXPECT_NE(kids[0], "");
}

TEST_P(KeyRingTest, rotates_every_algorithm_in_use) {
  const std::string es256 = (*ring_.current(tenant_, jose::Algorithm::ES256))->kid;
  const std::string rs256 = current_kid();
  const auto next = ring_.make_next_keys(tenant_);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->size(), 2U);
  ASSERT_TRUE(db_->write([&](Transaction& tx) { return store_.rotate(tx, tenant_, *next, clock_.now()); }).ok());
  EXPECT_NE((*ring_.current(tenant_, jose::Algorithm::ES256))->kid, es256);
  EXPECT_NE(current_kid(), rs256);
  EXPECT_EQ(published_kids().size(), 6U);
}

TEST_P(KeyRingTest, has_a_secret_for_each_purpose_that_serves_no_other) {
  const auto opaque = ring_.current_secret(tenant_, SecretPurpose::opaque_access_token);
  const auto refresh = ring_.current_secret(tenant_, SecretPurpose::refresh_token);
  ASSERT_TRUE(opaque.ok() && refresh.ok());
  EXPECT_EQ((*opaque)->bytes.reveal().size(), 32U);
  EXPECT_NE((*opaque)->bytes.reveal(), (*refresh)->bytes.reveal());
  EXPECT_EQ(*ring_.find_secret(tenant_, SecretPurpose::refresh_token, (*refresh)->kid), *refresh);
  EXPECT_EQ(*ring_.find_secret(tenant_, SecretPurpose::refresh_token, (*opaque)->kid), nullptr);
  EXPECT_EQ(*ring_.find_secret(tenant_, SecretPurpose::refresh_token, ""), nullptr);
}

TEST_P(KeyRingTest, knows_no_keys_of_another_tenant) {
  const TenantId stranger("stranger");
  EXPECT_FALSE(*ring_.find_public(stranger, current_kid()));
  EXPECT_EQ(ring_.current(stranger).error().code, Errc::internal);
  EXPECT_EQ(ring_.current(stranger, jose::Algorithm::ES256).error().code, Errc::internal);
  EXPECT_FALSE(ring_.current_secret(stranger, SecretPurpose::refresh_token).ok());
  EXPECT_FALSE(ring_.make_next_keys(stranger).ok());
}

TEST_P(KeyRingTest, a_key_moved_to_another_tenants_row_does_not_open) {
  const TenantId thief("thief");
  ASSERT_TRUE(db_->write([&](Transaction& tx) { return store_.insert(tx, thief, first_keys(), clock_.now()); }).ok());
  EXPECT_EQ(ring_.current(thief).error().code, Errc::internal);
}

TEST_P(KeyRingTest, a_record_reads_as_in_the_management_api) {
  const std::string first = current_kid();
  rotate();
  ASSERT_TRUE(revoke(first).ok());
  const std::vector<SigningKeyRecord> all = records();
  const json::object current = all[0].to_json();
  EXPECT_TRUE(get_string(current, "cert")->starts_with("-----BEGIN CERTIFICATE-----\r\n"));
  EXPECT_TRUE(get_string(current, "pkcs7")->starts_with("-----BEGIN PKCS7-----\r\n"));
  EXPECT_THAT(std::string(*get_string(current, "fingerprint")), testing::MatchesRegex("([0-9A-F]{2}:){19}[0-9A-F]{2}"));
  EXPECT_THAT(std::string(*get_string(current, "thumbprint")), testing::MatchesRegex("[0-9A-F]{40}"));
  EXPECT_EQ(get_bool(current, "current"), true);
  EXPECT_EQ(get_bool(current, "next"), false);
  EXPECT_EQ(get_bool(current, "previous"), false);
  EXPECT_EQ(get_bool(current, "revoked"), false);
  EXPECT_EQ(get_string(current, "current_since"), to_iso8601(clock_.now()));
  EXPECT_FALSE(current.contains("current_until"));
  const json::object revoked = all[2].to_json();
  EXPECT_EQ(get_bool(revoked, "revoked"), true);
  EXPECT_TRUE(revoked.contains("revoked_at"));
  EXPECT_TRUE(revoked.contains("current_until"));
}

}  // namespace
}  // namespace gatehouse::model
