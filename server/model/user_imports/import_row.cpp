#include "model/user_imports/import_row.h"

#include "crypto/password_formats/imported_hash.h"
#include "crypto/password_hash.h"
#include "model/authentication_methods/authentication_method.h"
#include "model/description/property.h"

namespace gatehouse::model {
namespace {

using namespace description;

constexpr size_t longest_shown_row = 4 * 1024;  // bytes
constexpr std::string_view hidden = "*****";

/// Root attributes that are kept as they come.
constexpr std::string_view profile_texts[] = {"given_name", "family_name", "name", "nickname", "picture"};

/// Never shown in an error.
constexpr std::string_view secret_properties[] = {"password_hash", "custom_password_hash", "mfa_factors"};

/// Auth0 keeps these names for itself.
constexpr std::string_view reserved_app_metadata[] = {
    "__tenant",   "_id",        "blocked", "clientID",  "created_at",  "email_verified", "email",
    "globalClientID", "global_client_id", "identities", "lastIP", "lastLogin", "loginsCount", "metadata", "multifactor_last_modified",
    "multifactor", "updated_at", "user_id"};

bool is_base32(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); });
}
bool is_phone(std::string_view text) {
  return text.size() >= 2 && text.size() <= 16 && text[0] == '+' && std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}
bool is_own_id(std::string_view text) { return text.find_first_of("|/?# \t\r\n") == std::string_view::npos; }

constexpr Pattern base32{"^[A-Z2-7]+$", is_base32};
constexpr Pattern phone{"^\\+[0-9]{1,15}$", is_phone};
constexpr Pattern own_id{"^[^|/?#\\s]+$", is_own_id};

Property encoding() { return one_of({"base64", "hex", "utf8"}); }

Property custom_password_hash() {
  Property key = object().field("value", string().required()).field("encoding", encoding());
  Property hash = object()
                      .field("value", string().required().length(1, 4096))
                      .field("encoding", encoding())
                      .field("digest", one_of({"md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"}))
                      .field("key", std::move(key));
  Property salt = object()
                      .field("value", string().required().max(4096))
                      .field("encoding", encoding())
                      .field("position", one_of({"prefix", "suffix"}));
  return object()
      .field("algorithm",
             one_of({"argon2", "bcrypt", "hmac", "ldap", "md4", "md5", "sha1", "sha256", "sha512", "pbkdf2", "scrypt"}).required())
      .field("hash", std::move(hash).required())
      .field("salt", std::move(salt))
      .field("password", object().field("encoding", one_of({"ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"})))
      .field("keylen", integer().at_least(1))
      .field("cost", integer().at_least(1))
      .field("blockSize", integer().at_least(1))
      .field("parallelization", integer().at_least(1));
}

Property mfa_factors() {
  return array(object()
                   .field("totp", object().field("secret", string().required().pattern(base32)))
                   .field("phone", object().field("value", string().required().pattern(phone)))
                   .field("email", object().field("value", string().required().format(Format::email))))
      .items(1, 10);
}

/// Auth0's bulk import schema.
const Property& row_schema() {
  static const Property schema = object()
                                     .field("email", string().format(Format::email))
                                     .field("email_verified", boolean())
                                     .field("phone_number", string())
                                     .field("phone_verified", boolean())
                                     .field("user_id", string().length(1, 250).pattern(own_id))
                                     .field("username", string().length(1, 128))
                                     .field("given_name", string().max(150))
                                     .field("family_name", string().max(150))
                                     .field("name", string().max(300))
                                     .field("nickname", string().max(300))
                                     .field("picture", string().max(2048))
                                     .field("blocked", boolean())
                                     .field("password_hash", string().max(1024))
                                     .field("custom_password_hash", custom_password_hash())
                                     .field("app_metadata", open_object())
                                     .field("user_metadata", open_object())
                                     .field("mfa_factors", mfa_factors());
  return schema;
}

