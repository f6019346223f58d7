#include "storage/plans/testing.h"

#include <gtest/gtest.h>

#include <mutex>
#include <regex>
#include <set>

namespace gatehouse::storage {
namespace {

constexpr std::string_view growing[] = {"users",         "user_identifiers", "user_passwords", "user_terms",         "user_roles",     "user_permissions", "sessions",
                                        "refresh_tokens", "consents",         "tickets",        "login_transactions", "authorization_codes", "used_jtis",
                                        "login_failures", "rate_buckets",     "jobs",           "logs",
                                        "authentication_methods", "remembered_browsers", "mfa_tokens", "known_devices", "upstream_requests", "upstream_tokens"};

struct Exception {
  std::string_view text;  ///< part of the statement
  std::string_view because;
};
constexpr Exception exceptions[] = {
    {"FROM users WHERE tenant = $1 ORDER BY position LIMIT", "the first page of everybody, in the order of the index"},
    {"FROM users t WHERE t.tenant = $1", "a search for what somebody is not: walks along everybody until the page is full, for kSearchTime at most"},
    {"SELECT * FROM (SELECT t.position FROM", "merges lists that were cut to the page before"},
    {"SELECT * FROM (SELECT log_id FROM", "merges lists that were cut to the page before"},
    {"FROM logs WHERE tenant = $1", "newest events first; a search by a property without an index walks along them until the page is full"},
    {"FROM authorization_codes WHERE tenant = $1 AND user_id = $2", "codes live for a minute"},
    {"SELECT DISTINCT user_id FROM user_identifiers", "a connection goes away with all of its users"},
    {"FROM (SELECT id FROM jobs) everything", "a test counts what is left"},
    {" LIKE $1 ESCAPE '\\' LIMIT 1", "`gatehouse rekey` looks for secrets it knows nothing of"},
    {" ORDER BY tenant, id LIMIT 200", "`gatehouse rekey` goes through everything that may hold secrets"},
    {" ORDER BY tenant, digest LIMIT 200", "`gatehouse rekey` goes through everything that may hold secrets"},
    {" ORDER BY tenant, account LIMIT 200", "`gatehouse rekey` goes through everything that may hold secrets"},
    {"SELECT p.resource_server_identifier, p.permission_name, r.id, r.name", "sorts the permissions of one user"},
    {"UPDATE role_permissions SET resource_server_identifier", "the tenant moves to another issuer"},
    {"UPDATE user_permissions SET resource_server_identifier", "the tenant moves to another issuer"},
    {"UPDATE consents SET audience", "the tenant moves to another issuer"},
    {"UPDATE refresh_tokens SET audience", "the tenant moves to another issuer"},
};

bool grows(std::string_view table) { return std::find(std::begin(growing), std::end(growing), table) != std::end(growing); }

/// The table that a plan calls by this name: itself, or what the statement made it an alias of.
std::string table_of(const std::string& name, const std::string& sql) {
  static const std::regex aliased("\\b([a-z_]+)(?: AS)? ([a-z])\\b");
  for (auto match = std::sregex_iterator(sql.begin(), sql.end(), aliased); match != std::sregex_iterator(); ++match)
    if ((*match)[2] == name && grows((*match)[1].str())) return (*match)[1];
  return name;
}

bool touches_growing(const std::string& sql) {
  return std::any_of(std::begin(growing), std::end(growing),
                     [&](std::string_view table) { return std::regex_search(sql, std::regex("\\b" + std::string(table) + "\\b")); });
}

/// What is wrong with one line of EXPLAIN QUERY PLAN; empty: nothing.
std::string complaint(const std::string& line, const std::string& sql) {
  static const std::regex access("^(SCAN|SEARCH) ([a-z_]+)(.*)$");
  std::smatch match;
  if (std::regex_match(line, match, access) && grows(table_of(match[2], sql))) {
    if (match[1] == "SCAN") return "reads a whole table";
    if (match[3].str().ends_with(" (tenant=?)")) return "reads all rows of a tenant";
    if (match[3].str().find("AUTOMATIC") != std::string::npos) return "makes an index for itself";
  }
  if (line.starts_with("USE TEMP B-TREE FOR") && touches_growing(sql)) return "sorts";
  return "";
}

bool is_excepted(std::string_view sql) {
  return std::any_of(std::begin(exceptions), std::end(exceptions), [&](const Exception& e) { return sql.find(e.text) != sql.npos; });
}

/// Each text is looked at once in a process.
void look_at(Reader& reader, std::string_view sql, const std::vector<Value>& arguments) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> seen;
  if (!sql.starts_with("SELECT ") && !sql.starts_with("UPDATE ") && !sql.starts_with("DELETE ") && !sql.starts_with("WITH ")) return;
  {
    const std::lock_guard lock(mutex);
    if (seen.contains(sql) || seen.size() > 5'000) return;
    seen.emplace(sql);
  }
  if (is_excepted(sql)) return;
  const Result<Rows> plan = reader.run_query("EXPLAIN QUERY PLAN " + std::string(sql), arguments);
  if (!plan) return;  // the statement itself is wrong; its caller will hear of it
  for (const Row& row : *plan) {
    const std::string what = complaint(row.text(3), std::string(sql));
    if (!what.empty()) ADD_FAILURE() << "This statement " << what << " (" << row.text(3) << "): " << sql;
  }
}

class WatchedReader final : public Reader {
 public:
  explicit WatchedReader(Reader& reader) : reader_(reader) {}
  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    look_at(reader_, sql, arguments);
    return reader_.run_query(sql, arguments);
  }

