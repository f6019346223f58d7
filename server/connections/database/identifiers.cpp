#include "connections/database/identifiers.h"

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::connections {
namespace {

IdentifierRules::One read(const json::object& attributes, std::string_view name) {
  IdentifierRules::One rule;
  const json::object* attribute = get_object(attributes, name);
  if (!attribute) return rule;
  const json::object* identifier = get_object(*attribute, "identifier");
  rule.identifies = identifier && get_bool(*identifier, "active").value_or(false);
  const json::object* signup = get_object(*attribute, "signup");
  const std::string status(signup ? get_string(*signup, "status").value_or("") : "");
  rule.required = status == "required" || (status.empty() && rule.identifies) || get_bool(*attribute, "profile_required").value_or(false);
  rule.asked = rule.required || status == "optional";
  return rule;
}

}  // namespace

IdentifierRules IdentifierRules::of(const model::Connection& connection) {
  IdentifierRules rules;
  const auto limits = [&](const json::object* v) {
    if (!v) return;
    const auto number = [&](std::string_view a, std::string_view b, size_t fallback) {
      const auto value = get_int(*v, a) ? get_int(*v, a) : get_int(*v, b);
      return value && *value >= 1 && *value <= 128 ? size_t(*value) : fallback;
    };
    rules.username_min = number("min_length", "min", rules.username_min);
    rules.username_max = number("max_length", "max", rules.username_max);
  };
  // What the setting does not name comes after it.
  if (std::vector<std::string> order = get_strings(connection.options, "precedence"); !order.empty()) {
    for (std::string& kind : rules.precedence)
      if (std::find(order.begin(), order.end(), kind) == order.end()) order.push_back(std::move(kind));
    rules.precedence = std::move(order);
  }
  if (const json::object* attributes = get_object(connection.options, "attributes"); attributes && !attributes->empty()) {
    rules.email = read(*attributes, "email");
    rules.username = read(*attributes, "username");
    rules.phone_number = read(*attributes, "phone_number");
    const json::object* username = get_object(*attributes, "username");
    const json::object* validation = username ? get_object(*username, "validation") : nullptr;
    limits(validation);
    if (const json::object* types = validation ? get_object(*validation, "allowed_types") : nullptr) {
      rules.username_may_be_email = get_bool(*types, "email").value_or(false);
      rules.username_may_be_phone = get_bool(*types, "phone_number").value_or(false);
    }
    return rules;
  }
  if (connection.requires_username()) rules.username = {true, true, true};
  if (const json::object* validation = get_object(connection.options, "validation")) limits(get_object(*validation, "username"));
  return rules;
}

std::optional<std::string> tidy_phone(std::string_view typed) {
  std::string digits;
  for (const char c : trim(typed))
    if (std::string_view(" -.()/").find(c) == std::string_view::npos) digits += c;
  if (digits.starts_with("00")) digits.replace(0, 2, "+");
  return model::normalize_phone(digits);
}

std::vector<std::pair<model::IdentifierKind, std::string>> candidates(std::string_view typed) {
  // Blanks around it come with pasting and with phones' keyboards.
  typed = trim(typed);
  std::vector<std::pair<model::IdentifierKind, std::string>> out;
  if (auto email = model::normalize_email(typed)) out.emplace_back(model::IdentifierKind::email, std::move(*email));
  if (auto phone = tidy_phone(typed)) out.emplace_back(model::IdentifierKind::phone_number, std::move(*phone));
  if (auto username = model::normalize_username(typed)) out.emplace_back(model::IdentifierKind::username, std::move(*username));
  return out;
}

Result<std::optional<model::User>> find_user(storage::Reader& reader, const model::UserStore& users, const TenantId& tenant,
                                             std::string_view connection, std::string_view typed) {
  for (const auto& [kind, value] : candidates(typed)) {
    TRY(std::optional<model::User> user, users.find_by_identifier(reader, tenant, connection, kind, value));
    if (user) return user;
  }
  return std::optional<model::User>{};
}

const model::Identity& account_meant(const model::User& user, std::string_view connection, std::string_view typed) {
  for (const auto& [kind, value] : candidates(typed))
    if (const model::Identity* account = user.identity_by(connection, value)) return *account;
  return user.identities.front();
}

bool is_plain_username(std::string_view username) {
  return std::all_of(username.begin(), username.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("@^$.!`-#+'~_").find(c) != std::string_view::npos;
  });
}

std::string counted_identifier(const std::optional<model::User>& user, std::string_view typed) {
  if (user) {
    if (user->email) return *user->email;
    if (user->username) return model::normalize_username(*user->username).value_or(*user->username);
    if (user->phone_number) return *user->phone_number;
  }
  const auto forms = candidates(typed);
  // What can be nobody is still counted, under a bounded key.
  return forms.empty() ? to_lower_ascii(typed.substr(0, 128)) : forms.front().second;
}

std::vector<std::string> all_identifiers(const model::User& user) {
  std::vector<std::string> out;
  if (user.email) out.push_back(*user.email);
  if (user.username) out.push_back(model::normalize_username(*user.username).value_or(*user.username));
  if (user.phone_number) out.push_back(*user.phone_number);
  return out;
}

}  // namespace gatehouse::connections
