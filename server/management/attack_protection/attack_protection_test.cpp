#include "management/anomaly/anomaly_resource.h"
#include "management/attack_protection/attack_protection_resource.h"
#include "management/branding/page_template_resource.h"
#include "management/branding/themes_resource.h"
#include "management/emails/provider_resource.h"
#include "management/prompts/partials_resource.h"
#include "management/prompts/rendering_resource.h"
#include "management/testing.h"
#include "model/resealing.h"

// Settings documents of attack protection, hosted pages and mails.
namespace gatehouse::management {

class SettingsDocumentsTest : public ManagementTest {
 protected:
  SettingsDocumentsTest() {
    protection_.mount();
    partials_.mount();
    rendering_.mount();
    themes_.mount();
    page_template_.mount();
    emails_.mount();
  }
  Answer put(std::string target, std::string body) { return call(http::Method::PUT, std::move(target), std::move(body)); }
  std::string stored(std::string_view document) {
    return json::serialize(*db_->read([&](storage::Reader& reader) { return model::TenantStore::document(reader, tenant_, document); }));
  }
  AttackProtectionResource protection_{api_, tenants_};
  PartialsResource partials_{api_, tenants_};
  RenderingResource rendering_{api_, tenants_};
  ThemesResource themes_{api_, tenants_};
  PageTemplateResource page_template_{api_, tenants_};
  EmailProviderResource emails_{api_, tenants_};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, SettingsDocumentsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(SettingsDocumentsTest, captcha_keys_are_sealed_kept_and_never_shown) {
  const Answer set = patch("/attack-protection/captcha", R"({"active_provider_id":"hcaptcha","hcaptcha":{"site_key":"site","secret":"hidden-key"}})");
  ASSERT_EQ(set.status, 200);
  EXPECT_EQ(json::serialize(set.object().at("hcaptcha")), R"({"site_key":"site"})");
  EXPECT_EQ(json::serialize(get("/attack-protection/captcha").object()).find("hidden-key"), std::string::npos);
  EXPECT_EQ(stored(model::kCaptchaDocument).find("hidden-key"), std::string::npos);
  patch("/attack-protection/captcha", R"({"active_provider_id":"auth_challenge"})");
  EXPECT_NE(stored(model::kCaptchaDocument).find("\"secret\":\"v1."), std::string::npos) << "another provider's keys stay";
  const auto looked = model::Resealing(sealer_).look(*db_);
  ASSERT_TRUE(looked);
  EXPECT_TRUE(looked->unopened.empty()) << looked->unopened.front();
  EXPECT_EQ(patch("/attack-protection/captcha", R"({"hcaptcha":{"site_key":"site"}})").status, 400) << "without a secret";
  EXPECT_EQ(patch("/attack-protection/captcha", R"({"active_provider_id":"nobody"})").status, 400);
}

TEST_P(SettingsDocumentsTest, breached_password_stages_change_one_by_one) {
  patch("/attack-protection/breached-password-detection", R"({"enabled":true,"stage":{"pre-change-password":{"shields":["block"]}}})");
  const Answer now = get("/attack-protection/breached-password-detection");
  EXPECT_EQ(json::serialize(now.object().at("stage")),
            R"({"pre-user-registration":{"shields":[]},"pre-change-password":{"shields":["block"]}})");
  EXPECT_EQ(patch("/attack-protection/breached-password-detection", R"({"shields":["shout"]})").status, 400);
}

TEST_P(SettingsDocumentsTest, rendering_is_kept_for_each_screen_and_listed) {
  const std::string screen = "/prompts/login/screen/login/rendering";
  EXPECT_EQ(get(screen).text("rendering_mode"), "standard");
  EXPECT_EQ(patch(screen, R"({"rendering_mode":"advanced","head_tags":[{"tag":"script","attributes":{"src":"https://x.test/a.js"}}]})").status, 200);
  EXPECT_EQ(patch("/prompts/rendering", R"({"configs":[{"prompt":"signup","screen":"signup","rendering_mode":"advanced"}]})").status, 200);
  EXPECT_EQ(get("/prompts/rendering?include_totals=true").object().at("total").as_int64(), 2);
  EXPECT_EQ(get("/prompts/rendering?prompt=signup").body.as_array().size(), 1u);
  EXPECT_EQ(patch("/prompts/login/screen/signup/rendering", "{}").status, 400);
  EXPECT_EQ(patch("/prompts/rendering", R"({"configs":[{"prompt":"signup","screen":"login"}]})").status, 400);
}

TEST_P(SettingsDocumentsTest, partials_are_those_of_prompts_that_have_forms_of_their_own) {
  EXPECT_EQ(put("/prompts/signup/partials", R"({"signup":{"form-content-end":"<p>Hi</p>"}})").status, 200);
  EXPECT_EQ(put("/prompts/signup/partials", R"({"signup":{"nowhere":"x"}})").status, 400);
  EXPECT_EQ(put("/prompts/signup/partials", R"({"login":{"form-content-end":"x"}})").status, 400);
  EXPECT_EQ(put("/prompts/signup/partials", R"({"signup":{"form-content-end":"{% for %}"}})").status, 400);
  EXPECT_EQ(get("/prompts/logout/partials").status, 400);
  EXPECT_EQ(json::serialize(get("/prompts/signup/partials").object()), R"({"signup":{"form-content-end":"<p>Hi</p>"}})");
}

TEST_P(SettingsDocumentsTest, an_email_provider_is_made_by_a_whole_patch_and_kept_by_a_partial_one) {
  EXPECT_EQ(patch("/emails/provider", R"({"enabled":false})").text("errorCode"), "inexistent_email_provider");
  const Answer made = patch("/emails/provider", R"({"name":"sendgrid","credentials":{"api_key":"SG.secret"},"default_from_address":"a@b.test"})");
  ASSERT_EQ(made.status, 200);
  EXPECT_EQ(stored("email_provider").find("SG.secret"), std::string::npos);
  EXPECT_EQ(patch("/emails/provider", R"({"enabled":false})").status, 200);
  EXPECT_EQ(patch("/emails/provider", R"({"name":"mailgun"})").status, 400) << "another provider needs its own credentials";
}

TEST_P(SettingsDocumentsTest, there_is_one_theme_and_its_colours_are_colours) {
  const std::string bad = R"({"borders":{},"colors":{},"fonts":{},"page_background":{},"widget":{}})";
  EXPECT_EQ(post("/branding/themes", bad).status, 400);
  EXPECT_EQ(get("/branding/themes/default").text("errorCode"), "theme_not_found");
  EXPECT_EQ(put("/branding/templates/universal-login", R"("<html>{%- auth0:head -%}</html>")").status, 400);
  EXPECT_EQ(put("/branding/templates/universal-login", R"({"template":"<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"})").status, 201);
}

TEST_P(SettingsDocumentsTest, a_providers_secrets_are_sealed_at_every_depth) {
  const Answer made = post("/connections", R"({"name":"gate","strategy":"sms","options":{"provider":"sms_gateway","gateway_url":"https://g.test",
    "gateway_authentication":{"method":"bearer","subject":"s","audience":"a","secret":"deep-secret"}}})");
  ASSERT_EQ(made.status, 201);
  const auto raw = *db_->read([&](storage::Reader& reader) { return connections_.objects().find(reader, tenant_, made.text("id")); });
  EXPECT_EQ(json::serialize(raw->properties).find("deep-secret"), std::string::npos);
  const auto looked = model::Resealing(sealer_).look(*db_);
  EXPECT_TRUE(looked->unopened.empty());
  EXPECT_EQ(post("/connections", R"({"name":"bad","strategy":"samlp","options":{"signSAMLRequest":"yes"}})").status, 400);
  EXPECT_EQ(post("/connections", R"({"name":"any","strategy":"samlp","options":{"somethingNew":{"deep":true}}})").status, 201);
}

}  // namespace gatehouse::management
