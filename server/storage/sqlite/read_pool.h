#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "storage/sqlite/connection.h"

namespace gatehouse::storage::sqlite {

/// A read connection for each thread that reads. It is opened at the thread's first read and goes back when the thread
/// ends, so that short-lived threads reuse connections; all are closed with the pool.
class ReadPool : public std::enable_shared_from_this<ReadPool> {
 public:
  ReadPool(std::string path, milliseconds statement_timeout);
  ~ReadPool();
  /// This thread's connection.
  Result<Connection*> mine();

 private:
  struct ThreadSlots;
  Result<Connection*> lend();
  void give_back(Connection* connection);

  const uint64_t id_;  ///< never used twice, so that a thread's memory of a dead pool is harmless
  const std::string path_;
  const milliseconds statement_timeout_;
  std::mutex mutex_;  ///< protects the next two
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<Connection*> idle_;
};

}  // namespace gatehouse::storage::sqlite