/// A complaint of the schema ("'…' on property x") as Auth0's import words it.
RowError schema_error(std::string_view complaint) {
  const size_t end = complaint.rfind("' on property ");
  std::string sentence(complaint.substr(1, (end == complaint.npos ? complaint.size() - 1 : end) - 1));
  const std::string path(end == complaint.npos ? std::string_view() : complaint.substr(end + 14));
  for (const std::string_view secret : secret_properties)
    if (path.starts_with(secret)) sentence = sentence.substr(0, sentence.find(": "));  // what follows quotes the value
  static constexpr std::pair<std::string_view, std::string_view> codes[] = {
      {"Expected type", "INVALID_TYPE"},
      {"Object didn't pass validation for format", "INVALID_FORMAT"},
      {"No enum match", "ENUM_MISMATCH"},
      {"String does not match pattern", "PATTERN"},
      {"String is too short", "MIN_LENGTH"},
      {"String is too long", "MAX_LENGTH"},
      {"Value", "MINIMUM"},
      {"Array is too short", "ARRAY_LENGTH_SHORT"},
      {"Array is too long", "ARRAY_LENGTH_LONG"},
      {"Missing required property", "OBJECT_MISSING_REQUIRED_PROPERTY"},
      {"Additional properties not allowed", "OBJECT_ADDITIONAL_PROPERTIES"}};
  std::string_view code = "NOT_PASSED";
  for (const auto& [beginning, name] : codes)
    if (sentence.starts_with(beginning)) code = name;
  return {std::string(code), "Error in " + (path.empty() ? std::string("user") : path) + " property - " + sentence, path};
}

RowError refused(std::string code, std::string path, const std::string& sentence) {
  return {std::move(code), "Error in " + path + " property - " + sentence, path};
}

Result<std::optional<std::string>, RowError> read_hash(const json::object& row) {
  const auto plain = get_string(row, "password_hash");
  const json::object* custom = get_object(row, "custom_password_hash");
  if (plain && custom)
    return refused("NOT_PASSED", "custom_password_hash", "It excludes password_hash");
  if (plain) {
    if (!plain->starts_with("$2") || !crypto::PasswordHasher::is_supported(*plain))
      return refused("INVALID_FORMAT", "password_hash", "A bcrypt hash begins with $2a$, $2b$ or $2y$; others are given as custom_password_hash");
    return std::optional(std::string(*plain));
  }
  if (!custom) return std::optional<std::string>{};
  Result<std::string> stored = crypto::stored_form(*custom);
  if (!stored) return refused("INVALID_FORMAT", "custom_password_hash", stored.error().message);
  return std::optional(*std::move(stored));
}

Result<void, RowError> read_identifiers(const json::object& row, const ImportTarget& target, User& user) {
  if (const auto email = get_string(row, "email")) {
    user.email = normalize_email(*email);
    if (!user.email) return schema_error("'Object didn't pass validation for format email: " + std::string(*email) + "' on property email");
  }
  if (const auto username = get_string(row, "username")) {
    if (!normalize_username(*username)) return refused("INVALID_FORMAT", "username", "It holds blanks or control characters");
    user.username = *username;
  } else if (target.requires_username) {
    return RowError{"OBJECT_MISSING_REQUIRED_PROPERTY", "Missing username for " + target.connection + " connection with requires_username enabled", "username"};
  }
  if (const auto number = get_string(row, "phone_number")) {
    user.phone_number = normalize_phone(*number);
    if (!user.phone_number) return refused("INVALID_FORMAT", "phone_number", "It is not in E.164 form");
  }
  if (!user.email && !user.username && !user.phone_number) return schema_error("'Missing required property: email'");
  return {};
}

