#include <toml++/toml.h>

#include "config/settings.h"

namespace gatehouse::config {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string mistake(const toml::source_region& where, const std::string& what) {
  return (where.path ? *where.path : std::string("configuration file")) + ":" + std::to_string(where.begin.line) + ": " + what;
}

Result<void> flatten(Pairs& out, const std::string& prefix, const toml::table& table) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    const auto scalar = [&](const toml::node& value) -> Result<void> {
      if (const auto* s = value.as_string())
        out.emplace_back(name, s->get());
      else if (const auto* i = value.as_integer())
        out.emplace_back(name, std::to_string(i->get()));
      else if (const auto* b = value.as_boolean())
        out.emplace_back(name, b->get() ? "true" : "false");
      else
        return Error{Errc::invalid_argument, mistake(value.source(), name + " must be a string, an integer or a boolean")};
      return {};
    };
    if (const auto* inner = node.as_table()) {
      TRY_VOID(flatten(out, name, *inner));
    } else if (const auto* items = node.as_array()) {
      for (const toml::node& item : *items) TRY_VOID(scalar(item));
    } else {
      TRY_VOID(scalar(node));
    }
  }
  return {};
}

}  // namespace

Result<Pairs> read_toml_file(const std::string& file) {
  try {
    const toml::table table = toml::parse_file(file);
    Pairs out;
    TRY_VOID(flatten(out, "", table));
    return out;
  } catch (const toml::parse_error& e) {
    return Error{Errc::invalid_argument, mistake(e.source(), std::string(e.description()))};
  }
}

}  // namespace gatehouse::config
