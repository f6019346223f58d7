#include "mfa/webauthn.h"

#include <gtest/gtest.h>

#include "crypto/testing.h"
#include "mfa/mfa.h"
#include "model/users/user_store.h"
#include "storage/testing.h"
#include "webauthn/testing.h"

namespace gatehouse::mfa {
namespace {

namespace type = model::method_type;
using webauthn::TestAuthenticator;

struct NoMail final : messaging::Messenger {
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail&) override { return {}; }
};
struct NoLog final : logs::EventLog {
  Result<void> write(storage::Transaction&, const logs::Event&) override { return {}; }
  void enqueue(logs::Event) override {}
};

class WebAuthnFactorTest : public ::testing::TestWithParam<std::string> {
 protected:
  WebAuthnFactorTest() {
    tenant_.id = TenantId("acme");
    tenant_.issuer = "https://login.example.com/";
    tenant_.host = "login.example.com";
    user_.id = UserId("auth0|ada");
    user_.tenant = tenant_.id;
    user_.email = "ada@example.com";
    user_.identities.push_back({.connection = "db", .provider = "auth0", .user_id = "ada", .profile_data = {}});
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
                     TRY_VOID(tenants_.insert(tx, tenant_, clock_.now()));
                     return users_.insert(tx, user_, std::nullopt, clock_.now());
                   })
                    .ok());
    put("guardian/factors", {{"webauthn-roaming", true}, {"webauthn-platform", true}});
  }
  void put(std::string_view name, const json::object& document) {
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.put_document(tx, tenant_.id, name, document); }).ok());
  }
  Person person(const std::string& login = "login 1", bool proved = false) {
    return {.tenant = tenant_, .user = user_, .login = login, .event = {}, .language = {}, .proved = proved};
  }
  std::string begin(std::string_view of = type::kWebAuthnRoaming, bool proved = false) {
    const auto begun = mfa_.begin_enrolment(person("login 1", proved), {.type = std::string(of)});
    EXPECT_TRUE(begun.ok());
    return begun.ok() ? begun->method.id : "";
  }
  json::object options(const std::string& method, const std::string& login = "login 1") {
    const auto challenge = mfa_.challenge(person(login), method);
    EXPECT_TRUE(challenge.ok());
    return challenge.ok() ? challenge->options : json::object{};
  }
  Outcome verify(const std::string& method, const json::object& answer, const std::string& login = "login 1", bool proved = false) {
    const auto judged = mfa_.verify(person(login, proved), method, {.credential = answer});
    EXPECT_TRUE(judged.ok());
    return judged.ok() ? judged->outcome : Outcome::wrong;
  }
  std::string enrol(TestAuthenticator& authenticator, bool proved = false) {
    const std::string id = begin(type::kWebAuthnRoaming, proved);
    EXPECT_EQ(verify(id, authenticator.create(options(id)), "login 1", proved), Outcome::right);
    return id;
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{crypto::MasterKeys::parse("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").value(), random_};
  model::TenantStore tenants_{*db_};
  model::UserStore users_{*db_};
  NoMail mail_;
  NoLog log_;
  Mfa mfa_{{*db_, tenants_, mail_, sealer_, random_, clock_, log_}};
  model::Tenant tenant_;
  model::User user_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, WebAuthnFactorTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(WebAuthnFactorTest, a_security_key_is_enrolled_and_used) {
  TestAuthenticator key;
  key.user_verified = false;  // a touch is enough beside a password
  const std::string id = enrol(key);
  const auto available = mfa_.available(tenant_, user_);
  ASSERT_TRUE(available.ok());
  ASSERT_EQ(available->methods.size(), 1u);
  EXPECT_EQ(available->methods.front().webauthn->rp_id, "login.example.com");
  const json::object asked = options(id);
  EXPECT_EQ(asked.at("allowCredentials").as_array().size(), 1u);
  EXPECT_EQ(verify(id, key.get(asked)), Outcome::right);
}

TEST_P(WebAuthnFactorTest, an_answer_works_once_and_in_its_login) {
  TestAuthenticator key;
  key.counts = false;
  const std::string id = enrol(key);
  const json::object answer = key.get(options(id));
  EXPECT_EQ(verify(id, answer, "login 2"), Outcome::wrong);
  EXPECT_EQ(verify(id, answer), Outcome::right);
  EXPECT_EQ(verify(id, answer), Outcome::wrong);
  const json::object late = key.get(options(id));
  clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(verify(id, late), Outcome::wrong);
}

TEST_P(WebAuthnFactorTest, an_enrolment_is_no_challenge_and_the_other_way_round) {
  TestAuthenticator key, other;
  const std::string id = enrol(key);
  const std::string second = begin(type::kWebAuthnRoaming, true);
  const json::object creation = options(second);
  EXPECT_EQ(creation.at("excludeCredentials").as_array().size(), 1u);
  EXPECT_EQ(verify(second, key.create(creation), "login 1", true), Outcome::wrong) << "the same key does not stand for two";
  EXPECT_EQ(verify(id, other.create(options(second))), Outcome::wrong);
}

TEST_P(WebAuthnFactorTest, settings_that_changed_a_moment_ago_are_read_anew) {
  TestAuthenticator key;
  const std::string id = enrol(key);
  put("guardian/factors", {{"webauthn-roaming", true}});  // caches of the tenant are empty now
  EXPECT_EQ(verify(id, key.get(options(id))), Outcome::right);
}

TEST_P(WebAuthnFactorTest, any_of_several_keys_answers) {
  TestAuthenticator first, second;
  enrol(first);
  enrol(second, true);
  const auto available = mfa_.available(tenant_, user_);
  ASSERT_TRUE(available.ok());
  const json::object asked = options(available->methods.front().id);
  EXPECT_EQ(asked.at("allowCredentials").as_array().size(), 2u);
  const auto judged = mfa_.verify_any(person(), type::kWebAuthnRoaming, {.credential = second.get(asked)});
  ASSERT_TRUE(judged.ok());
  EXPECT_TRUE(judged->right());
}

TEST_P(WebAuthnFactorTest, lies_prove_nothing) {
  TestAuthenticator key;
  const std::string id = enrol(key);
  const webauthn::Lies lies[] = {{.origin = "https://evil.test"}, {.rp_id = "evil.test"}, {.type = "webauthn.create"},
                                 {.user_present = false},         {.sign_count = 1},      {.another_key = true}};
  for (const webauthn::Lies& lie : lies) EXPECT_EQ(verify(id, key.get(options(id), lie)), Outcome::wrong);
}

TEST_P(WebAuthnFactorTest, biometrics_need_a_verified_user) {
  TestAuthenticator device;
  const std::string id = begin(type::kWebAuthnPlatform, true);
  const json::object asked = options(id);
  EXPECT_EQ(asked.at("authenticatorSelection").at("authenticatorAttachment"), "platform");
  EXPECT_EQ(asked.at("authenticatorSelection").at("userVerification"), "required");
  EXPECT_EQ(verify(id, device.create(asked, {.user_verified = false}), "login 1", true), Outcome::wrong);
  EXPECT_EQ(verify(id, device.create(options(id)), "login 1", true), Outcome::right);
}

TEST_P(WebAuthnFactorTest, the_tenant_says_how_strict_and_for_which_domain) {
  put("guardian/webauthn_roaming",
      {{"userVerification", "required"}, {"overrideRelyingParty", true}, {"relyingPartyIdentifier", "example.com"}});
  TestAuthenticator key;
  const std::string id = begin();
  const json::object asked = options(id);
  EXPECT_EQ(asked.at("rp").at("id"), "example.com");
  EXPECT_EQ(verify(id, key.create(asked, {.user_verified = false})), Outcome::wrong);
  EXPECT_EQ(verify(id, key.create(options(id))), Outcome::right);
  // With another domain the credential is of no use, and says so.
  put("guardian/webauthn_roaming", {{"overrideRelyingParty", false}});
  EXPECT_FALSE(mfa_.challenge(person(), id).ok());
}

}  // namespace
}  // namespace gatehouse::mfa
