#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/database.h"

namespace gatehouse::model {

/// Immutable objects by (tenant, key), dropped when the database says that their table changed (Database::subscribe). Absence
/// is never cached: a miss always looks in the database. Bounded: when full it starts over.
template <class T>
class SnapshotCache {
 public:
  /// Drops a tenant's entries whenever one of `tables` changes.
  SnapshotCache(storage::Database& db, std::vector<std::string> tables, size_t max_entries = 100'000)
      : max_entries_(max_entries), subscription_(db, [this, tables = std::move(tables)](const TenantId& tenant, std::string_view what) {
          for (const std::string& table : tables)
            if (what == table || what.empty()) return drop(tenant);
        }) {}

  [[nodiscard]] std::shared_ptr<const T> find(const TenantId& tenant, std::string_view key) const {
    std::shared_lock lock(mutex_);
    const auto t = tenants_.find(tenant.str());
    if (t == tenants_.end()) return nullptr;
    const auto it = t->second.find(key);
    return it == t->second.end() ? nullptr : it->second;
  }

  /// The number to give to put(): an entry read before a change must not be stored after it.
  [[nodiscard]] uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  void put(const TenantId& tenant, std::string_view key, std::shared_ptr<const T> value, uint64_t read_at_generation) {
    std::unique_lock lock(mutex_);
    if (generation_.load(std::memory_order_relaxed) != read_at_generation) return;
    auto& entries = tenants_[tenant.str()];
    if (entries.size() >= max_entries_) entries.clear();
    entries.insert_or_assign(std::string(key), std::move(value));
  }

 private:
  void drop(const TenantId& tenant) {
    std::unique_lock lock(mutex_);
    generation_.fetch_add(1, std::memory_order_acq_rel);
    if (tenant.empty())
      tenants_.clear();
    else
      tenants_.erase(tenant.str());
  }
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using PerTenant = std::unordered_map<std::string, std::shared_ptr<const T>, TextHash, std::equal_to<>>;

  size_t max_entries_;
  mutable std::shared_mutex mutex_;
  std::atomic<uint64_t> generation_{0};
  std::unordered_map<std::string, PerTenant> tenants_;
  storage::Subscription subscription_;  // last: ends before what its callback touches
};

}  // namespace gatehouse::model
