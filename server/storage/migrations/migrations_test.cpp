#include <fstream>
#include <set>
#include <sstream>

#include "storage/database_suite.h"
#include "storage/migrations/runner.h"
#include "storage/postgres/migration_session.h"
#include "storage/sqlite/migration_session.h"
#include "storage/sqlite/sqlite_database.h"

namespace gatehouse::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string translated(std::string_view sql, Dialect dialect) {
  const Result<std::string> result = translate_migration(sql, dialect);
  EXPECT_TRUE(result.ok()) << result.error().detail;
  return result.ok() ? *result : "";
}

TEST(TypeWords, become_the_types_of_each_database) {
  constexpr auto sql =
      "CREATE TABLE IF NOT EXISTS t (tenant id NOT NULL, id id, text text, n int64, b bool DEFAULT (1 > 0), d bytes, j json, PRIMARY KEY "
      "(tenant, id));";
  EXPECT_EQ(translated(sql, Dialect::sqlite),
            "CREATE TABLE IF NOT EXISTS t (tenant TEXT NOT NULL, id TEXT, text TEXT, n INTEGER, b INTEGER DEFAULT (1 > 0), d BLOB, j TEXT, "
            "PRIMARY KEY (tenant, id)) STRICT;");
  EXPECT_EQ(translated(sql, Dialect::postgresql),
            "CREATE TABLE IF NOT EXISTS t (tenant TEXT COLLATE \"C\" NOT NULL, id TEXT COLLATE \"C\", text TEXT COLLATE \"C\", n BIGINT, "
            "b BOOLEAN DEFAULT (1 > 0), d BYTEA, j TEXT COLLATE \"C\", PRIMARY KEY (tenant, id));");
}

TEST(TypeWords, are_found_in_an_added_column) {
  EXPECT_EQ(translated("ALTER TABLE t ADD COLUMN id id; ALTER TABLE t ADD flag bool NOT NULL DEFAULT FALSE;", Dialect::postgresql),
            "ALTER TABLE t ADD COLUMN id TEXT COLLATE \"C\"; ALTER TABLE t ADD flag BOOLEAN NOT NULL DEFAULT FALSE;");
}

TEST(TypeWords, are_left_alone_everywhere_else) {
  constexpr auto sql =
      "-- id text (bool\nCREATE UNIQUE INDEX id ON text (id, json) WHERE text IS NOT NULL; /* CREATE TABLE (x */ UPDATE t SET id = 'bool, "
      "text';";
  EXPECT_EQ(translated(sql, Dialect::sqlite), sql);
  EXPECT_EQ(translated(sql, Dialect::postgresql), sql);
}

TEST(TypeWords, do_not_mistake_constraints_for_columns) {
  constexpr auto sql =
      "CREATE TABLE t (a id, CONSTRAINT one UNIQUE (a), CHECK (a <> 'x, y'), FOREIGN KEY (a) REFERENCES u (id)); SELECT (1, 2);";
  EXPECT_EQ(
      translated(sql, Dialect::sqlite),
      "CREATE TABLE t (a TEXT, CONSTRAINT one UNIQUE (a), CHECK (a <> 'x, y'), FOREIGN KEY (a) REFERENCES u (id)) STRICT; SELECT (1, 2);");
}

TEST(TypeWords, make_bytes_literals_for_postgresql) {
  EXPECT_EQ(translated("INSERT INTO t VALUES (x'00ff');", Dialect::postgresql), "INSERT INTO t VALUES ('\\x00ff'::bytea);");
  EXPECT_EQ(translated("INSERT INTO t VALUES (x'00ff');", Dialect::sqlite), "INSERT INTO t VALUES (x'00ff');");
}

TEST(TypeWords, refuse_a_type_that_is_not_ours) {
  for (const char* sql : {"CREATE TABLE t (a VARCHAR(10));", "CREATE TABLE t (a id, b integer);", "ALTER TABLE t ADD COLUMN a jsonb;"}) {
    EXPECT_FALSE(translate_migration(sql, Dialect::sqlite).ok()) << sql;
  }
}

class MigrationTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "sqlite") {
      std::ofstream(sqlite_path(db_.options().url)).close();
      auto opened = sqlite::Connection::open(sqlite_path(db_.options().url), sqlite::Connection::Mode::writer, seconds(10));
      ASSERT_TRUE(opened.ok()) << opened.error().detail;
      sqlite_ = std::move(opened).value();
      session_ = std::make_unique<sqlite::SqliteMigrationSession>(*sqlite_);
    } else {
      auto opened = postgres::Connection::open(db_.options());
      ASSERT_TRUE(opened.ok()) << opened.error().detail;
      postgres_ = std::move(opened).value();
      session_ = std::make_unique<postgres::PostgresMigrationSession>(*postgres_);
    }
  }

  std::vector<std::string> strings(const std::string& sql) {
    const auto result = session_->strings(sql);
    EXPECT_TRUE(result.ok()) << result.error().detail;
    return result.ok() ? *result : std::vector<std::string>();
  }

  TestDatabase db_ = make_empty_database(GetParam());
  std::unique_ptr<sqlite::Connection> sqlite_;
  std::unique_ptr<postgres::Connection> postgres_;
  std::unique_ptr<MigrationSession> session_;
};

