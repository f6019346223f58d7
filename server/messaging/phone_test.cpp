#include <gtest/gtest.h>

#include "crypto/testing.h"
#include "messaging/phone_provider.h"
#include "messaging/phone_sender.h"
#include "messaging/phone_templates.h"
#include "model/resealing.h"
#include "storage/testing.h"

namespace gatehouse::messaging {
namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

/// Answers as told and keeps what it was sent.
struct KeptCalls final : http::Client {
  Result<http::OutboundResponse> send(const http::OutboundRequest& request) override {
    requests.push_back(request);
    return http::OutboundResponse{.status = status, .body = body};
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : requests.back().headers)
      if (key == name) return value;
    return {};
  }
  std::vector<http::OutboundRequest> requests;
  int status = 201;
  std::string body = "{}";
};

class PhoneTest : public ::testing::Test {
 protected:
  PhoneTest() {
    model::Tenant tenant{.id = TenantId("acme"), .issuer = "https://login.acme.test/", .host = "login.acme.test"};
    tenant.settings = {{"friendly_name", "Acme"}};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.insert(tx, tenant, kNow); }));
    tenant_ = tenant;
  }
  void document(std::string_view name, const json::object& value) {
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.put_document(tx, tenant_.id, name, value); }));
  }
  PhoneMessage message(const std::string& type = "otp_verify") const {
    return {.tenant = tenant_.id, .type = type, .to = "+15550100", .variables = {{"code", "123456"}}};
  }
  PhoneRoute route(const PhoneMessage& message) { return *phone_route(tenants_, sealer_, message); }
  std::string words(const PhoneMessage& message, const json::object& templates = {}, const json::object& guardian = {}) const {
    return render_phone(tenant_, templates, guardian, message, kNow)->body;
  }

  storage::TestDatabase db_ = storage::make_test_database("sqlite");
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), random_};
  model::TenantStore tenants_{*db_};
  model::Tenant tenant_;
  KeptCalls calls_;
};

TEST_F(PhoneTest, words_come_from_the_connection_then_the_tenant_then_us) {
  EXPECT_EQ(words(message()), "123456 is your code for Acme.");
  PhoneMessage german = message("otp_enroll");
  german.language = "de-AT";
  EXPECT_EQ(words(german), "123456 ist Ihr Code, um dieses Telefon bei Acme hinzuzufügen.");
  const json::object templates{{"otp_verify", {{"disabled", false}, {"content", {{"body", {{"text", "T {{ code }}"}, {"voice", "V {{ code }}"}}}}}}}};
  EXPECT_EQ(words(message(), templates), "T 123456");
  PhoneMessage spoken = message();
  spoken.voice = true;
  EXPECT_EQ(words(spoken, templates), "V 1, 2, 3, 4, 5, 6");
  PhoneMessage own = message();
  own.wording = "Code @@password@@ for @@phone_number@@";
  EXPECT_EQ(words(own, templates), "Code 123456 for +15550100");
  PhoneMessage second = message();
  second.second_factor = true;
  EXPECT_EQ(words(second, {}, {{"verification_message", "MFA {{code}} {{tenant.friendly_name}}"}}), "MFA 123456 Acme");
  EXPECT_EQ(words(message(), {{"otp_verify", {{"disabled", true}, {"content", {{"body", {{"text", "T"}}}}}}}}), "123456 is your code for Acme.");
}

TEST_F(PhoneTest, a_template_that_fails_is_replaced_by_ours) {
  const json::object broken{{"otp_verify", {{"content", {{"body", {{"text", "{{ code"}}}}}}}};
  const auto rendered = render_phone(tenant_, broken, {}, message(), kNow);
  EXPECT_EQ(rendered->body, "123456 is your code for Acme.");
  EXPECT_FALSE(rendered->problem.empty());
  for (const std::string_view type : phone_template_types()) EXPECT_TRUE(check_phone_content(default_phone_content(type))) << type;
}

TEST_F(PhoneTest, without_a_provider_messages_stay_in_the_outbox) {
  EXPECT_EQ(route(message()).kind, PhoneRoute::Kind::outbox);
  document(kPhoneProviderDocument, {{"name", "custom"}, {"configuration", {{"delivery_methods", json::array{"text"}}}}});
  EXPECT_EQ(route(message()).kind, PhoneRoute::Kind::outbox);
  document(kPhoneProviderDocument, {{"name", "twilio"}, {"disabled", true}, {"configuration", {{"sid", "AC1"}}}});
  EXPECT_EQ(route(message()).kind, PhoneRoute::Kind::outbox);
}

