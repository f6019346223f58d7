#include <gtest/gtest.h>

#include "sign_in/testing.h"
#include "webauthn/testing.h"

namespace gatehouse::sign_in {
namespace {

using webauthn::TestAuthenticator;

class PasskeyTest : public ::testing::TestWithParam<std::string> {
 protected:
  PasskeyTest() {
    t_.set_options({{"authentication_methods", json::object{{"passkey", json::object{{"enabled", true}}}}}});
    user_ = t_.add_user("ada@example.com", "Correct-Horse-7");
  }
  /// Gives the user a passkey.
  std::string enrol(TestAuthenticator& authenticator) {
    const auto tenant = t_.tenant();
    const json::object answer =
        authenticator.create(connections::must(passkeys_.ask_new(*tenant, connections::Passkeys::Owner::of(user_), "enrolment")));
    const auto made = connections::must(passkeys_.check_new(*tenant, "enrolment", answer));
    const std::string id = passkeys_.make_id();
    connections::must(t_.db->write(
        [&](storage::Transaction& tx) { return passkeys_.keep(tx, *tenant, user_.id, "enrolment", made, id, "test browser"); }));
    return id;
  }
  json::object ask(const std::string& subject = "login") { return connections::must(passkeys_.ask(*t_.tenant(), subject)); }
  auto sign_in(const json::object& answer, const std::string& subject = "login") {
    return t_.sign_in.with_passkey(t_.attempt("", "192.0.2.7"), subject, answer);
  }
  std::optional<SignInErrc> refusal(const json::object& answer, const std::string& subject = "login") {
    const auto result = sign_in(answer, subject);
    return result ? std::nullopt : std::optional(result.error().code);
  }
  void block() {
    model::User user = t_.user(user_.id);
    user.blocked = true;
    connections::must(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  }
  TestDoor t_{GetParam()};
  connections::Passkeys passkeys_{{*t_.db, t_.users, t_.random, t_.clock}};
  model::User user_;
  TestAuthenticator authenticator_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, PasskeyTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(PasskeyTest, a_passkey_signs_its_user_in_without_a_name) {
  enrol(authenticator_);
  const auto who = sign_in(authenticator_.get(ask()));
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->user().id, user_.id);
  EXPECT_EQ(who->connection(), "Users");
  EXPECT_EQ(who->amr(), (std::vector<std::string>{"phr"}));
  EXPECT_TRUE(t_.log.events.empty()) << "a success is written with what it leads to";
}

TEST_P(PasskeyTest, an_answer_counts_once_and_only_for_the_login_it_was_asked_in) {
  enrol(authenticator_);
  authenticator_.counts = false;
  const json::object answer = authenticator_.get(ask());
  EXPECT_EQ(refusal(answer, "another login"), SignInErrc::wrong_credentials);
  // The authenticator counted when it registered and never since: as if it were a copy.
  EXPECT_EQ(refusal(answer), SignInErrc::wrong_credentials);

  TestAuthenticator second;
  second.counts = false;
  enrol(second);
  const json::object good = second.get(ask());
  EXPECT_EQ(refusal(good), std::nullopt);
  EXPECT_EQ(refusal(good), SignInErrc::wrong_credentials) << "replayed";
  EXPECT_EQ(t_.log.types().back(), "f");
}

TEST_P(PasskeyTest, a_challenge_is_good_for_five_minutes) {
  enrol(authenticator_);
  const json::object answer = authenticator_.get(ask());
  t_.clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(refusal(answer), SignInErrc::wrong_credentials);
}

TEST_P(PasskeyTest, a_newer_page_replaces_the_challenge_of_the_older_one) {
  enrol(authenticator_);
  const json::object older = ask(), newer = ask();
  EXPECT_EQ(refusal(authenticator_.get(older)), SignInErrc::wrong_credentials);
  EXPECT_EQ(refusal(authenticator_.get(newer)), std::nullopt);
}

TEST_P(PasskeyTest, lies_do_not_sign_in) {
  enrol(authenticator_);
  const webauthn::Lies lies[] = {{.origin = "https://login.example.com.evil.test"},
                                 {.rp_id = "evil.test"},
                                 {.type = "webauthn.create"},
                                 {.challenge = std::string(32, 'x')},
                                 {.user_handle = ""},
                                 {.user_handle = "somebody else"},
                                 {.cross_origin = true},
                                 {.sign_count = 1},
                                 {.another_key = true}};
  for (const webauthn::Lies& lie : lies) {
    EXPECT_EQ(refusal(authenticator_.get(ask(), lie)), SignInErrc::wrong_credentials);
    EXPECT_EQ(t_.log.types().back(), "f");
  }
  EXPECT_EQ(refusal(json::object{}), SignInErrc::wrong_credentials);
  EXPECT_EQ(t_.log.events.back().description, "The answer of the passkey does not parse");
}

TEST_P(PasskeyTest, unknown_and_deleted_passkeys_do_not_sign_in) {
  TestAuthenticator stranger;
  (void)stranger.create(connections::must(passkeys_.ask_new(*t_.tenant(), connections::Passkeys::Owner::of(user_), "x")));
  EXPECT_EQ(refusal(stranger.get(ask())), SignInErrc::wrong_credentials);
  const std::string id = enrol(authenticator_);
  connections::must(
      t_.db->write([&](storage::Transaction& tx) { return model::AuthenticationMethodStore().remove(tx, t_.id, user_.id, id); }));
  EXPECT_EQ(refusal(authenticator_.get(ask())), SignInErrc::wrong_credentials);
  EXPECT_EQ(t_.log.events.back().description, "There is no such passkey");
}

TEST_P(PasskeyTest, a_blocked_user_is_told_so_and_stays_outside) {
  enrol(authenticator_);
  block();
  EXPECT_EQ(refusal(authenticator_.get(ask())), SignInErrc::user_blocked);
  EXPECT_EQ(t_.log.types().back(), "f");
}

TEST_P(PasskeyTest, a_connection_without_passkeys_takes_none) {
  enrol(authenticator_);
  t_.set_options({{"authentication_methods", json::object{{"passkey", json::object{{"enabled", false}}}}}});
  EXPECT_EQ(refusal(authenticator_.get(ask())), SignInErrc::invalid_connection);
}

TEST_P(PasskeyTest, refused_answers_are_counted_like_wrong_passwords) {
  enrol(authenticator_);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refusal(authenticator_.get(ask(), {.another_key = true})), SignInErrc::wrong_credentials) << i;
  EXPECT_EQ(refusal(authenticator_.get(ask())), SignInErrc::too_many_attempts);
  const auto with_password = t_.sign_in.with_password(t_.attempt("ada@example.com", "192.0.2.7"), "Correct-Horse-7");
  ASSERT_FALSE(with_password);
  EXPECT_EQ(with_password.error().code, SignInErrc::too_many_attempts);
}

TEST_P(PasskeyTest, a_new_passkey_goes_to_the_user_it_was_asked_for) {
  const model::User other = t_.add_user("eve@example.com", "Correct-Horse-7");
  const auto tenant = t_.tenant();
  const json::object answer =
      authenticator_.create(connections::must(passkeys_.ask_new(*tenant, connections::Passkeys::Owner::of(user_), "s")));
  const auto made = connections::must(passkeys_.check_new(*tenant, "s", answer));
  const auto keep = [&](const UserId& user) {
    return t_.db->write([&](storage::Transaction& tx) { return passkeys_.keep(tx, *tenant, user, "s", made, passkeys_.make_id(), ""); });
  };
  EXPECT_FALSE(keep(other.id));
  EXPECT_TRUE(keep(user_.id));
  EXPECT_FALSE(keep(user_.id)) << "twice";
  const json::object next = connections::must(passkeys_.ask_new(*tenant, connections::Passkeys::Owner::of(user_), "s"));
  EXPECT_EQ(next.at("excludeCredentials").as_array().size(), 1u);
}

TEST_P(PasskeyTest, a_passkey_goes_with_its_account) {
  enrol(authenticator_);
  const model::User primary = t_.add_user("eve@example.com", "Correct-Horse-7");
  const model::User secondary = t_.user(user_.id);
  const auto done = t_.db->write([&](storage::Transaction& tx) -> Result<void> {
    model::User fresh = primary;
    return t_.users.link(tx, fresh, secondary, t_.clock.now());
  });
  ASSERT_TRUE(done) << done.error().message << " " << done.error().detail;
  const auto linked = sign_in(authenticator_.get(ask()));
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->user().id, primary.id);
  const model::User owner = t_.user(primary.id);
  const auto undone = t_.db->write([&](storage::Transaction& tx) -> Result<model::User> {
    model::User fresh = owner;
    return t_.users.unlink(tx, fresh, "auth0", secondary.identities.front().user_id, t_.clock.now());
  });
  ASSERT_TRUE(undone) << undone.error().message << " " << undone.error().detail;
  const auto alone = sign_in(authenticator_.get(ask()));
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->user().id, user_.id);
}

TEST_P(PasskeyTest, one_that_an_administrator_registered_needs_no_user_handle) {
  const std::string id = enrol(authenticator_);
  connections::must(t_.db->write([&](storage::Transaction& tx) -> Result<bool> {
    const model::AuthenticationMethodStore methods;
    TRY(auto method, methods.find(tx, t_.id, id, t_.clock.now()));
    method->webauthn->user_handle.clear();
    return methods.update(tx, *method);
  }));
  EXPECT_EQ(refusal(authenticator_.get(ask())), std::nullopt);
  EXPECT_EQ(refusal(authenticator_.get(ask(), {.user_handle = ""})), std::nullopt);
}

TEST_P(PasskeyTest, a_user_has_at_most_twenty) {
  for (int i = 0; i < 20; ++i) {
    TestAuthenticator authenticator(webauthn::Algorithm::EdDSA);
    enrol(authenticator);
  }
  EXPECT_FALSE(passkeys_.ask_new(*t_.tenant(), connections::Passkeys::Owner::of(user_), "s"));
}

}  // namespace
}  // namespace gatehouse::sign_in
