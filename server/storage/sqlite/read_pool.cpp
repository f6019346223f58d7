#include "storage/sqlite/read_pool.h"

namespace gatehouse::storage::sqlite {
namespace {

// What many parked threads read at once now and then must not keep memory for good: only the first few connections have a cache that
// holds the upper pages of large tables.
constexpr size_t with_large_cache = 8;
constexpr auto small_cache = "PRAGMA cache_size=-128";

}  // namespace

Result<ReadPool::Lease> ReadPool::lend() {
  bool large = false;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
    large = opened_++ < with_large_cache;
  }
  TRY(std::unique_ptr<Connection> opened, Connection::open(path_, Connection::Mode::reader, statement_timeout_));
  if (!large) TRY_VOID(opened->script(small_cache));
  return Lease(*this, std::move(opened));
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

}  // namespace gatehouse::storage::sqlite
