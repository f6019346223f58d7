#include "http/router.h"

#include <stdexcept>

#include "base/encoding.h"

namespace gatehouse::http {

/// A segment of a path. Parameter names belong to the routes, not to the nodes: siblings may call the same place differently.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  struct End {
    const Route* route;
    std::vector<std::string> names;
  };
  std::vector<End> ends;
};

namespace {

constexpr size_t max_segments = 32;

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

/// The segments of an absolute path; nullopt when it cannot be any route's: empty segments (`//`, a trailing slash) or too
/// many. "/" alone has none.
std::optional<std::vector<std::string_view>> split(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  if (path.empty()) return segments;
  segments.reserve(8);
  while (true) {
    const size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segments.size() == max_segments) return std::nullopt;
    segments.push_back(segment);
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

/// A parameter's value, decoded this once. Dot segments never match, however they are written: some client or proxy on the
/// way would have resolved them.
std::optional<std::string> decode_parameter(std::string_view segment) {
  std::optional<std::string> value = percent_decode(segment);
  if (!value || *value == "." || *value == ".." || value->find('\0') != std::string::npos || !is_valid_utf8(*value)) return std::nullopt;
  return value;
}

void sort_and_deduplicate(std::vector<Method>& methods) {
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
}

/// Walks the tree, literal before parameter, until it stands on a route with this method; remembers other methods on the way.
template <class Node>
class Search {
 public:
  Search(Method method, const std::vector<std::string_view>& segments, Router::Match& match)
      : method_(method), segments_(segments), match_(match) {}

  bool visit(const Node& node, size_t depth) {
    if (depth == segments_.size()) return finish(node);
    const std::string_view segment = segments_[depth];
    if (const auto child = node.literals.find(segment); child != node.literals.end() && visit(*child->second, depth + 1)) return true;
    if (!node.parameter) return false;
    captured_.push_back(segment);
    if (visit(*node.parameter, depth + 1)) return true;
    captured_.pop_back();
    return false;
  }

 private:
  bool finish(const Node& node) {
    if (node.ends.empty()) return false;
    std::vector<std::string> values;
    values.reserve(captured_.size());
    for (const std::string_view segment : captured_) {
      std::optional<std::string> value = decode_parameter(segment);
      if (!value) return false;
      values.push_back(*std::move(value));
    }
    match_.path_known = true;
    const typename Node::End* get = nullptr;
    for (const auto& end : node.ends) {
      if (end.route->method == method_) return take(end, values);
      if (end.route->method == Method::GET) get = &end;
      match_.allow.push_back(end.route->method);
    }
    if (method_ == Method::HEAD && get) return take(*get, values);
    if (get) match_.allow.push_back(Method::HEAD);
    return false;
  }

  bool take(const typename Node::End& end, std::vector<std::string>& values) {
    match_.route = end.route;
    for (size_t i = 0; i < values.size(); ++i) match_.parameters.emplace_back(end.names[i], std::move(values[i]));
    return true;
  }

  Method method_;
  const std::vector<std::string_view>& segments_;
  Router::Match& match_;
  std::vector<std::string_view> captured_;
};

}  // namespace

void Router::get(std::string pattern, RouteOptions options, Handler handler, std::source_location where) {
  add(Method::GET, std::move(pattern), std::move(options), std::move(handler), where);
}

void Router::post(std::string pattern, RouteOptions options, Handler handler, std::source_location where) {
  add(Method::POST, std::move(pattern), std::move(options), std::move(handler), where);
}

void Router::add(Method method, std::string pattern, RouteOptions options, Handler handler, std::source_location where) {
  const std::string name = std::string(to_string(method)) + " " + pattern;
  const auto segments = split(pattern);
  if (!segments || method == Method::other) throw std::logic_error("not a route: " + name);
  if (!root_) root_ = std::make_shared<Node>();
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const std::string_view segment : *segments) {
    if (is_parameter(segment)) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
    } else {
      if (segment.find_first_of("{}") != std::string_view::npos) throw std::logic_error("a parameter is a whole segment: " + name);
      auto& child = node->literals[std::string(segment)];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
    }
  }
  for (const auto& end : node->ends)
    if (end.route->method == method) throw std::logic_error("mounted twice: " + name);

  auto route = std::make_unique<Route>();
  route->method = method;
  route->pattern = std::move(pattern);
  route->lane = options.lane;
  route->planner = std::move(options.planner);
  route->scope = std::move(options.scope);
  // from the repository's root, wherever it was built
  const std::string_view file = where.file_name();
  route->file = file.substr(file.rfind("/server/") == std::string_view::npos ? 0 : file.rfind("/server/") + 1);
  route->handler = std::move(handler);
  route->any_tenant = options.any_tenant;
  route->max_body = options.max_body;
  route->costly = options.costly;
  route->open_sink = std::move(options.open_sink);
  node->ends.push_back({route.get(), std::move(names)});
  routes_.push_back(std::move(route));
}

Router::Match Router::match(Method method, std::string_view path) const {
  Match match;
  const auto segments = split(path);
  if (!segments || !root_) return match;
  Search<Node>(method, *segments, match).visit(*root_, 0);
  if (match.route) match.allow.clear();
  sort_and_deduplicate(match.allow);
  return match;
}

}  // namespace gatehouse::http
