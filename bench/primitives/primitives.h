#pragma once
#include <algorithm>
#include <ctime>
#include <string_view>
#include <vector>

namespace bench {

inline double clock_us(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return double(t.tv_sec) * 1e6 + double(t.tv_nsec) / 1e3;
}

/// CPU of one call, microseconds: the median over `rounds` of `calls` calls each.
template <class F>
double cpu_us_per_call(int rounds, int calls, F call) {
  std::vector<double> each;
  for (int r = 0; r < rounds; ++r) {
    const double before = clock_us(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < calls; ++i) call();
    each.push_back((clock_us(CLOCK_THREAD_CPUTIME_ID) - before) / calls);
  }
  std::nth_element(each.begin(), each.begin() + each.size() / 2, each.end());
  return each[each.size() / 2];
}

/// CPU of one signature, one verification (of JWT algorithm names) through EVP as a server has to call it; microseconds.
double signature_us(std::string_view algorithm);
double verification_us(std::string_view algorithm);

/// CPU of one Argon2id hash with the server's default parameters, microseconds; and hashes per second with a thread on every core.
double argon2id_us();
double argon2id_per_second();

/// CPU of the server's half of one TLS 1.3 handshake, full or resumed; microseconds.
double handshake_us(bool resumed);

/// Appends of 4 KiB with fdatasync by one thread, in the current folder.
double fdatasyncs_per_second();
/// Rows of about 500 bytes made durable by 64 threads: through one SQLite writer with group commit; by a PostgreSQL connection each.
double sqlite_commits_per_second();
double postgres_commits_per_second();

}  // namespace bench
