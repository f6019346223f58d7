#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

/// The Liquid template language. Supports the tags assign, capture, case, comment, cycle, debug, decrement, echo, for (limit, offset,
/// reversed; else, break, continue), if, unless, include, render, increment, raw, tablerow and `{% # remarks %}`, and the filters
/// in filters.h. Unknown filters do nothing, unknown variables print nothing (as Liquid does everywhere).
namespace gatehouse::liquid {

class Block;
class Template;

struct ParseOptions {
  /// Names of further tags that print what RenderOptions::inserts says, e.g. "auth0:head".
  std::set<std::string, std::less<>> inserts{};
  /// Refuse unknown filters: for our own templates, where one is a typing error.
  bool strict = false;
  size_t max_bytes = 512 * 1024;  ///< of the source
  size_t max_nesting = 64;        ///< blocks within blocks
};

struct RenderOptions {
  /// Escape what {{ }} prints for HTML (& < > " '). Off for text: subjects, plain mails.
  bool escape = true;
  /// More variables, for paths that lead nowhere in the others: what many renderings share need not be copied into each. Must outlive
  /// the call.
  const json::object* defaults = nullptr;
  /// Finds the template an `include` or `render` names; null when there is none (an error). It must outlive the call.
  std::function<const Template*(std::string_view name)> partial{};
  /// What the tags of ParseOptions::inserts print: trusted markup, never escaped.
  std::map<std::string, std::string, std::less<>> inserts{};
  Timestamp now{};                  ///< `{{ 'now' | date: … }}`
  size_t max_output = 1024 * 1024;  ///< bytes of the answer, and of any value on the way
  size_t max_work = 16'000'000;     ///< steps and bytes touched, about 0.1 s; more is an error
  size_t max_includes = 16;         ///< partials within partials
};

/// A parsed template: immutable, cheap to copy, safe to render from many threads at once.
class Template {
 public:
  /// Errors: invalid_argument with the line ("Line 3: unknown tag 'foo'"); the source is a tenant's, so they may see it.
  static Result<Template> parse(std::string_view source, const ParseOptions& options = {});

  /// Variables are data: nothing in them is ever read as a template. Does not block.
  /// Errors: invalid_argument (a missing partial, a limit of RenderOptions).
  [[nodiscard]] Result<std::string> render(const json::object& variables, const RenderOptions& options = {}) const;

  /// The tags of ParseOptions::inserts that occur (a page template must have some).
  [[nodiscard]] const std::set<std::string, std::less<>>& inserts() const { return inserts_; }
  [[nodiscard]] const Block& root() const { return *root_; }

 private:
  Template() = default;
  std::shared_ptr<const Block> root_;
  std::set<std::string, std::less<>> inserts_;
};

/// & < > " ' as HTML entities (&#34; and &#39; for the quotes): what {{ }} does.
std::string escape_html(std::string_view text);

}  // namespace gatehouse::liquid
