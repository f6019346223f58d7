#include "management/jobs/completion_mail.h"

#include "management/testing.h"

namespace gatehouse::management {
namespace {

/// Keeps who would get a mail.
class Addressees final : public messaging::Messenger {
 public:
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail& mail) override {
    mails.push_back(mail);
    return {};
  }
  std::vector<messaging::Mail> mails;
};

class CompletionMailTest : public ManagementTest {
 protected:
  UserId add(const std::string& own, bool administrator, bool blocked = false, bool with_address = true) {
    model::User user;
    user.tenant = tenant_;
    user.id = UserId("auth0|" + own);
    if (with_address) user.email = own + "@example.com";
    user.username = own;
    user.blocked = blocked;
    user.identities = {{"Username-Password-Authentication", "auth0", own, false, {}}};
    const model::FirstStores stores{tenants_, clients_, apis_, grants_, connections_, roles_};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
      TRY_VOID(users_.insert(tx, user, std::nullopt, clock_.now()));
      return administrator ? stores.grant_everything(tx, first_->tenant, user.id) : Result<void>{};
    }));
    return user.id;
  }
  std::vector<std::string> told(const json::object& state) {
    messenger_.mails.clear();
    const jobs::Job job{"job_1", tenant_, "users_import", {}, "processing", 1, clock_.now(), state};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) {
      messenger_.mails.clear();
      return CompletionMail({messenger_, users_}).queue(tx, first_->tenant, job, state, {{"status", "completed"}});
    }));
    std::vector<std::string> out;
    for (const messaging::Mail& mail : messenger_.mails) out.push_back(mail.to);
    return out;
  }
  Addressees messenger_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, CompletionMailTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(CompletionMailTest, goes_to_the_administrators_and_to_who_asked) {
  add("admin", true);
  add("blocked", true, true);
  add("nameless", true, false, false);
  const UserId other = add("other", false);
  using All = std::vector<std::string>;
  EXPECT_EQ(told({{"send_completion_email", true}, {"connection", "db"}}), All{"admin@example.com"});
  EXPECT_EQ(*get_string(messenger_.mails[0].variables, "connection"), "db");
  EXPECT_EQ(*get_string(messenger_.mails[0].variables, "job_id"), "job_1");
  EXPECT_EQ(told({{"send_completion_email", true}, {"asked_by", other.str()}}), (All{"admin@example.com", "other@example.com"}));
  EXPECT_EQ(told({{"send_completion_email", true}, {"asked_by", "auth0|admin"}}), All{"admin@example.com"});
  EXPECT_EQ(told({{"send_completion_email", true}, {"asked_by", "auth0|gone"}}), All{"admin@example.com"});
}

TEST_P(CompletionMailTest, is_not_sent_to_who_did_not_want_it) {
  add("admin", true);
  EXPECT_TRUE(told({{"send_completion_email", false}}).empty());
  EXPECT_TRUE(told({}).empty());
}

}  // namespace
}  // namespace gatehouse::management
