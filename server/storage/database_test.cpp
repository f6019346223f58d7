#include "storage/database_suite.h"

#include <thread>

#include "storage/counters.h"
#include "storage/meta.h"

namespace gatehouse::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class DatabaseTest : public DatabaseSuite {};

TEST_P(DatabaseTest, shows_what_was_committed) {
  ASSERT_TRUE(insert("a", "first").ok());
  EXPECT_TRUE(exists("a"));
  EXPECT_EQ(db_->kind(), GetParam());
  EXPECT_TRUE(db_->ping().ok());
}

TEST_P(DatabaseTest, keeps_nothing_of_a_unit_that_returned_an_error) {
  const Result<int64_t> result = db_->write([](Transaction& tx) -> Result<int64_t> {
    TRY_VOID(tx.execute("INSERT INTO things (id) VALUES ($1)", "a"));
    return Error{Errc::not_found, "changed its mind", ""};
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "changed its mind");
  EXPECT_FALSE(exists("a"));
}

TEST_P(DatabaseTest, keeps_nothing_of_a_unit_that_threw_and_lets_the_exception_through) {
  const auto throwing = [&] {
    return db_->write([](Transaction& tx) -> Result<int64_t> {
      TRY_VOID(tx.execute("INSERT INTO things (id) VALUES ($1)", "a"));
      throw std::logic_error("broken invariant");
    });
  };
  EXPECT_THROW((void)throwing(), std::logic_error);
  EXPECT_FALSE(exists("a"));
  EXPECT_TRUE(insert("b", "goes on").ok());
}

TEST_P(DatabaseTest, sees_its_own_changes_inside_the_unit) {
  const auto found = db_->write([](Transaction& tx) -> Result<bool> {
    TRY_VOID(tx.execute("INSERT INTO things (id) VALUES ($1)", "a"));
    TRY(const auto row, tx.query_one("SELECT id FROM things WHERE id = $1", "a"));
    return row.has_value();
  });
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(*found);
}

TEST_P(DatabaseTest, reads_from_one_snapshot) {
  ASSERT_TRUE(insert("a", "x").ok());
  const auto counts = db_->read([&](Reader& reader) -> Result<std::pair<int64_t, int64_t>> {
    TRY(const auto before, reader.query_one("SELECT COUNT(*) FROM things"));
    std::thread([&] { EXPECT_TRUE(insert("b", "y").ok()); }).join();
    TRY(const auto after, reader.query_one("SELECT COUNT(*) FROM things"));
    return std::pair{before->int64(0), after->int64(0)};
  });
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(*counts, std::pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(count(), 2);
}

TEST_P(DatabaseTest, refuses_to_write_through_a_reader) {
  const auto result = db_->read([](Reader& reader) { return reader.query("INSERT INTO things (id) VALUES ('a')"); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Errc::internal);
  EXPECT_FALSE(exists("a"));
}

TEST_P(DatabaseTest, brings_every_type_back_as_it_was) {
  const std::string bytes("\x00\xff'\\x41", 7);
  const std::string text = "Zoë \\ \" ' % 日本 \x01";
  const Timestamp now = from_micros(1'800'000'000'123'456);
  const auto written = db_->write([&](Transaction& tx) {
    return tx.execute("INSERT INTO things (id, name, number, flag, data, used_at) VALUES ($1, $2, $3, $4, $5, $6)", "a", text, INT64_MIN,
                      true, Bytes{bytes}, now);
  });
  ASSERT_TRUE(written.ok()) << written.error().detail;
  EXPECT_EQ(*written, 1);
  const auto row = db_->read([](Reader& reader) {
    return reader.query_one("SELECT name, number, flag, data, used_at, parent FROM things WHERE flag AND flag = TRUE AND flag = $1", true);
  });
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((*row)->text(0), text);
  EXPECT_EQ((*row)->int64(1), INT64_MIN);
  EXPECT_TRUE((*row)->boolean(2));
  EXPECT_EQ((*row)->bytes(3), bytes);
  EXPECT_EQ((*row)->time(4), now);
  EXPECT_TRUE((*row)->is_null(5));
  EXPECT_EQ((*row)->text_or_null(5), std::nullopt);
  EXPECT_THROW((void)(*row)->int64(0), std::logic_error);
}

TEST_P(DatabaseTest, keeps_empty_text_and_empty_bytes_apart_from_null) {
  ASSERT_TRUE(
      db_->write([](Transaction& tx) { return tx.execute("INSERT INTO things (id, name, data) VALUES ('a', $1, $2)", "", Bytes{}); }).ok());
  const auto row = db_->read([](Reader& reader) { return reader.query_one("SELECT name, data FROM things"); });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)->text(0), "");
  EXPECT_EQ((*row)->bytes(1), "");
}

TEST_P(DatabaseTest, binds_parameters_by_number_however_often_and_in_whatever_order_they_appear) {
  ASSERT_TRUE(db_->write([](Transaction& tx) {
                   return tx.execute("INSERT INTO things (name, id, number) VALUES ($2, $1, $3)", "the id", "the name", 7);
                 })
                  .ok());
  const auto row = db_->read([](Reader& reader) {
    return reader.query_one("SELECT id FROM things WHERE number = $3 AND name = $2 AND id = $1 AND (name = $2 OR id = $1) LIMIT $4",
                            "the id", "the name", 7, 1);
  });
  ASSERT_TRUE(row.ok()) << row.error().detail;
  EXPECT_TRUE(row->has_value());
}

TEST_P(DatabaseTest, treats_a_missing_optional_as_null) {
  ASSERT_TRUE(db_->write([](Transaction& tx) {
                   return tx.execute("INSERT INTO things (id, name, used_at) VALUES ('a', $1, $2)", std::optional<std::string>(),
                                     std::optional<Timestamp>());
                 })
                  .ok());
  const auto row = db_->read([](Reader& reader) { return reader.query_one("SELECT name, used_at FROM things"); });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)->text_or_null(0), std::nullopt);
  EXPECT_EQ((*row)->time_or_null(1), std::nullopt);
}

