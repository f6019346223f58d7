#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/postgres/connection.h"

namespace gatehouse::storage::postgres {

/// At most `pool_size` connections, opened when they are needed.
class Pool {
 public:
  explicit Pool(DatabaseOptions options) : options_(std::move(options)) {}

  /// A connection on loan; goes back by itself, unless it broke.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  /// Waits for a free connection at most the connect timeout. Errors: overloaded (none came free), unavailable.
  Result<Lease> lend();
  /// Closes the idle ones: after one broke, the others of the same age are likely dead too.
  void forget_idle();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const DatabaseOptions options_;
  std::mutex mutex_;  ///< protects the next two
  std::vector<std::unique_ptr<Connection>> idle_;
  size_t lent_ = 0;
  std::condition_variable freed_;
};

}  // namespace gatehouse::storage::postgres
