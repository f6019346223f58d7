#pragma once
#include <string>
#include <utility>
#include <vector>

#include "model/users/user.h"

namespace gatehouse::model {

/// One searchable value of a user: a dotted path (array levels skipped) and the value as text.
using Term = std::pair<std::string, std::string>;

/// Whether values under this path compare without case (Auth0: email, name, given_name, family_name, nickname).
bool is_case_insensitive_path(std::string_view path);
/// The longest part of a value that is indexed, in bytes; longer ones are found by their beginning.
inline constexpr size_t kMaxTermValue = 256;
/// Number of terms kept for one user; what comes after is not searchable.
inline constexpr size_t kMaxTerms = 500;

/// The value as the index keeps it: cut to kMaxTermValue on a character boundary, lower case where case does not count.
std::string term_value(std::string_view path, std::string_view value);
/// Everything a search can find this user by, sorted, each once. Empty arrays, empty objects and null are not indexed.
std::vector<Term> terms_of(const User& user);

}  // namespace gatehouse::model
