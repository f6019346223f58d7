#include "model/objects/object_store.h"

#include <gtest/gtest.h>

#include "model/objects/position.h"
#include "storage/testing.h"

namespace gatehouse::model {

class ObjectStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  StoredObject make(const std::string& id, const std::string& name, const TenantId& tenant = TenantId("t")) {
    StoredObject object;
    object.id = id;
    object.properties["name"] = name;
    const auto done = db_->write([&](storage::Transaction& tx) -> Result<void> { return roles_.insert(tx, tenant, object, now_); });
    EXPECT_TRUE(done) << done.error().detail;
    return object;
  }
  std::vector<std::string> ids(const ObjectQuery& query) {
    const auto found = db_->read([&](storage::Reader& reader) { return roles_.list(reader, tenant_, query); });
    std::vector<std::string> ids;
    for (const StoredObject& object : *found) ids.push_back(object.id);
    return ids;
  }
  int64_t count(const ObjectQuery& query = {}) {
    return *db_->read([&](storage::Reader& reader) { return roles_.count(reader, tenant_, query); });
  }

  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  TenantId tenant_{"t"};
  Timestamp now_ = from_micros(1'800'000'000'000'000);
  ObjectStore roles_{"roles", {{"name", "name"}}};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ObjectStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(ObjectStoreTest, an_object_comes_back_as_it_was) {
  StoredObject object;
  object.id = "a";
  object.properties = {{"name", "ä\"\\\n"}, {"nul", std::string("x\0y", 3)}, {"nested", {{"list", {1, 2.5, nullptr, true}}}}};
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return roles_.insert(tx, tenant_, object, now_); }));
  const auto found = db_->read([&](storage::Reader& reader) { return roles_.find(reader, tenant_, "a"); });
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->properties, object.properties);
  EXPECT_EQ((*found)->created_at, now_);
  EXPECT_EQ((*found)->position, object.position);
  EXPECT_FALSE(*db_->read([&](storage::Reader& reader) { return roles_.find(reader, TenantId("other"), "a"); })) << "tenants do not see each other";
}

TEST_P(ObjectStoreTest, lists_keep_the_order_of_creation_whatever_the_clock_says) {
  make("c", "1");
  make("a", "2");
  make("b", "3");
  EXPECT_EQ(ids({}), (std::vector<std::string>{"c", "a", "b"}));
  ObjectQuery page;
  page.limit = 1;
  page.offset = 1;
  EXPECT_EQ(ids(page), std::vector<std::string>{"a"});
}

TEST_P(ObjectStoreTest, checkpoints_go_on_after_a_position) {
  make("a", "1");
  const StoredObject b = make("b", "2");
  make("c", "3");
  ObjectQuery query;
  query.after_position = b.position;
  EXPECT_EQ(ids(query), std::vector<std::string>{"c"});
}

TEST_P(ObjectStoreTest, conditions_narrow_lists_and_counts) {
  for (const char* id : {"a", "b", "c", "d"}) make(id, std::string("n") + id);
  ObjectQuery by_name;
  by_name.where.emplace_back("name", "nb");
  EXPECT_EQ(ids(by_name), std::vector<std::string>{"b"});
  EXPECT_EQ(count(by_name), 1);
  ObjectQuery several;
  several.any_of = {"name", {"na", "nd", "none"}};
  EXPECT_EQ(ids(several), (std::vector<std::string>{"a", "d"}));
  ObjectQuery kept;
  kept.keeps = [](const json::object& role) { return get_string(role, "name") != "nb"; };
  kept.limit = 2;
  kept.offset = 1;
  EXPECT_EQ(ids(kept), (std::vector<std::string>{"c", "d"})) << "paging counts what is kept";
  EXPECT_EQ(count(kept), 3);
}

TEST_P(ObjectStoreTest, conditions_on_properties_read_beyond_one_batch) {
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) -> Result<void> {
    for (int i = 0; i < 1203; ++i) {
      StoredObject object;
      object.id = "r" + std::to_string(i);
      object.properties = {{"name", object.id}, {"odd", i % 2 == 1}};
      TRY_VOID(roles_.insert(tx, tenant_, object, now_));
    }
    return {};
  }));
  ObjectQuery odd;
  odd.keeps = [](const json::object& role) { return get_bool(role, "odd").value_or(false); };
  EXPECT_EQ(count(odd), 601);
  odd.offset = 600;
  EXPECT_EQ(ids(odd), std::vector<std::string>{"r1201"});
}

TEST_P(ObjectStoreTest, the_counter_follows_inserts_and_removals) {
  EXPECT_EQ(count(), 0);
  make("a", "1");
  make("b", "2");
  make("x", "1", TenantId("other"));
  EXPECT_EQ(count(), 2);
  EXPECT_TRUE(*db_->write([&](storage::Transaction& tx) { return roles_.remove(tx, tenant_, "a"); }));
  EXPECT_FALSE(*db_->write([&](storage::Transaction& tx) { return roles_.remove(tx, tenant_, "a"); }));
  EXPECT_EQ(count(), 1);
}

TEST_P(ObjectStoreTest, a_unique_column_refuses_a_second_one_and_nothing_stays_of_it) {
  make("a", "same");
  StoredObject again;
  again.id = "b";
  again.properties["name"] = "same";
  const auto refused = db_->write([&](storage::Transaction& tx) { return roles_.insert(tx, tenant_, again, now_); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unique_violation);
  EXPECT_EQ(count(), 1);
}

TEST_P(ObjectStoreTest, replacing_writes_the_indexed_columns_too) {
  StoredObject object = make("a", "old");
  object.properties["name"] = "new";
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return roles_.replace(tx, tenant_, object, now_ + seconds(1)); }));
  const auto found = db_->read([&](storage::Reader& reader) { return roles_.find_by(reader, tenant_, "name", "new"); });
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->updated_at, now_ + seconds(1));
  EXPECT_EQ((*found)->created_at, now_);
  object.id = "unknown";
  const auto missing = db_->write([&](storage::Transaction& tx) { return roles_.replace(tx, tenant_, object, now_); });
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST_P(ObjectStoreTest, every_change_is_announced) {
  std::vector<std::string> changed;
  db_->subscribe([&](const TenantId&, std::string_view what) { changed.emplace_back(what); });
  StoredObject object = make("a", "1");
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return roles_.replace(tx, tenant_, object, now_); }));
  ASSERT_TRUE(*db_->write([&](storage::Transaction& tx) { return roles_.remove(tx, tenant_, "a"); }));
  EXPECT_EQ(std::count(changed.begin(), changed.end(), "roles"), 3);
}

TEST(Positions, grow_even_when_time_stands_still_or_goes_back) {
  const Timestamp now = from_micros(1'900'000'000'000'000);
  const int64_t first = next_position(now, 0), second = next_position(now, 0), third = next_position(now - seconds(5), 0);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

}  // namespace gatehouse::model
