#include "attack_protection/captcha.h"

#include <gtest/gtest.h>

#include "attack_protection/captcha_picture.h"
#include "base/encoding.h"
#include "crypto/crypto.h"
#include "crypto/testing.h"
#include "model/attack_protection/attack_protection_description.h"
#include "storage/testing.h"

namespace gatehouse::attack_protection {
namespace {

/// Answers nothing: our own challenges ask nobody.
class NoNetwork final : public http::Client {
 public:
  Result<http::OutboundResponse> send(const http::OutboundRequest&) override { return Error{Errc::unavailable, "no network"}; }
};

class CaptchaTest : public ::testing::TestWithParam<std::string> {
 protected:
  using Outcome = Captcha::Outcome;
  CaptchaTest() {
    model::Tenant tenant;
    tenant.id = tenant_;
    tenant.issuer = "https://acme.test/";
    tenant.host = "acme.test";
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return model::TenantStore::insert(tx, tenant, clock_.now()); }));
  }
  void choose(const json::object& document) {
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return model::TenantStore::put_document(tx, tenant_, model::kCaptchaDocument, document); }));
  }
  static std::string digits(const json::object& challenge) {
    std::string out;
    for (const json::value& digit : challenge.at("digits").as_array()) out += std::to_string(digit.as_int64());
    return out;
  }
  Outcome check(const json::object& challenge, const std::string& typed, const std::string& work = "", const std::string& binding = "login") {
    const auto form = http::Parameters::parse("captcha_token=" + http::percent_encode(*get_string(challenge, "token")) + "&captcha=" +
                                              http::percent_encode(typed) + "&captcha_work=" + work);
    return *captcha_.check(tenant_, binding, *form, "192.0.2.7");
  }
  static std::string worked(const json::object& challenge) {
    const std::string seed(challenge.at("work").at("seed").as_string());
    for (int64_t counter = 0;; ++counter)
      if (work_is_done(seed, std::to_string(counter), kWorkBits)) return std::to_string(counter);
  }
  json::object challenge(const std::string& binding = "login") { return *captcha_.challenge(tenant_, binding); }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 " + base64_encode(std::string(32, 'k')) + "\n"), random_};
  TenantId tenant_{"acme"};
  model::TenantStore tenants_{*db_};
  NoNetwork network_;
  Captcha captcha_{{*db_, tenants_, sealer_, random_, clock_, network_}};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, CaptchaTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(CaptchaTest, the_right_digits_pass_once) {
  const json::object shown = challenge();
  EXPECT_EQ(shown.at("digits").as_array().size(), 5u);
  EXPECT_EQ(check(shown, digits(shown)), Outcome::passed);
  EXPECT_EQ(check(shown, digits(shown)), Outcome::wrong) << "used up";
}

TEST_P(CaptchaTest, wrong_ones_use_it_up_as_well) {
  const json::object shown = challenge();
  EXPECT_EQ(check(shown, "abcde"), Outcome::wrong);
  EXPECT_EQ(check(shown, "1"), Outcome::wrong);
  EXPECT_EQ(check(shown, digits(shown)), Outcome::wrong);
}

TEST_P(CaptchaTest, it_belongs_to_its_login_and_ends_after_ten_minutes) {
  const json::object shown = challenge();
  EXPECT_EQ(check(shown, digits(shown), "", "another login"), Outcome::wrong);
  clock_.advance(std::chrono::minutes(11));
  EXPECT_EQ(check(shown, digits(shown)), Outcome::wrong);
}

TEST_P(CaptchaTest, nothing_sent_is_missing_and_a_made_up_token_is_wrong) {
  EXPECT_EQ(*captcha_.check(tenant_, "login", *http::Parameters::parse(""), "192.0.2.7"), Outcome::missing);
  json::object forged = challenge();
  forged["token"] = sealer_.seal(R"({"digits":"11111","seed":"x","until":99999999999})", "captcha/acme/elsewhere");
  EXPECT_EQ(check(forged, "11111"), Outcome::wrong);
}

TEST_P(CaptchaTest, work_stands_for_digits_unless_the_tenant_wants_digits) {
  const json::object shown = challenge();
  EXPECT_EQ(check(shown, "", "1"), Outcome::wrong);
  const json::object again = challenge();
  EXPECT_EQ(check(again, "", worked(again)), Outcome::passed);
  const std::string work = worked(again);
  choose({{"active_provider_id", "simple_captcha"}});
  EXPECT_FALSE(challenge().contains("work"));
}

TEST_P(CaptchaTest, a_service_without_keys_is_replaced_by_our_own_and_one_that_is_down_lets_nobody_in) {
  choose({{"active_provider_id", "hcaptcha"}, {"hcaptcha", {{"site_key", ""}}}});
  EXPECT_EQ(*get_string(challenge(), "kind"), "own");
  const std::string secret = sealer_.seal("s", "tenant_documents/hcaptcha.secret/acme/attack_protection/captcha");
  choose({{"active_provider_id", "hcaptcha"}, {"hcaptcha", {{"site_key", "k"}, {"secret", secret}}}});
  EXPECT_EQ(*get_string(challenge(), "kind"), "service");
  EXPECT_EQ(*captcha_.check(tenant_, "login", *http::Parameters::parse("h-captcha-response=x"), "192.0.2.7"), Outcome::unreachable);
  EXPECT_TRUE(Captcha::needs_a_service("a=b&h-captcha-response=x"));
  EXPECT_FALSE(Captcha::needs_a_service("a=b&captcha=12345"));
}

TEST(CaptchaPicture, holds_nothing_that_could_end_an_attribute_and_differs_each_time) {
  crypto::FakeRandom random;
  const std::string first = draw_digits("0123456789", random), second = draw_digits("0123456789", random);
  EXPECT_EQ(first.find_first_not_of("MQ 0123456789.-"), std::string::npos) << first;
  EXPECT_NE(first, second);
}

TEST(CaptchaWork, wants_digits_and_enough_zeros) {
  EXPECT_FALSE(work_is_done("seed", "", 0));
  EXPECT_FALSE(work_is_done("seed", "12a", 0));
  EXPECT_TRUE(work_is_done("seed", "12", 0));
  EXPECT_FALSE(work_is_done("seed", "12", 200));
}

}  // namespace
}  // namespace gatehouse::attack_protection