 private:
  Reader& reader_;
};

class WatchedTransaction final : public Transaction {
 public:
  explicit WatchedTransaction(Transaction& tx) : tx_(tx) {}
  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    look_at(tx_, sql, arguments);
    return tx_.run_query(sql, arguments);
  }
  Result<int64_t> run_execute(std::string_view sql, const std::vector<Value>& arguments) override {
    look_at(tx_, sql, arguments);
    return tx_.run_execute(sql, arguments);
  }
  void run_later(std::string_view sql, std::vector<Value> arguments) override {
    look_at(tx_, sql, arguments);
    tx_.run_later(sql, std::move(arguments));
  }
  void invalidate(const TenantId& tenant, std::string_view what) override { tx_.invalidate(tenant, what); }
  [[nodiscard]] int64_t slot() const override { return tx_.slot(); }

 private:
  Transaction& tx_;
};

class WatchedDatabase final : public Database {
 public:
  explicit WatchedDatabase(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<void> run_write(const std::function<bool(Transaction&)>& work) override { return database_->run_write(watched(work)); }
  Result<void> run_write_unsynced(const std::function<bool(Transaction&)>& work) override {
    return database_->run_write_unsynced(watched(work));
  }
  Result<void> run_write_own_rows(const std::function<bool(Transaction&)>& work) override {
    return database_->run_write_own_rows(watched(work));
  }
  Result<void> run_read(const std::function<void(Reader&)>& work) override {
    return database_->run_read([&](Reader& reader) {
      WatchedReader watched(reader);
      work(watched);
    });
  }
  void subscribe(Subscriber subscriber) override { database_->subscribe(std::move(subscriber)); }
  [[nodiscard]] std::string_view kind() const override { return database_->kind(); }
  Result<void> refresh_caches() override { return database_->refresh_caches(); }
  [[nodiscard]] bool hears_other_nodes() const override { return database_->hears_other_nodes(); }
  Result<void> ping() override { return database_->ping(); }
  Result<void> backup(const std::string& file) override { return database_->backup(file); }

 private:
  static std::function<bool(Transaction&)> watched(const std::function<bool(Transaction&)>& work) {
    return [&work](Transaction& tx) {
      WatchedTransaction watched(tx);
      return work(watched);
    };
  }

  std::unique_ptr<Database> database_;
};

}  // namespace

std::unique_ptr<Database> watch_plans(std::unique_ptr<Database> database) {
  if (database->kind() != "sqlite") return database;
  return std::make_unique<WatchedDatabase>(std::move(database));
}

}  // namespace gatehouse::storage
