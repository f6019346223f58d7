#include "scenario.h"

#include <boost/json.hpp>
#include <stdexcept>

namespace bench {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found ? std::string(found->as_string()) : std::string();
}

double number(const json::object& object, std::string_view key, double otherwise) {
  const json::value* found = object.if_contains(key);
  return found ? found->to_number<double>() : otherwise;
}

bool flag(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->as_bool();
}

const json::array& list(const json::object& object, std::string_view key) {
  static const json::array none;
  const json::value* found = object.if_contains(key);
  return found ? found->as_array() : none;
}

Scenario::Connect connect_of(const std::string& word) {
  if (word.empty() || word == "keep") return Scenario::Connect::keep;
  if (word == "full") return Scenario::Connect::full_handshake;
  if (word == "resumed") return Scenario::Connect::resumed_handshake;
  throw std::runtime_error("connect: keep, full or resumed");
}

Step step_of(const json::object& object) {
  Step step{Template(text(object, "head")), Template(text(object, "body")), int(number(object, "status", 200)), {}};
  for (const json::value& capture : list(object, "captures")) {
    const json::object& o = capture.as_object();
    step.captures.push_back({text(o, "name"), text(o, "after"), text(o, "until")});
  }
  return step;
}

Variables variables_of(const json::object& object) {
  Variables variables;
  for (const auto& member : object) variables.emplace(member.key(), member.value().as_string());
  return variables;
}

}  // namespace

Scenario Scenario::parse(const std::string& input) {
  const json::value value = json::parse(input);
  const json::object& o = value.as_object();
  Scenario s;
  if (o.contains("address")) s.address = text(o, "address");
  s.port = static_cast<uint16_t>(number(o, "port", 0));
  s.host = text(o, "host");
  s.tls = flag(o, "tls");
  s.connections = static_cast<size_t>(number(o, "connections", 1));
  s.seconds = number(o, "seconds", 0);
  s.flows = static_cast<size_t>(number(o, "flows", 0));
  s.connect = connect_of(text(o, "connect"));
  s.hold = flag(o, "hold");
  s.sticky = flag(o, "sticky");
  for (const json::value& pid : list(o, "watch")) s.watch.push_back(pid.to_number<int>());
  for (const json::value& step : list(o, "steps")) s.steps.push_back(step_of(step.as_object()));
  for (const json::value& row : list(o, "rows")) s.rows.push_back(variables_of(row.as_object()));
  if (s.seconds <= 0 && s.flows == 0) throw std::runtime_error("neither seconds nor flows");
  if (s.steps.empty() && s.connect == Scenario::Connect::keep) throw std::runtime_error("kept connections need steps");
  if (s.rows.empty()) s.rows.emplace_back();
  return s;
}

}  // namespace bench