/// The rows that the authors of a step gave as an example of what it may meet in the field.
std::string sample_rows(std::string_view name, Dialect dialect) {
  const std::string base = std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/')) + "/rows/" + std::string(name);
  for (const std::string& path : {dialect == Dialect::postgresql ? base + ".postgres.sql" : base + ".sql", base + ".sql"}) {
    if (std::ifstream file(path); file) {
      std::stringstream text;
      text << file.rdbuf();
      return text.str();
    }
  }
  return "";
}

TEST_P(MigrationTest, keep_the_rows_that_each_step_met) {
  std::set<std::string> tables;
  const std::vector<Migration>& all = all_migrations();
  for (size_t i = 0; i < all.size(); ++i) {
    const Result<void> done = migrate(*session_, std::span(all).first(i + 1));
    ASSERT_TRUE(done.ok()) << done.error().detail;
    const std::string rows = sample_rows(all[i].name, session_->dialect());
    EXPECT_FALSE(rows.empty()) << "migrations/rows/" << all[i].name << ".sql is missing: INSERTs for what this step makes";
    const Result<void> inserted = session_->script(translated(rows, session_->dialect()));
    EXPECT_TRUE(inserted.ok()) << all[i].name << ": " << inserted.error().detail;
    constexpr std::string_view insert = "INSERT INTO ";
    for (size_t at = rows.find(insert); at != rows.npos; at = rows.find(insert, at + 1)) {
      const size_t name = at + insert.size();
      tables.insert(rows.substr(name, rows.find_first_of(" (", name) - name));
    }
  }
  for (const std::string& table : tables) {
    EXPECT_THAT(strings("SELECT CAST(COUNT(*) > 0 AS TEXT) FROM " + table), ::testing::AnyOf(ElementsAre("true"), ElementsAre("1")))
        << table;
  }
  const auto all_tables =
      strings(GetParam() == "sqlite" ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                                     : "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public'");
  for (const std::string& table : all_tables) {
    EXPECT_TRUE(table == "schema_migrations" || tables.contains(table)) << "no file in migrations/rows inserts into " << table;
  }
  session_.reset();
  sqlite_.reset();
  postgres_.reset();
  db_.reopen();
  EXPECT_TRUE(db_->ping().ok()) << "and today's server opens it";
}

TEST_P(MigrationTest, run_once_and_in_order) {
  const std::vector<Migration> steps{{"0001_one", "CREATE TABLE a (n int64);", ""}, {"0002_two", "INSERT INTO a (n) VALUES (2);", ""}};
  ASSERT_TRUE(migrate(*session_, steps).ok());
  ASSERT_TRUE(migrate(*session_, steps).ok());
  EXPECT_THAT(strings("SELECT name FROM schema_migrations ORDER BY name"), ElementsAre("0001_one", "0002_two"));
  EXPECT_THAT(strings("SELECT CAST(COUNT(*) AS TEXT) FROM a"), ElementsAre("1"));
}

TEST_P(MigrationTest, leave_nothing_of_a_step_that_fails_and_name_it) {
  const std::vector<Migration> broken{{"0001_one", "CREATE TABLE a (n int64);", ""},
                                      {"0002_two", "INSERT INTO a (n) VALUES (2); INSERT INTO nowhere (n) VALUES (2);", ""}};
  const Result<void> result = migrate(*session_, broken);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().detail, HasSubstr("0002_two"));
  EXPECT_THAT(strings("SELECT CAST(COUNT(*) AS TEXT) FROM a"), ElementsAre("0"));
  const std::vector<Migration> mended{broken[0], {"0002_two", "INSERT INTO a (n) VALUES (3);", ""}};
  EXPECT_TRUE(migrate(*session_, mended).ok());
}

TEST_P(MigrationTest, leave_the_steps_of_a_newer_neighbour_alone) {
  const std::vector<Migration> newer{{"0001_one", "CREATE TABLE a (n int64);", ""}, {"0002_two", "ALTER TABLE a ADD COLUMN m int64;", ""}};
  ASSERT_TRUE(migrate(*session_, newer).ok());
  EXPECT_TRUE(migrate(*session_, std::span(newer).first(1)).ok());
}

TEST_P(MigrationTest, use_the_twin_on_postgresql_only) {
  ASSERT_TRUE(
      migrate(*session_, std::vector<Migration>{{"0001_one", "CREATE TABLE mine (n int64);", "CREATE TABLE theirs (n int64);"}}).ok());
  EXPECT_THAT(strings(GetParam() == "sqlite" ? "SELECT n FROM mine" : "SELECT n FROM theirs"), ElementsAre());
}

EACH_DATABASE(MigrationTest);

TEST(Migrations, have_one_number_each) {
  std::set<std::string_view> numbers;
  for (const Migration& migration : all_migrations()) {
    EXPECT_TRUE(numbers.insert(migration.name.substr(0, 4)).second) << migration.name;
  }
}

}  // namespace
}  // namespace gatehouse::storage