TEST_F(PhoneTest, twilio_gets_its_form_and_our_credentials) {
  const json::object credentials = seal_phone_credentials({{"auth_token", "MARKED"}}, kPhoneProviderDocument, tenant_.id, sealer_);
  EXPECT_EQ(json::serialize(credentials).find("MARKED"), std::string::npos);
  document(kPhoneProviderDocument, {{"name", "twilio"},
                                    {"configuration", {{"sid", "AC1"}, {"default_from", "+15550199"}, {"delivery_methods", json::array{"text"}}}},
                                    {"credentials", credentials}});
  const PhoneRoute twilio = route(message());
  ASSERT_EQ(twilio.kind, PhoneRoute::Kind::twilio);
  ASSERT_TRUE(send_phone(calls_, twilio, {.tenant = tenant_.id, .to = "+15550100", .body = "1 & 2"}, tenant_.issuer, kNow));
  EXPECT_EQ(calls_.requests[0].url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
  EXPECT_EQ(calls_.requests[0].body, "To=%2B15550100&From=%2B15550199&Body=1%20%26%202");
  EXPECT_EQ(calls_.header("authorization"), "Basic QUMxOk1BUktFRA==");
  ASSERT_TRUE(send_phone(calls_, twilio, {.tenant = tenant_.id, .to = "+15550100", .body = "<1>", .voice = true}, tenant_.issuer, kNow));
  EXPECT_TRUE(calls_.requests[1].url.ends_with("/Calls.json"));
  EXPECT_NE(calls_.requests[1].body.find("%3CSay%3E%26lt%3B1%26gt%3B%3C%2FSay%3E"), std::string::npos) << calls_.requests[1].body;
}

TEST_F(PhoneTest, refusals_are_final_and_failures_are_tried_again) {
  const PhoneRoute twilio{.kind = PhoneRoute::Kind::twilio, .url = "https://api.twilio.com", .account = "AC1"};
  const auto code = [&](int status) {
    calls_.status = status;
    calls_.body = R"({"message":"no such number"})";
    return send_phone(calls_, twilio, {.tenant = tenant_.id, .to = "+15550100"}, tenant_.issuer, kNow).error();
  };
  EXPECT_EQ(code(400).code, Errc::invalid_argument);
  EXPECT_EQ(code(400).message, "Twilio answered 400: no such number");
  EXPECT_EQ(code(429).code, Errc::unavailable);
  EXPECT_EQ(code(503).code, Errc::unavailable);
}

TEST_F(PhoneTest, a_connections_gateway_gets_json_and_a_signed_token) {
  PhoneMessage sms = message();
  sms.sender = {{"connection_id", "con_1"},
                {"provider", "sms_gateway"},
                {"gateway_url", "https://sms.acme.test/send"},
                {"from", "+15550199"},
                {"gateway_authentication", {{"method", "bearer"}, {"subject", "us"}, {"audience", "gw"}, {"secret", "0123456789abcdef"}}}};
  const PhoneRoute gateway = route(sms);
  ASSERT_EQ(gateway.kind, PhoneRoute::Kind::webhook);
  ASSERT_TRUE(send_phone(calls_, gateway, {.tenant = tenant_.id, .to = "+15550100", .body = "hi"}, tenant_.issuer, kNow));
  EXPECT_EQ(calls_.requests[0].url, "https://sms.acme.test/send");
  const json::object body = json::parse(calls_.requests[0].body).as_object();
  EXPECT_EQ(get_string(body, "recipient"), "+15550100");
  EXPECT_EQ(get_string(body, "body"), "hi");
  EXPECT_EQ(get_string(body, "sender"), "+15550199");
  EXPECT_TRUE(calls_.header("authorization").starts_with("Bearer ey"));
}

TEST_F(PhoneTest, the_second_factors_twilio_is_used_once_it_is_selected) {
  document(kGuardianTwilioDocument, seal_phone_credentials({{"sid", "AC2"}, {"auth_token", "t"}, {"from", "+15550111"}}, kGuardianTwilioDocument, tenant_.id, sealer_));
  PhoneMessage sms = message();
  sms.second_factor = true;
  EXPECT_EQ(route(sms).kind, PhoneRoute::Kind::outbox);
  document(kGuardianProviderDocument, {{"provider", "twilio"}});
  EXPECT_EQ(route(sms).account, "AC2");
  EXPECT_EQ(route(sms).secret.reveal(), "t");
  EXPECT_EQ(route(message()).kind, PhoneRoute::Kind::outbox) << "for second factors only";
}

TEST_F(PhoneTest, a_connections_twilio_token_opens_with_its_place) {
  PhoneMessage sms = message();
  sms.sender = {{"connection_id", "con_1"},
                {"provider", "twilio"},
                {"twilio_sid", "AC3"},
                {"twilio_token", sealer_.seal("tok", model::sealed_context("connections", "options.twilio_token", "con_1"))}};
  EXPECT_EQ(route(sms).secret.reveal(), "tok");
  sms.sender["connection_id"] = "con_2";
  EXPECT_FALSE(phone_route(tenants_, sealer_, sms));
}

}  // namespace
}  // namespace gatehouse::messaging
