#include "storage/postgres/pool.h"

#include "storage/errors.h"

namespace gatehouse::storage::postgres {

Result<Pool::Lease> Pool::lend() {
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, options_.connect_timeout, [this] { return lent_ < std::max<size_t>(1, options_.pool_size); })) {
      return database_error(Errc::overloaded, "no database connection came free in time");
    }
    ++lent_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
  }
  Result<std::unique_ptr<Connection>> opened = Connection::open(options_);
  if (opened) return Lease(*this, std::move(opened).value());
  {
    const std::lock_guard lock(mutex_);
    --lent_;
  }
  freed_.notify_one();
  return std::move(opened).error();
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (connection->broken()) connection.reset();
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

void Pool::forget_idle() {
  std::vector<std::unique_ptr<Connection>> forgotten;
  const std::lock_guard lock(mutex_);
  forgotten.swap(idle_);
}

}  // namespace gatehouse::storage::postgres
