#include "storage/sqlite/read_pool.h"

#include <atomic>

namespace gatehouse::storage::sqlite {
namespace {
uint64_t next_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}
}  // namespace

/// Which connection this thread has borrowed from which pool.
struct ReadPool::ThreadSlots {
  struct Slot {
    uint64_t pool_id;
    std::weak_ptr<ReadPool> pool;
    Connection* connection;
  };
  std::vector<Slot> slots;
  ~ThreadSlots() {
    for (const Slot& slot : slots) {
      if (const std::shared_ptr<ReadPool> pool = slot.pool.lock()) pool->give_back(slot.connection);
    }
  }
};

ReadPool::ReadPool(std::string path, milliseconds statement_timeout)
    : id_(next_id()), path_(std::move(path)), statement_timeout_(statement_timeout) {}

ReadPool::~ReadPool() = default;

Result<Connection*> ReadPool::mine() {
  thread_local ThreadSlots mine;
  for (const ThreadSlots::Slot& slot : mine.slots) {
    if (slot.pool_id == id_) return slot.connection;
  }
  std::erase_if(mine.slots, [](const ThreadSlots::Slot& slot) { return slot.pool.expired(); });
  TRY(Connection* const connection, lend());
  mine.slots.push_back({id_, weak_from_this(), connection});
  return connection;
}

Result<Connection*> ReadPool::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Connection* connection = idle_.back();
      idle_.pop_back();
      return connection;
    }
  }
  TRY(std::unique_ptr<Connection> opened, Connection::open(path_, Connection::Mode::reader, statement_timeout_));
  Connection* connection = opened.get();
  const std::lock_guard lock(mutex_);
  all_.push_back(std::move(opened));
  return connection;
}

void ReadPool::give_back(Connection* connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(connection);
}

}  // namespace gatehouse::storage::sqlite
