#include "model/objects/position.h"

#include <atomic>

namespace gatehouse::model {

int64_t next_position(Timestamp now, int64_t slot) {
  static std::atomic<int64_t> last{0};
  const int64_t wanted = to_micros(now) * 1000 + slot % 1000;
  int64_t before = last.load(std::memory_order_relaxed);
  int64_t position = 0;
  do position = std::max(wanted, before + 1);
  while (!last.compare_exchange_weak(before, position, std::memory_order_relaxed));
  return position;
}

}  // namespace gatehouse::model
