#include "management/tickets/tickets_resource.h"

#include "attack_protection/settings.h"
#include "management/attack_protection/attack_protection_resource.h"
#include "management/testing.h"
#include "management/user_blocks/user_blocks_resource.h"

namespace gatehouse::management {
namespace {

struct NoMail final : messaging::Messenger {
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail&) override { return {}; }
};

class TicketsTest : public ManagementTest {
 protected:
  TicketsTest() {
    tickets_resource_.mount();
    blocks_.mount();
    settings_.mount();
    user_.id = UserId("auth0|1");
    user_.tenant = tenant_;
    user_.email = "ada@example.com";
    user_.identities = {{"Username-Password-Authentication", "auth0", "1", false, {}}};
    const auto stored = db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user_, std::nullopt, clock_.now()); });
    EXPECT_TRUE(stored) << stored.error().detail;
  }
  model::TicketStore::Found found(const Answer& answer, std::string_view kind) {
    const std::string url = answer.text("ticket");
    return *db_->read([&](storage::Reader& reader) { return tickets_.find(reader, tenant_, kind, url.substr(url.find("ticket=") + 7), clock_.now()); });
  }
  void fail_logins(int n) {
    for (int i = 0; i < n; ++i) EXPECT_TRUE(protection_.begin(tenant_, true, "ada@example.com", "192.0.2.7"));
  }
  model::User user_;
  NoMail mail_;
  model::TicketStore tickets_;
  attack_protection::AttackProtection protection_{*db_, tenants_, mail_, random_, clock_};
  TicketsResource tickets_resource_{api_, {clients_, connections_, users_, tickets_}};
  UserBlocksResource blocks_{api_, users_, protection_};
  AttackProtectionResource settings_{api_, tenants_};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, TicketsTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(TicketsTest, a_password_change_ticket_is_a_link_of_the_issuer) {
  const Answer made = post("/tickets/password-change", R"({"user_id":"auth0|1","result_url":"https://shop.example.com/done","ttl_sec":60,"mark_email_as_verified":true})");
  ASSERT_EQ(made.status, 201);
  EXPECT_TRUE(made.text("ticket").starts_with("https://localhost:8443/u/reset-verify?ticket="));
  const auto ticket = found(made, "change_password");
  EXPECT_EQ(ticket.state, model::TicketStore::State::valid);
  EXPECT_EQ(ticket.ticket->data.at("result_url"), json::value("https://shop.example.com/done"));
  clock_.advance(seconds(61));
  EXPECT_EQ(found(made, "change_password").state, model::TicketStore::State::expired);
}

TEST_P(TicketsTest, a_user_may_be_named_by_address_and_connection) {
  const std::string connection = first_->connection.id;
  EXPECT_EQ(post("/tickets/password-change", R"({"email":"ADA@example.com","connection_id":")" + connection + R"("})").status, 201);
  EXPECT_EQ(post("/tickets/password-change", R"({"email":"bob@example.com","connection_id":")" + connection + R"("})").text("errorCode"), "inexistent_user");
  EXPECT_EQ(post("/tickets/password-change", R"({"email":"ada@example.com","connection_id":"con_0000000000000000"})").text("errorCode"), "inexistent_connection");
}

TEST_P(TicketsTest, a_verification_ticket_is_a_link_too) {
  const Answer made = post("/tickets/email-verification", R"({"user_id":"auth0|1"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(found(made, "verify_email").state, model::TicketStore::State::valid);
  EXPECT_EQ(post("/tickets/email-verification", R"({"user_id":"auth0|2"})").status, 404);
  EXPECT_EQ(post("/tickets/email-verification", R"({"user_id":"auth0|1","client_id":"nobody"})").status, 404);
}

TEST_P(TicketsTest, bad_bodies_are_refused_and_scopes_are_needed) {
  for (const char* body : {"{}", R"({"user_id":1})", R"({"user_id":"auth0|1","ttl_sec":-1})", R"({"user_id":"auth0|1","unknown":1})"}) {
    EXPECT_EQ(post("/tickets/password-change", body).status, 400) << body;
    EXPECT_EQ(post("/tickets/email-verification", body).status, 400) << body;
  }
  scopes_ = "read:users";
  EXPECT_EQ(post("/tickets/password-change", R"({"user_id":"auth0|1"})").status, 403);
}

TEST_P(TicketsTest, blocks_are_shown_and_lifted_by_user_and_by_identifier) {
  fail_logins(10);
  const std::string expected = R"({"blocked_for":[{"identifier":"ada@example.com","ip":"192.0.2.7"}]})";
  EXPECT_EQ(json::serialize(get("/user-blocks/auth0%7C1").body), expected);
  EXPECT_EQ(json::serialize(get("/user-blocks?identifier=ADA%40example.com").body), expected);
  EXPECT_EQ(remove("/user-blocks/auth0%7C1").status, 204);
  EXPECT_EQ(json::serialize(get("/user-blocks/auth0%7C1").body), R"({"blocked_for":[]})");
  fail_logins(10);
  EXPECT_EQ(remove("/user-blocks?identifier=ada%40example.com").status, 204);
  EXPECT_EQ(json::serialize(get("/user-blocks/auth0%7C1").body), R"({"blocked_for":[]})");
  EXPECT_EQ(get("/user-blocks/auth0%7C2").status, 404);
  EXPECT_EQ(get("/user-blocks").status, 400);
}

TEST_P(TicketsTest, protection_settings_have_defaults_and_change_in_part) {
  EXPECT_EQ(json::serialize(get("/attack-protection/brute-force-protection").body),
            R"({"enabled":true,"shields":["block","user_notification"],"mode":"count_per_identifier_and_ip","allowlist":[],"max_attempts":10})");
  ASSERT_EQ(patch("/attack-protection/brute-force-protection", R"({"max_attempts":2})").status, 200);
  EXPECT_EQ(get("/attack-protection/brute-force-protection").object().at("max_attempts"), json::value(2));
  fail_logins(2);
  EXPECT_EQ(protection_.begin(tenant_, true, "ada@example.com", "192.0.2.7")->verdict, attack_protection::AttackProtection::Verdict::too_many_attempts);
  const Answer changed = patch("/attack-protection/suspicious-ip-throttling", R"({"stage":{"pre-login":{"max_attempts":5}}})");
  EXPECT_EQ(json::serialize(changed.object().at("stage").at("pre-login")), R"({"max_attempts":5,"rate":864000})");
  EXPECT_EQ(json::serialize(changed.object().at("stage").at("pre-user-registration")), R"({"max_attempts":50,"rate":1200})");
  for (const char* body : {R"({"max_attempts":0})", R"({"max_attempts":101})", R"({"mode":"x"})", R"({"shields":["x"]})", R"({"allowlist":["nonsense"]})", R"({"x":1})"})
    EXPECT_EQ(patch("/attack-protection/brute-force-protection", body).status, 400) << body;
}

}  // namespace
}  // namespace gatehouse::management
