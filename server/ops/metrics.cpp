#include "ops/metrics.h"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace gatehouse::ops {
namespace {

using http::Lane;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array statuses{200, 201, 202, 204, 206, 301, 302, 303, 304, 400, 401, 402, 403, 404, 405, 406, 408,
                              409, 410, 412, 413, 414, 415, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505, 507};

/// Statuses that are not in the list share the slot behind it.
size_t slot_of(int status) { return static_cast<size_t>(std::lower_bound(statuses.begin(), statuses.end(), status) - statuses.begin()); }

MetricFamily family(std::string name, std::string help, MetricType type) { return {std::move(name), std::move(help), type, {}}; }

void add_value(MetricFamily& family, std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

std::string text_of(std::string_view text) { return std::string(text); }

double resident_bytes() {
  double total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

}  // namespace

Metrics::Metrics(const http::Router& router) {
  static_assert(statuses.size() < status_slots);
  routes_.push_back(std::make_unique<PerRoute>());
  routes_.back()->pattern = "none";
  for (const auto& route : router.routes()) {
    index_.emplace(route.get(), routes_.size());
    routes_.push_back(std::make_unique<PerRoute>());
    routes_.back()->method = to_string(route->method);
    routes_.back()->pattern = route->pattern;
  }
  watch(Kind::gauge, "process_resident_memory_bytes", "Resident memory size in bytes.", &resident_bytes);
  watch(Kind::counter, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", &cpu_seconds);
}

Metrics::~Metrics() = default;

void Metrics::observe(const http::Request& request, const http::Response& response, const http::Route* route, microseconds duration) {
  const auto found = index_.find(route);
  const size_t index = found == index_.end() ? 0 : found->second;
  const size_t slot = slot_of(response.status);
  const size_t exact = slot < statuses.size() && statuses[slot] == response.status ? slot : statuses.size();
  routes_[index]->answers[exact].fetch_add(1, std::memory_order_relaxed);
  PerLane& lane = lanes_[static_cast<size_t>(request.lane)];
  const double in_seconds = double(duration.count()) / 1e6;
  const size_t bucket = static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), in_seconds) - bounds.begin());
  lane.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  lane.total_microseconds.fetch_add(static_cast<uint64_t>(duration.count()), std::memory_order_relaxed);
}

void Metrics::watch(Kind kind, std::string name, std::string help, std::function<double()> read) {
  watched_.push_back({kind, std::move(name), std::move(help), std::move(read)});
}

std::string Metrics::text(const http::Server::Load& load) const {
  std::vector<MetricFamily> families;

  MetricFamily requests = family("gatehouse_http_requests_total", "Answered requests by route and status.", MetricType::Counter);
  for (const auto& route : routes_) {
    for (size_t slot = 0; slot <= statuses.size(); ++slot) {
      const uint64_t count = route->answers[slot].load(std::memory_order_relaxed);
      if (count == 0) continue;
      const std::string status = slot < statuses.size() ? std::to_string(statuses[slot]) : "other";
      add_value(requests, {{"method", route->method}, {"route", route->pattern}, {"status", status}}, double(count));
    }
  }
  families.push_back(std::move(requests));

  MetricFamily latency = family("gatehouse_http_request_duration_seconds",
                                "From a request's first byte to the last of its answer, by lane.", MetricType::Histogram);
  for (size_t i = 0; i < lane_count; ++i) {
    ClientMetric metric;
    metric.label = {{"lane", text_of(to_string(static_cast<Lane>(i)))}};
    uint64_t count = 0;
    for (size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
      count += lanes_[i].buckets[bucket].load(std::memory_order_relaxed);
      const double bound = bucket < bounds.size() ? bounds[bucket] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({count, bound});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = double(lanes_[i].total_microseconds.load(std::memory_order_relaxed)) / 1e6;
    latency.metric.push_back(std::move(metric));
  }
  families.push_back(std::move(latency));

  MetricFamily connections = family("gatehouse_http_connections", "Open connections.", MetricType::Gauge);
  add_value(connections, {}, double(load.connections));
  families.push_back(std::move(connections));

  MetricFamily queued = family("gatehouse_lane_queued", "Requests that wait for a thread of their lane.", MetricType::Gauge);
  MetricFamily busy = family("gatehouse_lane_busy", "Threads of a lane that run a request.", MetricType::Gauge);
  MetricFamily refused =
      family("gatehouse_lane_refused_total", "Requests answered 503 because their lane's queue was full.", MetricType::Counter);
  for (const auto& lane : load.lanes) {
    const std::vector<ClientMetric::Label> label{{"lane", text_of(to_string(lane.lane))}};
    add_value(queued, label, double(lane.queued));
    add_value(busy, label, double(lane.busy));
    add_value(refused, label, double(lane.refused));
  }
  for (MetricFamily* each : {&queued, &busy, &refused}) families.push_back(std::move(*each));

  for (const Watched& watched : watched_) {
    families.push_back(family(watched.name, watched.help, watched.kind == Kind::counter ? MetricType::Counter : MetricType::Gauge));
    add_value(families.back(), {}, watched.read());
  }

  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace gatehouse::ops
