#pragma once
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>

namespace gatehouse::storage::sqlite {

/// Opens once for all who wait. A condition variable would cost a system call for each of them, made by the one thread everybody waits
/// for; std::atomic::wait yields the processor several times before it sleeps, which a busy machine pays for.
class Gate {
 public:
  void wait() {
    while (open_.load(std::memory_order_acquire) == 0)
      syscall(SYS_futex, &open_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);  // returns at once when it is open already
  }
  void open() {
    open_.store(1, std::memory_order_release);
    syscall(SYS_futex, &open_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

 private:
  std::atomic<int> open_{0};
  static_assert(sizeof(std::atomic<int>) == sizeof(int) && std::atomic<int>::is_always_lock_free);  // the kernel compares an int
};

}  // namespace gatehouse::storage::sqlite
