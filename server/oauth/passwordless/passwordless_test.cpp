#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class PasswordlessFlow : public ProtocolTest {
 protected:
  PasswordlessFlow() {
    for (const std::string strategy : {"email", "sms"}) {
      gatehouse::Result<void> made = w.db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
        const std::string id = "con_" + strategy;
        TRY(const auto there, w.connections.objects().find(tx, World::kTenant, id));
        model::StoredObject stored{.id = id, .properties = {{"name", strategy}, {"strategy", strategy}, {"enabled_clients", enabled(there)}, {"options", {{"brute_force_protection", true}}}}};
        if (!there) return w.connections.objects().insert(tx, World::kTenant, stored, w.clock.now());
        stored.position = there->position;
        return w.connections.objects().replace(tx, World::kTenant, stored, w.clock.now());
      });
      EXPECT_TRUE(made.ok());
    }
  }
  json::array enabled(const std::optional<model::StoredObject>& there) const {
    json::array list = there ? there->properties.at("enabled_clients").as_array() : json::array{};
    list.emplace_back(client.str());
    return list;
  }
  http::Response start(json::object body) {
    body["client_id"] = client.str();
    if (!body.contains("client_secret")) body["client_secret"] = World::secret(app);
    return w.post_json("/passwordless/start", body);
  }
  http::Response redeem(const std::string& address, const std::string& otp, const std::string& realm = "email") {
    return w.token({{"grant_type", "http://auth0.com/oauth/grant-type/passwordless/otp"},
                    {"client_id", client.str()},
                    {"client_secret", World::secret(app)},
                    {"username", address},
                    {"otp", otp},
                    {"realm", realm},
                    {"scope", "openid email"}});
  }
  std::string mailed() const { return std::string(*get_string(w.mail.last_mail.variables, "code")); }
  const std::string app = unique("pwless");
  const ClientId client = w.add_client(app, {{"grant_types", json::array{"authorization_code", "http://auth0.com/oauth/grant-type/passwordless/otp"}}});
  const std::string address = unique("ada") + "@example.com";
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, PasswordlessFlow, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(PasswordlessFlow, a_mailed_code_is_exchanged_for_tokens_once) {
  const http::Response started = start({{"connection", "email"}, {"email", address}, {"send", "code"}});
  ASSERT_EQ(started.status, 200) << started.body;
  EXPECT_EQ(text(json_of(started), "email"), address);
  const http::Response tokens = redeem(address, mailed());
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  const json::object claims = claims_of(text(json_of(tokens), "id_token"));
  EXPECT_EQ(text(claims, "email"), address);
  EXPECT_EQ(text(claims, "sub"), "email|" + text(json_of(started), "_id"));
  EXPECT_EQ(w.events.count("seotpft", client), 1u);
  const http::Response again = redeem(address, mailed());
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(text(json_of(again), "error"), "invalid_grant");
  EXPECT_EQ(w.events.count("fepotpft", client), 1u);
  EXPECT_EQ(text(json_of(again), "error_description"), "Wrong email or verification code.");
}

TEST_P(PasswordlessFlow, a_texted_code_works_by_both_endpoints) {
  const std::string number = "+1555" + std::to_string(1'000'000 + w.clock.now().time_since_epoch().count() % 1'000'000);
  ASSERT_EQ(start({{"connection", "sms"}, {"phone_number", number}}).status, 200);
  const std::string code(*get_string(w.mail.last_phone.variables, "code"));
  EXPECT_EQ(redeem(number, "000000x", "sms").status, 403);
  const http::Response verified = w.post_json("/passwordless/verify", json::object{{"client_id", client.str()},
                                                                                   {"client_secret", World::secret(app)},
                                                                                   {"connection", "sms"},
                                                                                   {"username", number},
                                                                                   {"password", code},
                                                                                   {"scope", "openid"}});
  ASSERT_EQ(verified.status, 200) << verified.body;
  EXPECT_TRUE(text(claims_of(text(json_of(verified), "id_token")), "sub").starts_with("sms|"));
}

TEST_P(PasswordlessFlow, what_is_no_text_or_not_ours_is_refused) {
  EXPECT_EQ(start({{"connection", "email"}, {"email", json::array{address, "eve@example.com"}}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", json::object{{"$ne", ""}}}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", address}, {"send", json::array{"code"}}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", address}, {"authParams", "x"}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", address}, {"authParams", {{"scope", json::array{"openid"}}}}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", address}, {"authParams", {{"redirect_uri", "https://evil.example/"}}}}).status, 400);
  EXPECT_EQ(start({{"connection", "email"}, {"email", address}, {"client_secret", "wrong"}}).status, 401);
  EXPECT_EQ(text(json_of(start({{"connection", "email"}, {"email", "nobody"}})), "error"), "bad.email");
  EXPECT_EQ(text(json_of(start({{"connection", "sms"}, {"phone_number", "12"}})), "error"), "bad.phone_number");
  EXPECT_EQ(start({{"connection", std::string(World::kConnection)}, {"email", address}}).status, 403);
  EXPECT_EQ(start({{"connection", "email"}}).status, 400);
}

TEST_P(PasswordlessFlow, a_link_leads_through_authorize_with_nothing_of_its_own_rights) {
  const std::string callback = "https://" + app + ".example/cb";
  ASSERT_EQ(start({{"connection", "email"},
                   {"email", address},
                   {"authParams", {{"redirect_uri", callback}, {"scope", "openid"}, {"state", "s1"}, {"connection", "other"}, {"prompt", "none"}}}})
                .status,
            200);
  const std::string link(*get_string(w.mail.last_mail.variables, "link"));
  const http::Response answer = w.call(http::Method::GET, link.substr(World::kIssuer.size() - 1));
  ASSERT_EQ(answer.status, 303) << answer.body;
  EXPECT_EQ(location_parameter(answer, "client_id"), client.str());
  EXPECT_EQ(location_parameter(answer, "prompt"), "login");
  EXPECT_EQ(location_parameter(answer, "connection"), "email");
  EXPECT_EQ(location_parameter(answer, "state"), "s1");
  EXPECT_EQ(location_parameter(answer, "login_hint"), address);
  EXPECT_EQ(location_parameter(answer, "redirect_uri"), callback);
  EXPECT_EQ(location_parameter(answer, "verification_code"), mailed());
}

}  // namespace
}  // namespace gatehouse::oauth
