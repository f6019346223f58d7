#pragma once
#include <map>
#include <string>
#include <vector>

#include "liquid/liquid.h"
#include "liquid/value.h"

namespace gatehouse::liquid {

/// The variables of one rendering and what it has used up.
class Scope {
 public:
  using Frame = std::map<std::string, Value, std::less<>>;

  Scope(const json::object& variables, const RenderOptions& options)
      : variables_(&variables), defaults_(options.defaults), options_(&options), frames_(1) {}

  [[nodiscard]] const RenderOptions& options() const { return *options_; }
  [[nodiscard]] const json::object& variables() const { return *variables_; }

  /// Inner frames before outer ones, then assigned names, the caller's variables, counters.
  [[nodiscard]] Value find(std::string_view name) const;
  /// RenderOptions::defaults; null when there are none here.
  [[nodiscard]] const json::object* defaults() const { return defaults_; }
  void assign(std::string_view name, Value value) { frames_.front().insert_or_assign(std::string(name), std::move(value)); }
  /// `increment` and `decrement` count apart from assigned names.
  int64_t& counter(const std::string& name) { return counters_[name]; }
  size_t& cycle(const std::string& group) { return cycles_[group]; }

  /// A frame that goes away with this object (a loop, an include).
  class Inner {
   public:
    explicit Inner(Scope& scope, Frame frame = {}) : scope_(scope) { scope_.frames_.push_back(std::move(frame)); }
    ~Inner() { scope_.frames_.pop_back(); }
    Inner(const Inner&) = delete;
    Inner& operator=(const Inner&) = delete;
    Frame& frame() { return scope_.frames_.back(); }

   private:
    Scope& scope_;
  };

  /// A partial that sees only what it was given, but uses up the same limits.
  class Isolated {
   public:
    Isolated(Scope& scope, Frame frame) : scope_(scope), frames_(std::exchange(scope.frames_, {})), variables_(scope.variables_), defaults_(std::exchange(scope.defaults_, nullptr)) {
      static const json::object none;
      scope_.variables_ = &none;
      scope_.frames_.push_back(std::move(frame));
    }
    ~Isolated() {
      scope_.frames_ = std::move(frames_);
      scope_.variables_ = variables_;
      scope_.defaults_ = defaults_;
    }
    Isolated(const Isolated&) = delete;
    Isolated& operator=(const Isolated&) = delete;

   private:
    Scope& scope_;
    std::vector<Frame> frames_;
    const json::object* variables_;
    const json::object* defaults_;
  };

  /// Counts work in steps or bytes. Errors: invalid_argument once max_work is used up.
  Result<void> spend(size_t amount) {
    work_ += amount;
    if (work_ > options_->max_work) return Error{Errc::invalid_argument, "The template does too much work."};
    return {};
  }
  Result<void> check_size(size_t bytes) const {
    if (bytes > options_->max_output) return Error{Errc::invalid_argument, "The template makes too much text."};
    return {};
  }
  Result<void> enter_partial() {
    if (++partials_ > options_->max_includes) return Error{Errc::invalid_argument, "Partials are nested too deeply."};
    return {};
  }
  void leave_partial() { --partials_; }

 private:
  const json::object* variables_;
  const json::object* defaults_;
  const RenderOptions* options_;
  std::vector<Frame> frames_;
  std::map<std::string, int64_t> counters_;
  std::map<std::string, size_t> cycles_;
  size_t work_ = 0;
  size_t partials_ = 0;
};

}  // namespace gatehouse::liquid
