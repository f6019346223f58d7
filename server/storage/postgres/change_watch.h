#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/postgres/connection.h"

namespace gatehouse::storage::postgres {

/// Learns what other nodes changed: at once by LISTEN/NOTIFY, and for certain by the change counters, which every transaction and,
/// once a second, the listening thread compare with what they were.
class ChangeWatch {
 public:
  ChangeWatch(DatabaseOptions options, std::string node);
  ~ChangeWatch();
  ChangeWatch(const ChangeWatch&) = delete;
  ChangeWatch& operator=(const ChangeWatch&) = delete;

  void subscribe(Database::Subscriber subscriber);
  /// Tells the subscribers.
  void announce(const TenantId& tenant, std::string_view what) const;
  /// Commits the transaction on `connection` together with what tells the other nodes of its changes, then tells our own
  /// subscribers.
  Result<void> commit(Connection& connection, const std::vector<std::pair<TenantId, std::string>>& changes);
  /// Compares the sum that the connection saw; where it moved, looks which tenants changed and tells the subscribers.
  Result<void> compare(Connection& connection);
  [[nodiscard]] bool listening() const { return listening_; }

 private:
  void loop();
  Result<void> follow(Connection& connection);
  Result<void> look(Connection& connection);
  Result<void> heartbeat(Connection& connection);
  void note_own(const std::string& tenant, int64_t slot, int64_t version);
  void heard(std::string_view payload) const;

  const DatabaseOptions options_;
  const std::string node_;  ///< marks our own notifications
  mutable std::mutex subscribers_mutex_;
  std::vector<Database::Subscriber> subscribers_;
  std::mutex mutex_;                                             ///< protects versions_
  std::map<std::pair<std::string, int64_t>, int64_t> versions_;  ///< of tenant and slot
  std::atomic<int64_t> sum_{0};                                  ///< of versions_
  std::atomic<bool> listening_{false};
  std::atomic<bool> stopping_{false};
  int wake_;  ///< an eventfd that ends the thread's waiting
  std::thread thread_;
};

}  // namespace gatehouse::storage::postgres
