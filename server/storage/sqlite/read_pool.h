#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "storage/sqlite/connection.h"

namespace gatehouse::storage::sqlite {

/// Read connections, lent for one read each. The one that came back last goes out first: however many threads there are, only as many
/// connections are warm, and fill their caches, as there are reads at the same moment, which is about one a core.
class ReadPool {
 public:
  ReadPool(std::string path, milliseconds statement_timeout) : path_(std::move(path)), statement_timeout_(statement_timeout) {}

  /// A connection on loan; goes back by itself.
  class Lease {
   public:
    Lease(ReadPool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }

   private:
    ReadPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  /// Never waits for another read. Errors: unavailable (no more could be opened).
  Result<Lease> lend();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const std::string path_;
  const milliseconds statement_timeout_;
  std::mutex mutex_;  ///< protects the next two
  std::vector<std::unique_ptr<Connection>> idle_;
  size_t opened_ = 0;
};

}  // namespace gatehouse::storage::sqlite
