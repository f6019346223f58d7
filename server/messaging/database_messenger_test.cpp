#include "messaging/database_messenger.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "crypto/testing.h"
#include "jobs/job_queue.h"
#include "messaging/email_provider.h"
#include "messaging/mail_templates.h"
#include "storage/testing.h"

namespace gatehouse::messaging {
namespace {

const TenantId kAcme("acme");

class MessengerTest : public ::testing::TestWithParam<std::string> {
 protected:
  MessengerTest() {
    model::Tenant tenant;
    tenant.id = kAcme;
    tenant.issuer = "https://localhost:8443/";
    tenant.host = "localhost:8443";
    tenant.settings = {{"friendly_name", "Acme"}};
    const auto done = db_->write([&](storage::Transaction& tx) { return tenants_.insert(tx, tenant, clock_.now()); });
    EXPECT_TRUE(done) << done.error().detail;
  }
  ~MessengerTest() override { std::filesystem::remove_all(folder_); }

  Result<void> queue(const std::string& name, const std::string& to, const json::object& variables = {}) {
    clock_.advance(milliseconds(1));
    return db_->write([&](storage::Transaction& tx) { return messenger_.queue_mail(tx, {kAcme, name, to, variables, ""}); });
  }
  void document(std::string_view name, const json::object& value) {
    const auto done = db_->write([&](storage::Transaction& tx) { return tenants_.put_document(tx, kAcme, name, value); });
    ASSERT_TRUE(done) << done.error().detail;
  }
  std::vector<std::string> outbox() const {
    std::vector<std::string> files;
    if (!std::filesystem::exists(folder_ + "/outbox")) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/outbox")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }
  static std::string read(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  ManualClock clock_;
  crypto::FakeRandom random_;
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), random_};
  model::TenantStore tenants_{*db_};
  jobs::DatabaseJobQueue jobs_{*db_, clock_, random_};
  std::string folder_ = std::filesystem::temp_directory_path() / ("gatehouse-messenger-" + crypto::SystemRandom().hex(12));
  std::vector<DatabaseMessenger::Problem> problems_;
  DatabaseMessenger messenger_{{jobs_, tenants_, sealer_, clock_, {.allow_loopback = true}, folder_ + "/outbox"},
                               [this](const DatabaseMessenger::Problem& problem) { problems_.push_back(problem); }};

