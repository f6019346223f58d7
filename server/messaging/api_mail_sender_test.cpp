#include "messaging/api_mail_sender.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/encoding.h"

namespace gatehouse::messaging {
namespace {

/// Keeps what it was asked and answers what it was told to.
class Recorder final : public http::Client {
 public:
  Result<http::OutboundResponse> send(const http::OutboundRequest& request) override {
    requests.push_back(request);
    http::OutboundResponse answer = answers.empty() ? http::OutboundResponse{.status = 202} : answers.front();
    if (!answers.empty()) answers.pop_front();
    return answer;
  }
  std::vector<http::OutboundRequest> requests;
  std::deque<http::OutboundResponse> answers;
};

class ApiMailSender : public ::testing::Test {
 protected:
  Result<void> send(std::string_view provider, json::object credentials, json::object settings = {}) {
    const auto secret = [&](std::string_view name) -> Result<SecretString> { return SecretString(std::string(*get_string(credentials, name))); };
    return send_by_api(client_, {provider, credentials, settings, secret}, mail_, from_micros(1'440'938'160'000'000));
  }
  std::string header(std::string_view name, size_t request = 0) const {
    for (const auto& [key, value] : client_.requests.at(request).headers)
      if (key == name) return value;
    return {};
  }
  json::object body(size_t request = 0) const { return parse_json(client_.requests.at(request).body)->as_object(); }
  Recorder client_;
  OutgoingMail mail_{.id = "id", .from = {"Acme", "no-reply@acme.test"}, .to = "ann@example.com", .subject = "Hello", .html = "<p>Hi</p>", .text = "Hi"};
};

TEST_F(ApiMailSender, sendgrid_takes_a_bearer_key_and_a_list_of_personalizations) {
  ASSERT_TRUE(send("sendgrid", {{"api_key", "SG.1"}}));
  EXPECT_EQ(client_.requests[0].url, "https://api.sendgrid.com/v3/mail/send");
  EXPECT_EQ(header("authorization"), "Bearer SG.1");
  EXPECT_EQ(json::serialize(body().at("personalizations")), R"([{"to":[{"email":"ann@example.com"}]}])");
  EXPECT_EQ(json::serialize(body().at("from")), R"({"email":"no-reply@acme.test","name":"Acme"})");
  EXPECT_EQ(body().at("content").as_array().size(), 2u);
}

TEST_F(ApiMailSender, mailgun_takes_a_form_at_the_address_of_its_domain_and_region) {
  ASSERT_TRUE(send("mailgun", {{"api_key", "k"}, {"domain", "mg.acme.test"}, {"region", "eu"}}));
  EXPECT_EQ(client_.requests[0].url, "https://api.eu.mailgun.net/v3/mg.acme.test/messages");
  EXPECT_EQ(header("authorization"), "Basic " + base64_encode("api:k"));
  EXPECT_NE(client_.requests[0].body.find("to=ann%40example.com"), std::string::npos);
}

TEST_F(ApiMailSender, mandrill_may_reject_with_200) {
  client_.answers.push_back({.status = 200, .body = R"([{"email":"ann@example.com","status":"rejected"}])"});
  const auto sent = send("mandrill", {{"api_key", "k"}});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::invalid_argument);
  EXPECT_EQ(json::serialize(body().at("message").at("to")), R"([{"email":"ann@example.com","type":"to"}])");
}

TEST_F(ApiMailSender, sparkpost_and_resend_take_their_own_shapes) {
  ASSERT_TRUE(send("sparkpost", {{"api_key", "k"}}));
  EXPECT_EQ(json::serialize(body().at("recipients")), R"([{"address":{"email":"ann@example.com"}}])");
  ASSERT_TRUE(send("resend", {{"api_key", "re_1"}}));
  EXPECT_EQ(json::serialize(body(1).at("to")), R"(["ann@example.com"])");
  EXPECT_EQ(body(1).at("from").as_string(), "\"Acme\" <no-reply@acme.test>");
}

TEST_F(ApiMailSender, ses_signs_what_it_sends) {
  ASSERT_TRUE(send("ses", {{"accessKeyId", "AKIDEXAMPLE"}, {"secretAccessKey", "secret"}, {"region", "eu-west-1"}}));
  EXPECT_EQ(client_.requests[0].url, "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails");
  EXPECT_EQ(header("x-amz-date"), "20150830T123600Z");
  EXPECT_TRUE(header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/ses/aws4_request, SignedHeaders="));
  const std::string raw(body().at("Content").at("Raw").at("Data").as_string());
  EXPECT_NE(base64_decode(raw)->find("To: ann@example.com"), std::string::npos);
}

TEST_F(ApiMailSender, azure_signs_date_host_and_digest) {
  ASSERT_TRUE(send("azure_cs", {{"connectionString", "endpoint=https://acme.communication.azure.com/;accesskey=" + base64_encode("key")}}));
  EXPECT_EQ(client_.requests[0].url, "https://acme.communication.azure.com/emails:send?api-version=2023-03-31");
  EXPECT_EQ(header("x-ms-date"), "Sun, 30 Aug 2015 12:36:00 GMT");
  EXPECT_EQ(json::serialize(body().at("recipients")), R"({"to":[{"address":"ann@example.com"}]})");
  EXPECT_FALSE(send("azure_cs", {{"connectionString", "nonsense"}}));
}

TEST_F(ApiMailSender, microsoft_is_asked_for_a_token_first) {
  client_.answers.push_back({.status = 200, .body = R"({"access_token":"at"})"});
  ASSERT_TRUE(send("ms365", {{"tenantId", "t"}, {"clientId", "c"}, {"clientSecret", "s"}}));
  ASSERT_EQ(client_.requests.size(), 2u);
  EXPECT_EQ(client_.requests[0].url, "https://login.microsoftonline.com/t/oauth2/v2.0/token");
  EXPECT_EQ(header("authorization", 1), "Bearer at");
  EXPECT_EQ(json::serialize(body(1).at("message").at("toRecipients")), R"([{"emailAddress":{"address":"ann@example.com"}}])");
}

TEST_F(ApiMailSender, another_address_stands_in_for_the_providers_and_busy_ones_are_tried_again) {
  client_.answers.push_back({.status = 429});
  const auto busy = send("sendgrid", {{"api_key", "k"}}, {{"base_url", "https://localhost:4444/sg/"}});
  EXPECT_EQ(client_.requests[0].url, "https://localhost:4444/sg/v3/mail/send");
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, Errc::unavailable);
  client_.answers.push_back({.status = 401});
  EXPECT_EQ(send("sendgrid", {{"api_key", "wrong"}}).error().code, Errc::invalid_argument);
  EXPECT_FALSE(send("nobody", {}));
}

}  // namespace
}  // namespace gatehouse::messaging
