#include "management/users/user_body.h"

namespace gatehouse::management {
namespace {

using Normalize = std::optional<std::string> (*)(std::string_view);

/// An identifier: null removes it, text is normalised. Whether it changed.
ApiResult<bool> apply_identifier(const json::object& body, std::string_view name, Normalize normalize, std::optional<std::string>& target) {
  const json::value* value = body.if_contains(name);
  if (!value) return false;
  std::optional<std::string> next;
  if (value->is_string()) {
    next = normalize(std::string_view(value->get_string()));
    if (!next)
      return ApiError(ApiErrc::invalid_body, "Payload validation error: 'Object didn't pass validation for format " + std::string(name) +
                                                 ": " + std::string(value->get_string()) + "' on property " + std::string(name) + ".");
  }
  const bool changed = next != target;
  target = std::move(next);
  return changed;
}

/// First-level merge: null removes a key, nested objects are replaced whole.
void merge(json::object& target, const json::object& change) {
  for (const auto& [key, value] : change) {
    if (value.is_null())
      target.stable_erase(key);
    else
      target.insert_or_assign(key, value);
  }
}

std::optional<std::string> keep_username(std::string_view username) {
  // compared without case (the identifier table), shown as written
  return model::normalize_username(username) ? std::optional(std::string(username)) : std::nullopt;
}

}  // namespace

ApiResult<void> apply_body(const json::object& body, model::User& user) {
  TRY(const bool email_changed, apply_identifier(body, "email", model::normalize_email, user.email));
  TRY(const bool phone_changed, apply_identifier(body, "phone_number", model::normalize_phone, user.phone_number));
  TRY_VOID(apply_identifier(body, "username", keep_username, user.username));
  if (email_changed) user.email_verified = false;
  if (phone_changed) user.phone_verified = false;
  user.email_verified = get_bool(body, "email_verified").value_or(user.email_verified);
  user.phone_verified = get_bool(body, "phone_verified").value_or(user.phone_verified);
  user.blocked = get_bool(body, "blocked").value_or(user.blocked);
  for (const std::string_view name : {"given_name", "family_name", "name", "nickname", "picture"}) {
    const json::value* value = body.if_contains(name);
    if (!value) continue;
    if (value->is_null())
      user.attributes.stable_erase(name);
    else
      user.attributes.insert_or_assign(name, *value);
  }
  if (const json::object* change = get_object(body, "user_metadata")) merge(user.user_metadata, *change);
  if (const json::object* change = get_object(body, "app_metadata")) merge(user.app_metadata, *change);
  return {};
}

}  // namespace gatehouse::management