  void SetUp() override { std::filesystem::create_directory(folder_); }
};

TEST_P(MessengerTest, WritesMailsIntoTheOutboxInTheOrderQueued) {
  ASSERT_TRUE(queue("reset_email", "ada@example.com", {{"url", "https://localhost:8443/u/reset?ticket=T1"}}));
  ASSERT_TRUE(queue("verify_email", "bob@example.com", {{"url", "https://localhost:8443/u/verify?ticket=T2"}}));
  EXPECT_TRUE(outbox().empty()) << "a job sends them, not the request";
  ASSERT_EQ(*jobs_.run_due(), 2u);
  const auto files = outbox();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_NE(read(files[0]).find("\r\nTo: ada@example.com\r\n"), std::string::npos) << read(files[0]);
  EXPECT_NE(read(files[0]).find("https://localhost:8443/u/reset?ticket=T1"), std::string::npos);
  EXPECT_NE(read(files[1]).find("\r\nTo: bob@example.com\r\n"), std::string::npos);
  struct stat info{};
  ASSERT_EQ(stat(files[0].c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((folder_ + "/outbox").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_P(MessengerTest, KeepsLinksSealedWhileTheyWait) {
  ASSERT_TRUE(queue("reset_email", "ada@example.com", {{"url", "https://localhost:8443/u/reset?ticket=MARKED"}}));
  const auto rows = db_->read([](storage::Reader& reader) { return reader.query("SELECT payload FROM jobs WHERE due_at <= $1", int64_t{INT64_MAX}); });
  ASSERT_TRUE(rows && rows->size() == 1);
  EXPECT_EQ(rows->front().text(0).find("MARKED"), std::string::npos);
  EXPECT_EQ(rows->front().text(0).find("ada@"), std::string::npos);
}

TEST_P(MessengerTest, RefusesAddressesThatCouldInjectHeaders) {
  EXPECT_FALSE(queue("reset_email", "ada@example.com\r\nBcc: eve@example.com"));
  EXPECT_EQ(*jobs_.run_due(), 0u);
}

TEST_P(MessengerTest, UsesTheTenantsTemplateAndItsSwitch) {
  document(mail_template_document("verify_email"), {{"body", "<b>{{ user.email }}</b>"}, {"subject", "Own"}, {"enabled", true}});
  ASSERT_TRUE(queue("verify_email", "ada@example.com", {{"user", {{"email", "ada@example.com"}}}}));
  ASSERT_TRUE(queue("welcome_email", "ada@example.com"));
  ASSERT_EQ(*jobs_.run_due(), 2u);
  ASSERT_EQ(outbox().size(), 1u) << "nobody switched welcome mails on";
  EXPECT_NE(read(outbox()[0]).find("Subject: Own"), std::string::npos);
  EXPECT_NE(read(outbox()[0]).find("<b>ada@example.com</b>"), std::string::npos);
  document(mail_template_document("verify_email"), {{"enabled", false}});
  ASSERT_TRUE(queue("verify_email", "ada@example.com"));
  ASSERT_EQ(*jobs_.run_due(), 1u);
  EXPECT_EQ(outbox().size(), 1u);
}

TEST_P(MessengerTest, SaysWhenATemplateHadToBeReplaced) {
  document(mail_template_document("reset_email"), {{"body", "{{ oops"}, {"enabled", true}});
  ASSERT_TRUE(queue("reset_email", "ada@example.com"));
  ASSERT_EQ(*jobs_.run_due(), 1u);
  EXPECT_EQ(outbox().size(), 1u);
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_FALSE(problems_[0].lost);
}

TEST_P(MessengerTest, SealsProvidersAndSendsNothingToTheOutboxWhenOneIsSet) {
  const json::object credentials = seal_email_credentials(
      "smtp", {{"smtp_host", "127.0.0.1"}, {"smtp_port", 1}, {"smtp_user", "u"}, {"smtp_pass", "MARKED"}}, kAcme, sealer_);
  const json::object sealed{{"name", "smtp"}, {"enabled", true}, {"default_from_address", "no-reply@acme.test"}, {"credentials", credentials}};
  EXPECT_EQ(json::serialize(sealed).find("MARKED"), std::string::npos);
  EXPECT_EQ(open_email_credential(sealed, "smtp_pass", kAcme, sealer_)->reveal(), "MARKED");
  EXPECT_FALSE(open_email_credential(sealed, "smtp_pass", TenantId("other"), sealer_));
  EXPECT_EQ(json::serialize(show_email_provider(sealed)).find("smtp_pass"), std::string::npos);
  EXPECT_EQ(get_string(*get_object(show_email_provider(sealed), "credentials"), "smtp_user"), "u");

  document(kEmailProviderDocument, sealed);
  ASSERT_TRUE(queue("reset_email", "ada@example.com"));
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(jobs_.run_due());  // nothing listens on port 1
    clock_.advance(std::chrono::hours(3));  // longer than the longest pause
  }
  EXPECT_TRUE(outbox().empty());
  ASSERT_EQ(problems_.size(), 1u) << "told once, when it is given up";
  EXPECT_EQ(problems_[0].template_name, "reset_email");
  EXPECT_EQ(problems_[0].to, "ada@example.com");
}

TEST_P(MessengerTest, WritesPhoneMessages) {
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return messenger_.queue_sms(tx, {kAcme, "+4930123456", "Your code: 123456", {{"message_type", "otp_verify"}}}); }));
  ASSERT_EQ(*jobs_.run_due(), 1u);
  ASSERT_EQ(outbox().size(), 1u);
  EXPECT_TRUE(outbox()[0].ends_with(".sms.json"));
  const json::value sms = json::parse(read(outbox()[0]));
  EXPECT_EQ(sms.at("to"), "+4930123456");
  EXPECT_EQ(sms.at("body"), "Your code: 123456");
  EXPECT_EQ(sms.at("message_type"), "otp_verify");
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, MessengerTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::messaging
