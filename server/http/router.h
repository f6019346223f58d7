#pragma once
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "http/lane.h"
#include "http/request.h"
#include "http/response.h"

namespace gatehouse::http {

using Handler = std::function<Response(const Request&)>;
/// Picks the lane from the parsed request and cached state; runs on the I/O loop, must not block.
using Planner = std::function<Lane(const Request&)>;

/// One mounted route, as `gatehouse routes` prints it.
struct Route {
  Method method;
  std::string pattern;  ///< /api/v2/roles/{id}: literal segments and {parameters}; matched once, on encoded segments
  Lane lane = Lane::store;
  Planner planner;    ///< overrides lane when set
  std::string scope;  ///< who may call it: a Management API scope, or a word such as "public", "session", "client"
  std::string file;   ///< where it was mounted
  Handler handler;
  bool any_tenant = false;  ///< served whatever the Host (healthz)
  size_t max_body = 0;      ///< bytes; 0: the server's limit
  bool costly = false;      ///< dearer than a refusal: inline, it is answered 503 while its loop is behind
  SinkOpener open_sink{};   ///< takes bodies over kBodyPiece; absent: all bodies are kept in memory
};

struct RouteOptions {
  Lane lane = Lane::store;
  std::string scope = "public";
  Planner planner{};
  bool any_tenant = false;
  size_t max_body = 0;  ///< bytes, where it is not the server's limit
  bool costly = false;
  SinkOpener open_sink{};
};

/// The table of all routes. Matching is exact: no trailing-slash or case folding, no dot segments, no `//`; an encoded
/// slash (%2F) stays inside its segment. Filled at start by the mount functions that app/routes.cpp lists, then only read.
class Router {
 public:
  void get(std::string pattern, RouteOptions options, Handler handler, std::source_location where = std::source_location::current());
  void post(std::string pattern, RouteOptions options, Handler handler, std::source_location where = std::source_location::current());
  void add(Method method, std::string pattern, RouteOptions options, Handler handler,
           std::source_location where = std::source_location::current());

  struct Match {
    const Route* route = nullptr;  ///< null: nothing here
    bool path_known = false;       ///< the path exists with another method: 405 with `allow`
    std::vector<Method> allow{};
    std::vector<std::pair<std::string, std::string>> parameters{};  ///< decoded once
  };
  /// HEAD finds the GET route.
  [[nodiscard]] Match match(Method method, std::string_view path) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<std::unique_ptr<Route>> routes_;
  std::shared_ptr<Node> root_;
};

}  // namespace gatehouse::http
