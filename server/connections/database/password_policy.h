#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "connections/database/database_connection.h"

namespace gatehouse::connections {

/// What a password of a connection must be: `passwordPolicy` and its companions, or `password_options` where the connection has
/// them (Auth0's flexible policy). Reads options only; costs nothing.
struct PasswordPolicy {
  std::string level = "good";                                                                 ///< none, low, fair, good, excellent
  size_t min_length = 8;                                                                      ///< characters
  bool needs_lower = false, needs_upper = false, needs_digit = false, needs_special = false;  ///< each of them
  bool needs_three_of_four = false;                                                           ///< of the same four kinds
  bool no_identical_run = false;                                                              ///< no three identical characters in a row
  bool no_sequence = false;          ///< no three characters in a row such as abc or 321
  bool common_refused = false;       ///< the dictionary of common passwords, and what the user is called by
  bool long_common_refused = false;  ///< the longer one (en_100k)
  std::vector<std::string> words;    ///< further refused passwords, in lower case
  bool personal_refused = false;
  std::vector<std::string> personal_fields;  ///< user attributes, user_metadata.x too
  size_t history = 0;                        ///< earlier passwords that may not come back, 0 to 24

  static PasswordPolicy of(const model::Connection& connection);

  /// Everything but the history. Pure computation, well under a millisecond.
  [[nodiscard]] DatabaseResult<void> check(std::string_view password, const model::User& user) const;
  /// The rules with what this password makes of them, as Auth0's clients show them: {rules: […], verified}.
  [[nodiscard]] json::object explain(std::string_view password) const;
  /// The same as text, a line a rule.
  [[nodiscard]] std::string text() const;
};

/// Longest password taken, in characters. Longer ones are refused before anything is computed.
inline constexpr size_t kMaxPasswordLength = 256;

}  // namespace gatehouse::connections