TEST_P(DatabaseTest, refuses_text_with_nul_or_broken_utf8_on_both) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc0\x80"), std::string("\xed\xa0\x80")}) {
    const Result<int64_t> result = insert("a", bad);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, Errc::invalid_argument);
  }
  EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseTest, names_the_column_of_a_unique_violation) {
  ASSERT_TRUE(insert("a", "taken").ok());
  const Result<int64_t> by_name = insert("b", "taken");
  ASSERT_FALSE(by_name.ok());
  EXPECT_EQ(by_name.error().code, Errc::unique_violation);
  EXPECT_EQ(by_name.error().detail, "things.name");
  EXPECT_TRUE(violates(by_name.error(), "things.name"));
  EXPECT_FALSE(violates(by_name.error(), "things.id"));
  const Result<int64_t> by_id = insert("a", "free");
  ASSERT_FALSE(by_id.ok());
  EXPECT_EQ(by_id.error().detail, "things.id");
}

TEST_P(DatabaseTest, names_all_columns_of_a_unique_violation) {
  const auto twice = [&] {
    return db_->write(
        [](Transaction& tx) { return tx.execute("INSERT INTO counters (tenant, name, slot, value) VALUES ('t', 'n', 5, 0)"); });
  };
  ASSERT_TRUE(twice().ok());
  const auto result = twice();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().detail, "counters.tenant, counters.name, counters.slot");
  EXPECT_TRUE(violates(result.error(), "counters.name"));
  EXPECT_FALSE(result.error().message.find("counters") != std::string::npos) << "the public message names no tables";
}