std::vector<ImportedFactor> read_factors(const json::object& row) {
  static constexpr std::tuple<std::string_view, std::string_view, std::string_view> kinds[] = {
      {"totp", "secret", method_type::kTotp}, {"phone", "value", method_type::kPhone}, {"email", "value", method_type::kEmail}};
  std::vector<ImportedFactor> out;
  const json::value* factors = row.if_contains("mfa_factors");
  if (!factors) return out;
  for (const json::value& factor : factors->get_array())
    for (const auto& [name, property, type] : kinds)
      if (const json::object* one = get_object(factor.get_object(), name)) out.push_back({type, std::string(*get_string(*one, property))});
  return out;
}

}  // namespace

ImportIds::ImportIds(crypto::Random& random, Timestamp now) {
  char time[9];
  std::snprintf(time, sizeof time, "%08x", unsigned(to_unix_seconds(now)));
  prefix_ = time + random.hex(8);
}

std::string ImportIds::next() {
  char count[9];
  std::snprintf(count, sizeof count, "%08x", count_++);
  return prefix_ + count;
}

Result<ImportRow, RowError> read_import_row(const json::value& value, const ImportTarget& target, ImportIds& ids, Timestamp now) {
  if (const auto complaint = row_schema().complaint(value, Body::create)) return schema_error(*complaint);
  const json::object& row = value.get_object();
  ImportRow out;
  User& user = out.fresh.user;
  user.tenant = target.tenant;
  user.created_at = user.updated_at = now;
  TRY_VOID(read_identifiers(row, target, user));
  user.email_verified = get_bool(row, "email_verified").value_or(false);
  out.says_email_verified = row.contains("email_verified");
  user.phone_verified = get_bool(row, "phone_verified").value_or(false);
  user.blocked = get_bool(row, "blocked").value_or(false);
  for (const std::string_view name : profile_texts)
    if (const auto text = get_string(row, name)) {
      user.attributes[name] = *text;
      out.given_texts.push_back(name);
    }
  user.fill_defaults();
  if (const json::object* metadata = get_object(row, "user_metadata")) user.user_metadata = *metadata;
  if (const json::object* metadata = get_object(row, "app_metadata")) {
    for (const std::string_view name : reserved_app_metadata)
      if (metadata->contains(name)) return refused("NOT_PASSED", "app_metadata", "The name " + std::string(name) + " is reserved");
    user.app_metadata = *metadata;
  }
  const auto own_id = get_string(row, "user_id");
  const std::string id = own_id ? std::string(*own_id) : ids.next();
  user.id = UserId("auth0|" + id);
  user.identities.push_back({.connection = target.connection, .provider = "auth0", .user_id = id});
  TRY(std::optional<std::string> hash, read_hash(row));
  if (hash) out.fresh.password = PasswordCredential{*std::move(hash), now, {}};
  out.has_custom_password_hash = row.contains("custom_password_hash");
  out.factors = read_factors(row);
  return out;
}

std::optional<std::string> apply_upsert(const ImportRow& row, User& user) {
  const User& wanted = row.fresh.user;
  if (row.says_email_verified) user.email_verified = wanted.email_verified;
  for (const std::string_view name : row.given_texts) user.attributes[name] = wanted.attributes.at(name);
  if (!wanted.user_metadata.empty()) user.user_metadata = wanted.user_metadata;
  if (!wanted.app_metadata.empty()) user.app_metadata = wanted.app_metadata;
  if (row.has_custom_password_hash && user.logins_count == 0) return row.fresh.password->hash;
  return std::nullopt;
}

json::object shown_row(const json::value& value) {
  const json::object* row = value.if_object();
  if (!row) return {{"value", value.is_string() ? json::value(std::string_view(value.get_string()).substr(0, 200)) : value}};
  json::object out = *row;
  for (const std::string_view name : secret_properties)
    if (out.contains(name)) out[name] = hidden;
  if (json::serialize(out).size() <= longest_shown_row) return out;
  json::object small;
  for (const std::string_view name : {"email", "user_id", "username", "phone_number"})
    if (const auto text = get_string(out, name)) small[name] = text->substr(0, 300);
  return small;
}

}  // namespace gatehouse::model
