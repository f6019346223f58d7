#pragma once
#include <cassert>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace gatehouse {

/// What can go wrong below the protocol layers. Those have errors of their own (oauth::OAuthError, management::ApiError,
/// sign_in::SignInError) that convert from this one; each is turned into bytes in exactly one file.
enum class Errc {
  invalid_argument,  ///< the caller's input does not parse
  not_found,
  unique_violation,  ///< `subject` names the table or index
  reference_violation,
  overloaded,    ///< a bounded queue is full or a deadline cannot be met: 503 with Retry-After
  unavailable,   ///< the database or another service does not answer: 503
  storage_full,  ///< 507; reads go on
  timeout,
  internal,  ///< a broken invariant that was caught: 500, logged with the request id
};

/// An expected failure. `message` may be shown to whoever caused it; `detail` goes to the server log only.
struct Error {
  Errc code = Errc::internal;
  std::string message{};
  std::string detail{};
};

/// A value or the reason there is none. Returned by everything that can fail for an expected reason; exceptions are for
/// broken invariants.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class U>
  requires(!std::same_as<std::remove_cvref_t<U>, Result> && !std::same_as<std::remove_cvref_t<U>, T> &&
           !std::same_as<std::remove_cvref_t<U>, E> && std::convertible_to<U&&, T> && !std::convertible_to<U&&, E>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT
  template <class U>
  requires(!std::same_as<std::remove_cvref_t<U>, Result> && !std::same_as<std::remove_cvref_t<U>, T> &&
           !std::same_as<std::remove_cvref_t<U>, E> && std::convertible_to<U&&, E> && !std::convertible_to<U&&, T>) Result(U&& error)
      : state_(std::in_place_index<1>, std::forward<U>(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] const E& error() const& {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] E&& error() && {
    assert(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, E> state_;
};

/// Result of something done for its effect.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;
  Result() = default;
  Result(E error) : error_(std::move(error)) {}  // NOLINT
  template <class U>
  requires(!std::same_as<std::remove_cvref_t<U>, Result> && !std::same_as<std::remove_cvref_t<U>, E> && std::convertible_to<U&&, E>)
      Result(U&& error)
      : error_(std::forward<U>(error)) {}  // NOLINT
  [[nodiscard]] bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const E& error() const& { return *error_; }
  [[nodiscard]] E&& error() && { return std::move(*error_); }

 private:
  std::optional<E> error_;
};

}  // namespace gatehouse

#define GH_CONCAT_(a, b) a##b
#define GH_CONCAT(a, b) GH_CONCAT_(a, b)
#define GH_TRY_(tmp, declaration, ...)     \
  auto tmp = (__VA_ARGS__);                \
  if (!tmp) return std::move(tmp).error(); \
  declaration = std::move(tmp).value()

/// TRY(const Client client, clients.get(…)): declares the value, or returns the error from the enclosing function.
#define TRY(declaration, ...) GH_TRY_(GH_CONCAT(try_, __COUNTER__), declaration, __VA_ARGS__)
/// The same for a Result whose value is not wanted.
#define TRY_VOID(...) \
  if (auto gh_try_void = (__VA_ARGS__); !gh_try_void) return std::move(gh_try_void).error()
