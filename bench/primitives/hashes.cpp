#include <argon2.h>
#include <sys/mman.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "primitives.h"

namespace bench {
namespace {

constexpr uint32_t memory_kib = 19456, passes = 2, lanes = 1;
constexpr size_t buffer_bytes = size_t{memory_kib} * 1024;

// A buffer a thread, mapped and touched once: the server keeps its buffers too, so page faults belong to neither side.
thread_local void* buffer = nullptr;

int lend_buffer(uint8_t** memory, size_t) {
  *memory = static_cast<uint8_t*>(buffer);
  return 0;
}
void take_back(uint8_t*, size_t) {}

/// Calls `measure(hash)` with a buffer at hand.
template <class F>
double with_buffer(F measure) {
  buffer = mmap(nullptr, buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (buffer == MAP_FAILED) throw std::runtime_error("no memory for a hash");
  char password[] = "correct horse battery", salt[] = "0123456789abcdef";
  uint8_t hash[32];
  argon2_context context{};
  context.out = hash, context.outlen = sizeof hash;
  context.pwd = reinterpret_cast<uint8_t*>(password), context.pwdlen = sizeof password - 1;
  context.salt = reinterpret_cast<uint8_t*>(salt), context.saltlen = sizeof salt - 1;
  context.t_cost = passes, context.m_cost = memory_kib, context.lanes = context.threads = lanes;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = lend_buffer, context.free_cbk = take_back;
  const double figure = measure([&] {
    if (argon2id_ctx(&context) != ARGON2_OK) throw std::runtime_error("libargon2 refused");
  });
  munmap(buffer, buffer_bytes);
  return figure;
}

}  // namespace

double argon2id_us() {
  return with_buffer([](auto hash) { return cpu_us_per_call(9, 1, hash); });
}

double argon2id_per_second() {
  std::atomic<int> done = 0;
  const double begun = clock_us(CLOCK_MONOTONIC);
  const auto elapsed = [&] { return (clock_us(CLOCK_MONOTONIC) - begun) / 1e6; };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&] {
      with_buffer([&](auto hash) {
        for (; elapsed() < 0.6; ++done) hash();
        return 0.0;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  return done / elapsed();
}

}  // namespace bench
