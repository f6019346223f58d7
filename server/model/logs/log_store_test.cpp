#include "model/logs/log_store.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kAcme("acme"), kOther("other");
const Timestamp kDay = std::chrono::sys_days(std::chrono::year(2026) / 4 / 23);

class LogStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void add(LogEntry entry, const TenantId& tenant = kAcme) {
    const std::string number = std::to_string(++count_);
    entry.tenant = tenant;
    entry.log_id = log_id_prefix(entry.date) + std::string(33 - number.size(), '0') + number;
    const auto done = db_->write([&](storage::Transaction& tx) { store_.insert(tx, {&entry, 1}); return Result<void>(); });
    ASSERT_TRUE(done) << done.error().detail;
  }
  /// Types of the events found, newest first.
  std::string search(const std::string& q, const std::string& user = "") {
    const auto found = db_->read([&](storage::Reader& reader) { return store_.list(reader, kAcme, {user, q}, {}); });
    if (!found) return "error: " + found.error().message + found.error().detail;
    std::string out;
    for (const LogEntry& entry : *found) out += (out.empty() ? "" : " ") + entry.type;
    return out;
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  LogStore store_;
  int count_ = 0;
};

TEST_P(LogStoreTest, GivesBackWhatWasWritten) {
  add({.date = kDay, .type = "s", .description = "Successful login", .client_id = "c", .user_id = "auth0|1", .data = R"({"details":{"a":1}})"});
  const auto all = db_->read([&](storage::Reader& reader) { return store_.list(reader, kAcme, {}, {}); });
  ASSERT_TRUE(all && all->size() == 1) << all.error().detail;
  const json::object shown = all->front().to_json(kAcme);
  EXPECT_EQ(shown.at("date"), "2026-04-23T00:00:00.000Z");
  EXPECT_EQ(shown.at("_id"), shown.at("log_id"));
  EXPECT_EQ(shown.at("log_id").as_string().size(), 56u);
  EXPECT_TRUE(shown.at("log_id").as_string().starts_with("90020260423000000000000"));
  EXPECT_EQ(shown.at("details").at("a"), 1);
  EXPECT_EQ(shown.at("user_name"), "");
  EXPECT_FALSE(shown.contains("client_name"));
  const auto one = db_->read([&](storage::Reader& reader) { return store_.find(reader, kAcme, all->front().log_id); });
  EXPECT_TRUE(one && *one);
  const auto foreign = db_->read([&](storage::Reader& reader) { return store_.find(reader, kOther, all->front().log_id); });
  EXPECT_TRUE(foreign && !*foreign);
}

TEST_P(LogStoreTest, SearchesAsAuth0Does) {
  add({.date = kDay, .type = "s", .description = "Successful login", .client_id = "abc", .client_name = "Shop", .user_id = "auth0|1",
       .user_name = "ada@example.com", .ip = "192.0.2.1"});
  add({.date = kDay + std::chrono::hours(30), .type = "fp", .description = "Wrong email or password.", .client_id = "abc",
       .user_name = "bob_100%@example.com", .connection = "Username-Password-Authentication"});
  add({.date = kDay + std::chrono::hours(60), .type = "seccft", .description = "Client credentials", .client_id = "xyz", .client_name = "Machine"});
  add({.date = kDay, .type = "foreign"}, kOther);
  const std::pair<const char*, const char*> rows[] = {
      {"", "seccft fp s"},
      {"type:s", "s"},
      {"type:s*", "seccft s"},
      {"type:s OR type:fp", "fp s"},
      {"type:(s OR fp) AND client_id:abc", "fp s"},
      {"NOT type:s", "seccft fp"},
      {"NOT client_name:Shop", "seccft fp"},
      {"user_id:\"auth0|1\"", "s"},
      {"ip:192.0.2.1", "s"},
      {"client_id:ABC", ""},
      {"connection:*Pass*", "fp"},
      {"user_name:bob_1*", "fp"},
      {"user_name:*100%*", "fp"},
      {"user_name:ada*example.com", "s"},
      {"Machine", "seccft"},
      {"description:\"Wrong email or password.\"", "fp"},
      {"date:2026-04-23", "s"},
      {"date:[2026-04-23 TO 2026-04-24]", "fp s"},
      {"date:[2026-04-23 TO 2026-04-24}", "s"},
      {"date:[2026-04-24T06:00:00 TO *]", "seccft fp"},
      {"date:{2026-04-23 TO 2026-04]", "seccft fp"},
      {"_exists_:ip", "s"},
      {"password:x", "error: The field 'password' cannot be searched."},
      {"type:*s", "error: A wildcard in front needs three characters or more."},
      {"date:yesterday", "error: A date looks like 2018-12-18 or 2018-12-18T01:00:00."},
  };
  for (const auto& [q, expected] : rows) EXPECT_EQ(search(q), expected) << q;
  EXPECT_EQ(search("", "auth0|1"), "s");
  EXPECT_EQ(search("type:fp", "auth0|1"), "");
}

