#include "ops/health.h"

#include "storage/database.h"

namespace gatehouse::ops {
namespace {

using http::Lane;
using http::Request;
using http::Response;

/// An answer of bytes that are made once.
Response prebuilt(int status, const std::shared_ptr<const std::string>& body) {
  Response response;
  response.status = status;
  response.shared_body = body;
  response.headers.reserve(4);
  response.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

std::shared_ptr<const std::string> state(std::string_view word) {
  return std::make_shared<const std::string>("{\"status\":\"" + std::string(word) + "\"}");
}

}  // namespace

void mount(http::Router& router, storage::Database& database, std::function<bool()> stopping) {
  router.get("/healthz", {.lane = Lane::inline_, .any_tenant = true}, [ok = state("ok")](const Request&) { return prebuilt(200, ok); });
  router.get("/readyz", {.lane = Lane::store, .any_tenant = true},
             [&database, stopping = std::move(stopping), ready = state("ready"), ends = state("stopping"),
              no_database = state("database unavailable")](const Request&) {
               if (stopping()) return prebuilt(503, ends);
               return database.ping() ? prebuilt(200, ready) : prebuilt(503, no_database);
             });
}

}  // namespace gatehouse::ops
