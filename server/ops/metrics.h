#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/server.h"

namespace gatehouse::ops {

/// What the server has done, for Prometheus. observe() is a handful of relaxed atomic additions: no locks, no allocation.
class Metrics {
 public:
  /// The router must be complete, and outlive this: its routes are the labels.
  explicit Metrics(const http::Router& router);
  ~Metrics();

  /// One answered request; made for ServerHooks::observe. Thread-safe.
  void observe(const http::Request& request, const http::Response& response, const http::Route* route, microseconds duration);

  enum class Kind { counter, gauge };
  /// Adds a number that is read when metrics are asked for: dropped log events, jobs that wait, cache hits. Before serving.
  void watch(Kind kind, std::string name, std::string help, std::function<double()> read);

  /// Everything in Prometheus' text format (version 0.0.4).
  [[nodiscard]] std::string text(const http::Server::Load& load) const;

 private:
  static constexpr size_t status_slots = 40;
  static constexpr size_t lane_count = 5;
  static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                 0.1,    0.25,  0.5,    1,     2.5,  5,     10};  // seconds

  struct PerRoute {
    std::string method, pattern;
    std::array<std::atomic<uint64_t>, status_slots> answers{};
  };
  struct PerLane {
    std::array<std::atomic<uint64_t>, bounds.size() + 1> buckets{};
    std::atomic<uint64_t> total_microseconds{0};
  };
  struct Watched {
    Kind kind;
    std::string name, help;
    std::function<double()> read;
  };

  std::unordered_map<const http::Route*, size_t> index_;
  std::vector<std::unique_ptr<PerRoute>> routes_;  // the first one: requests that no route took
  std::array<PerLane, lane_count> lanes_{};
  std::vector<Watched> watched_;
};

}  // namespace gatehouse::ops