TEST_P(LogStoreTest, PagesInBothDirectionsAndByCheckpoint) {
  for (int i = 0; i < 5; ++i) add({.date = kDay + seconds(i), .type = std::to_string(i)});
  const auto types = [](const std::vector<LogEntry>& entries) {
    std::string out;
    for (const LogEntry& entry : entries) out += entry.type;
    return out;
  };
  const auto read = [&](auto work) { return *db_->read(work); };
  EXPECT_EQ(types(read([&](storage::Reader& r) { return store_.list(r, kAcme, {}, {.offset = 1, .limit = 2}); })), "32");
  EXPECT_EQ(types(read([&](storage::Reader& r) { return store_.list(r, kAcme, {}, {.limit = 2, .ascending = true}); })), "01");
  EXPECT_EQ(read([&](storage::Reader& r) { return store_.count(r, kAcme, {}, 3); }), 3);
  const auto first = read([&](storage::Reader& r) { return store_.after(r, kAcme, "", 2, kDay + seconds(60)); });
  EXPECT_EQ(types(first), "01");
  EXPECT_EQ(types(read([&](storage::Reader& r) { return store_.after(r, kAcme, first.back().log_id, 100, kDay + seconds(60)); })), "234");
  EXPECT_EQ(types(read([&](storage::Reader& r) { return store_.after(r, kAcme, "", 100, kDay + seconds(2)); })), "01");
}

TEST_P(LogStoreTest, AlternativesOfOnePropertyComeInTheOrderOfTime) {
  for (int i = 0; i < 30; ++i)
    add({.date = kDay + std::chrono::minutes(i), .type = std::string(1, "sfx"[i % 3]), .description = "", .user_id = i % 2 ? "auth0|1" : ""});
  EXPECT_EQ(search("type:(s OR f)"), "f s f s f s f s f s f s f s f s f s f s");
  EXPECT_EQ(search("(type:s OR type:f) AND user_id:\"auth0|1\""), "s f s f s f s f s f");
  EXPECT_EQ(search("type:s OR user_id:\"auth0|1\" OR type:s"), "x s f s x s f s x s f s x s f s x s f s");
  const LogQuery failures{"", "type:(s OR f OR nothing)"};
  const auto page = db_->read([&](storage::Reader& reader) { return store_.list(reader, kAcme, failures, {17, 5, true}); });
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->size(), 3u);
  EXPECT_EQ((*page)[0].date, kDay + std::chrono::minutes(25));
  EXPECT_EQ(*db_->read([&](storage::Reader& reader) { return store_.count(reader, kAcme, failures, 1000); }), 20);
  EXPECT_EQ(*db_->read([&](storage::Reader& reader) { return store_.count(reader, kAcme, failures, 7); }), 7);
}

TEST_P(LogStoreTest, StoresManyAtOnce) {
  std::vector<LogEntry> entries(70);
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string number = std::to_string(i + 100);
    entries[i] = {.tenant = kAcme, .log_id = log_id_prefix(kDay) + std::string(30, '0') + number, .date = kDay, .type = number};
  }
  entries[69].tenant = kOther;
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { store_.insert(tx, entries); return Result<void>(); }));
  const auto all = db_->read([&](storage::Reader& r) { return store_.list(r, kAcme, {}, {.limit = 100, .ascending = true}); });
  ASSERT_EQ(all->size(), 69u);
  for (size_t i = 0; i < all->size(); ++i) EXPECT_EQ((*all)[i].type, std::to_string(i + 100));
}

TEST_P(LogStoreTest, ForgetsWhatIsOld) {
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tx.execute("INSERT INTO tenants (id, issuer, host, created_at) VALUES ('acme', 'i', 'h', 0)"); }));
  for (int i = 0; i < 5; ++i) add({.date = kDay + std::chrono::days(i), .type = std::to_string(i)});
  const auto removed = db_->write([&](storage::Transaction& tx) { return store_.remove_before(tx, kDay + std::chrono::days(3), 2); });
  EXPECT_EQ(*removed, 2);
  EXPECT_EQ(*db_->write([&](storage::Transaction& tx) { return store_.remove_before(tx, kDay + std::chrono::days(3), 100); }), 1);
  EXPECT_EQ(search(""), "4 3");
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, LogStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::model
