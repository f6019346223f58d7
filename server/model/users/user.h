#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace gatehouse::model {

/// One account of a user at one connection. The first one is the account the user was created with.
struct Identity {
  std::string connection;
  std::string provider;  ///< auth0, google-oauth2, …
  std::string user_id;   ///< the part after the `|`
  bool is_social = false;
  json::object profile_data;  ///< linked accounts only: the attributes the account had

  /// The id of the user that this account is by itself: provider|user_id. Its password is stored under it, linked or not.
  [[nodiscard]] UserId account() const { return UserId(provider + "|" + user_id); }
};

/// A user. Columns that are searched or constrained are members; every other root attribute stands in `attributes`.
struct User {
  UserId id;
  TenantId tenant;
  std::optional<std::string> email;  ///< lower case as stored
  bool email_verified = false;
  std::optional<std::string> username;
  std::optional<std::string> phone_number;
  bool phone_verified = false;
  bool blocked = false;
  json::object attributes;  ///< name, nickname, picture, given_name, family_name, and whatever else a profile has
  json::object user_metadata;
  json::object app_metadata;
  std::vector<Identity> identities;
  int64_t logins_count = 0;
  std::optional<Timestamp> last_login;
  std::string last_ip;
  std::optional<Timestamp> last_password_reset;
  Timestamp created_at{};
  Timestamp updated_at{};
  int64_t position = 0;  ///< order of creation, unique in its tenant

  /// Connection the user was created in.
  [[nodiscard]] const std::string& connection() const { return identities.front().connection; }
  /// The account of this user at `connection` that a normalised e-mail address, username or phone number names; null: none.
  [[nodiscard]] const Identity* identity_by(std::string_view connection, std::string_view identifier) const;
  /// The account at this provider; null: none.
  [[nodiscard]] const Identity* identity_at(std::string_view provider, std::string_view own_id) const;
  /// The first of its accounts at this connection; null: none.
  [[nodiscard]] const Identity* identity_in(std::string_view connection) const;
  /// The e-mail address of one of its accounts.
  [[nodiscard]] std::optional<std::string> email_of(const Identity& account) const;
  /// `identities` as the Management API shows them.
  [[nodiscard]] json::array identities_to_json() const;
  /// The user as GET /api/v2/users/{id} shows it: dates in ISO 8601, absent values left out, never a password.
  [[nodiscard]] json::object to_json() const;
  /// The name a page or mail greets with: name, else nickname, e-mail, username.
  [[nodiscard]] std::string display_name() const;
  /// What tells accounts apart in logs and on pages: the e-mail, else the display name.
  [[nodiscard]] std::string known_as() const { return email.value_or(display_name()); }
  /// Fills name (the e-mail), nickname (its local part) and picture (gravatar) where they are missing.
  void fill_defaults();
};

/// What one account of a user is called by in its connection, normalised, with the kinds of user_store.h: database and passwordless
/// connections only.
std::vector<std::pair<std::string_view, std::string>> identifiers_of(const User& user, const Identity& identity);

/// A database connection's password of a user.
struct PasswordCredential {
  std::string hash;  ///< bcrypt or PHC text
  Timestamp set_at{};
  std::vector<std::string> history;  ///< earlier hashes, newest first
};

/// The form in which addresses are compared and stored: NFC, case-folded, trimmed of nothing; nullopt when it is not a plausible
/// address (control characters, blanks, no @, over 254 bytes).
std::optional<std::string> normalize_email(std::string_view email);
/// Usernames compare without case; nullopt on control characters, blanks or emptiness.
std::optional<std::string> normalize_username(std::string_view username);
/// E.164: + and 2 to 15 digits.
std::optional<std::string> normalize_phone(std::string_view phone);

}  // namespace gatehouse::model