TEST_P(DatabaseTest, tells_a_reference_violation) {
  const auto orphan = db_->write([](Transaction& tx) { return tx.execute("INSERT INTO things (id, parent) VALUES ('a', 'nobody')"); });
  ASSERT_FALSE(orphan.ok());
  EXPECT_EQ(orphan.error().code, Errc::reference_violation);
  ASSERT_TRUE(insert("p", "parent").ok());
  ASSERT_TRUE(db_->write([](Transaction& tx) { return tx.execute("INSERT INTO things (id, parent) VALUES ('c', 'p')"); }).ok());
  const auto still_needed = db_->write([](Transaction& tx) { return tx.execute("DELETE FROM things WHERE id = 'p'"); });
  ASSERT_FALSE(still_needed.ok());
  EXPECT_EQ(still_needed.error().code, Errc::reference_violation);
}

TEST_P(DatabaseTest, rolls_back_when_a_statement_failed_even_if_the_unit_ignores_it) {
  ASSERT_TRUE(insert("a", "taken").ok());
  std::optional<Errc> later;
  const auto result = db_->write([&](Transaction& tx) -> Result<int> {
    (void)tx.execute("INSERT INTO things (id) VALUES ('b')");
    (void)tx.execute("INSERT INTO things (id, name) VALUES ('c', 'taken')");
    const auto after = tx.query("SELECT 1");
    if (!after) later = after.error().code;
    return 1;
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Errc::unique_violation);
  EXPECT_EQ(later, Errc::unique_violation);
  EXPECT_FALSE(exists("b"));
}

TEST_P(DatabaseTest, survives_a_collision_with_on_conflict) {
  ASSERT_TRUE(insert("a", "taken").ok());
  const auto changed = db_->write(
      [](Transaction& tx) { return tx.execute("INSERT INTO things (id, name) VALUES ('b', 'taken') ON CONFLICT (name) DO NOTHING"); });
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(*changed, 0);
}

TEST_P(DatabaseTest, counts_changed_rows) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(insert(id, id).ok());
  const auto updated = db_->write([](Transaction& tx) { return tx.execute("UPDATE things SET number = 1 WHERE id <> $1", "b"); });
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(*updated, 2);
  const auto none = db_->write([](Transaction& tx) { return tx.execute("DELETE FROM things WHERE id = 'nobody'"); });
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, 0);
}

TEST_P(DatabaseTest, sorts_and_compares_text_by_bytes_and_likes_with_case) {
  for (const char* id : {"b", "a", "B", "ä", "Z", "_"}) ASSERT_TRUE(insert(id, id).ok());
  const auto rows = db_->read([](Reader& reader) { return reader.query("SELECT id FROM things ORDER BY id"); });
  ASSERT_TRUE(rows.ok());
  std::string order;
  for (const Row& row : *rows) order += row.text(0);
  EXPECT_EQ(order, "BZ_abä");
  const auto like = db_->read([](Reader& reader) { return reader.query("SELECT id FROM things WHERE id LIKE $1 ESCAPE '\\'", "b%"); });
  ASSERT_TRUE(like.ok());
  EXPECT_EQ(like->size(), 1u);
}

TEST_P(DatabaseTest, tells_a_wrong_statement_from_a_dead_database) {
  for (const char* sql : {"SELECT nonsense FROM things", "SELECT 1; SELECT 2", "SELECT $2", "", "SELECT \"x\""}) {
    const auto result = db_->read([&](Reader& reader) { return reader.query(sql); });
    ASSERT_FALSE(result.ok()) << sql;
    EXPECT_EQ(result.error().code, Errc::internal) << sql;
  }
  EXPECT_TRUE(insert("a", "goes on").ok());
}

TEST_P(DatabaseTest, refuses_a_unit_of_work_inside_another) {
  const auto inner_write = db_->write([&](Transaction&) { return insert("a", "a"); });
  ASSERT_FALSE(inner_write.ok());
  EXPECT_EQ(inner_write.error().code, Errc::internal);
  const auto inner_read = db_->write([&](Transaction&) { return db_->read([](Reader& reader) { return reader.query("SELECT 1"); }); });
  ASSERT_FALSE(inner_read.ok());
  const auto write_in_read = db_->read([&](Reader&) { return insert("a", "a"); });
  ASSERT_FALSE(write_in_read.ok());
  EXPECT_TRUE(insert("a", "a").ok());
}

