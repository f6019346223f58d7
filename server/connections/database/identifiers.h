#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/connections/connection.h"
#include "model/users/user_store.h"

namespace gatehouse::connections {

/// What users of a database connection are called by: `attributes` (flexible identifiers) where the connection has them, else
/// the e-mail address and, with `requires_username`, a username.
struct IdentifierRules {
  struct One {
    bool identifies = false;  ///< may be typed to log in
    bool asked = false;       ///< a field of the sign-up form
    bool required = false;    ///< without it there is no sign-up
  };
  One email{true, true, true};
  One username{};
  One phone_number{};
  size_t username_min = 1, username_max = 15;
  std::vector<std::string> precedence{"email", "phone_number", "username"};  ///< in which order they are asked for
  bool username_may_be_email = false, username_may_be_phone = false;

  static IdentifierRules of(const model::Connection& connection);
};

/// A phone number as people write it, with its country code: blanks, hyphens, dots and brackets go, 00 becomes +. Nullopt when what is
/// left is no E.164 number.
std::optional<std::string> tidy_phone(std::string_view typed);

/// The identifiers that what somebody typed may be, likeliest first, normalised. Empty when it can be none.
std::vector<std::pair<model::IdentifierKind, std::string>> candidates(std::string_view typed);

/// The user of a connection by what somebody typed. A few point reads.
Result<std::optional<model::User>> find_user(storage::Reader& reader, const model::UserStore& users, const TenantId& tenant,
                                             std::string_view connection, std::string_view typed);

/// Which account of `user` in a connection somebody meant by what they typed: the first one, unless it is what a linked one is called by.
const model::Identity& account_meant(const model::User& user, std::string_view connection, std::string_view typed);

/// Characters that usernames may have on Auth0: letters, digits and @^$.!`-#+'~_.
bool is_plain_username(std::string_view username);

/// The form under which attempts are counted: of a known user its first identifier, so that guessing by e-mail and by username
/// is one count; of an unknown one what was typed, normalised.
std::string counted_identifier(const std::optional<model::User>& user, std::string_view typed);
/// Every form under which attempts on this user may be counted.
std::vector<std::string> all_identifiers(const model::User& user);

}  // namespace gatehouse::connections