TEST_P(DatabaseTest, tells_subscribers_what_changed_after_the_commit_and_before_write_returns) {
  const auto heard = std::make_shared<Heard>();
  db_->subscribe([heard](const TenantId& tenant, std::string_view what) { heard->add(tenant, what); });
  bool too_early = false;
  ASSERT_TRUE(db_->write([&](Transaction& tx) {
                   tx.invalidate(TenantId("acme"), "clients");
                   tx.invalidate(TenantId("acme"), "clients");
                   tx.invalidate(TenantId("acme"), "roles");
                   too_early = !heard->all().empty();
                   return tx.execute("INSERT INTO things (id) VALUES ('a')");
                 })
                  .ok());
  EXPECT_FALSE(too_early);
  EXPECT_THAT(heard->all(), ElementsAre(Pair("acme", "clients"), Pair("acme", "roles")));
}

TEST_P(DatabaseTest, tells_subscribers_nothing_when_the_unit_rolled_back) {
  const auto heard = std::make_shared<Heard>();
  db_->subscribe([heard](const TenantId& tenant, std::string_view what) { heard->add(tenant, what); });
  (void)db_->write([&](Transaction& tx) -> Result<int> {
    tx.invalidate(TenantId("acme"), "clients");
    return Error{Errc::not_found, "no", ""};
  });
  EXPECT_THAT(heard->all(), ElementsAre());
}

TEST_P(DatabaseTest, tells_a_subscription_nothing_after_its_end) {
  int heard = 0;
  const auto change = [&] {
    return db_->write([](Transaction& tx) -> Result<int> {
      tx.invalidate(TenantId("acme"), "clients");
      return 1;
    });
  };
  {
    const Subscription subscription(*db_, [&](const TenantId&, std::string_view) { ++heard; });
    ASSERT_TRUE(change().ok());
    EXPECT_EQ(heard, 1);
  }
  ASSERT_TRUE(change().ok());
  EXPECT_EQ(heard, 1);
}

TEST_P(DatabaseTest, keeps_totals_in_the_transaction_that_changes_them) {
  const TenantId acme("acme");
  ASSERT_TRUE(db_->write([&](Transaction& tx) { return counters::add(tx, acme, "users", 5); }).ok());
  ASSERT_TRUE(db_->write([&](Transaction& tx) { return counters::add(tx, acme, "users", -2); }).ok());
  (void)db_->write([&](Transaction& tx) -> Result<void> {
    TRY_VOID(counters::add(tx, acme, "users", 100));
    return Error{Errc::not_found, "no", ""};
  });
  const auto total = [&](const TenantId& tenant, const char* name) {
    return db_->read([&](Reader& reader) { return counters::get(reader, tenant, name); });
  };
  EXPECT_EQ(*total(acme, "users"), 3);
  EXPECT_EQ(*total(acme, "roles"), 0);
  EXPECT_EQ(*total(TenantId("other"), "users"), 0);
}

TEST_P(DatabaseTest, remembers_facts_about_the_deployment) {
  ASSERT_TRUE(db_->write([](Transaction& tx) { return meta::set(tx, "canary", "one"); }).ok());
  ASSERT_TRUE(db_->write([](Transaction& tx) { return meta::set(tx, "canary", "two"); }).ok());
  EXPECT_EQ(*db_->read([](Reader& reader) { return meta::get(reader, "canary"); }), std::optional<std::string>("two"));
  EXPECT_EQ(*db_->read([](Reader& reader) { return meta::get(reader, "issuer"); }), std::nullopt);
}

TEST_P(DatabaseTest, still_has_everything_after_a_restart) {
  ASSERT_TRUE(insert("a", "kept").ok());
  db_.reopen();
  EXPECT_TRUE(exists("a"));
  EXPECT_TRUE(insert("b", "more").ok());
}

EACH_DATABASE(DatabaseTest);

}  // namespace
}  // namespace gatehouse::storage
