#include "connections/upstream/profile.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "model/users/user.h"

namespace gatehouse::connections {
namespace {

// Attributes that say what a user is allowed or is to us, and claims that speak about a token: no provider sets them.
constexpr std::string_view kReserved[] = {
    "_id",
    "acr",
    "act",
    "active",
    "amr",
    "app_metadata",
    "aud",
    "ath",
    "at_hash",
    "attest",
    "authorization_details",
    "auth_time",
    "azp",
    "blocked",
    "blocked_for",
    "c_hash",
    "clientID",
    "client_id",
    "cnf",
    "created_at",
    "email_verified",
    "enrolledMFA",
    "events",
    "exp",
    "global_client_id",
    "groups_source",
    "guardian",
    "htm",
    "htu",
    "iat",
    "id_token",
    "identities",
    "isSocial",
    "iss",
    "jti",
    "jwe",
    "jwk",
    "kid",
    "last_ip",
    "last_login",
    "last_password_reset",
    "logins_count",
    "may_act",
    "multifactor",
    "multifactor_last_modified",
    "nbf",
    "nonce",
    "org_id",
    "org_name",
    "organizations",
    "orig",
    "orph",
    "permissions",
    "persistent",
    "phone_verified",
    "roles",
    "rsu",
    "s_hash",
    "sid",
    "sub",
    "sub_jwk",
    "tenant",
    "toe",
    "txn",
    "typ",
    "updated_at",
    "user_id",
    "user_metadata",
    "username",
    "vot",
    "vtm",
    "x5t#S256",
    "access_token",
    "refresh_token",
    "__tenant",
    "_tmp",
    "password",
    "session_expiry",
    "ver",
    "uti",
    "rh",
    "aio",
};

bool is_reserved(std::string_view name) { return std::ranges::find(kReserved, name) != std::end(kReserved); }

bool is_root_text(std::string_view name) { return name == "name" || name == "nickname" || name == "given_name" || name == "family_name"; }

bool is_web_url(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) && text.size() <= 2'048 && !has_control(text) &&
         text.find_first_of(" \"'<>\\") == std::string_view::npos;
}

/// Within bounds and without NUL, which not every database keeps; false: nothing of it is worth keeping.
bool tidy(json::value& value, const ProfileLimits& limits, size_t depth) {
  if (json::string* text = value.if_string()) {
    if (text->find('\0') != json::string::npos) return false;
    if (text->size() > limits.text) *text = std::string(cut(*text, limits.text));
    return true;
  }
  if (json::array* list = value.if_array()) {
    if (depth == 0) return false;
    if (list->size() > limits.items) list->resize(limits.items);
    json::array kept;
    for (json::value& item : *list)
      if (tidy(item, limits, depth - 1)) kept.push_back(std::move(item));
    *list = std::move(kept);
    return true;
  }
  if (json::object* object = value.if_object()) {
    if (depth == 0) return false;
    json::object kept;
    for (auto& member : *object) {
      if (kept.size() == limits.members) break;
      const std::string_view name = member.key();
      if (name.empty() || name.size() > 100 || has_control(name)) continue;
      if (tidy(member.value(), limits, depth - 1)) kept[name] = std::move(member.value());
    }
    *object = std::move(kept);
    return true;
  }
  if (const double* number = value.if_double()) return *number == *number;
  return true;
}

std::optional<std::string> as_subject(const json::value& value, const ProfileLimits& limits) {
  std::string text;
  if (value.is_string())
    text = value.get_string();
  else if (value.is_int64())
    text = std::to_string(value.get_int64());
  else if (value.is_uint64())
    text = std::to_string(value.get_uint64());
  if (text.empty() || text.size() > limits.subject || has_control(text)) return std::nullopt;
  return text;
}

bool is_true(const json::value& value) {
  return (value.is_bool() && value.get_bool()) || (value.is_string() && value.get_string() == "true");  // Apple sends a text
}

/// A value for one of our attributes. Later sources fill gaps only.
void set(Profile& profile, std::string_view attribute, const json::value& value, const ProfileLimits& limits) {
  if (value.is_null() || attribute.empty() || attribute.size() > 100 || has_control(attribute)) return;
  if (attribute == "user_id") {
    if (!profile.subject.empty()) return;
    if (auto subject = as_subject(value, limits)) profile.subject = std::move(*subject);
  } else if (attribute == "email") {
    if (!profile.email && value.is_string()) profile.email = model::normalize_email(value.get_string());
  } else if (attribute == "email_verified") {
    if (is_true(value)) profile.email_verified = true;
  } else if (is_reserved(attribute) || profile.attributes.contains(attribute)) {
    return;
  } else if (is_root_text(attribute)) {
    if (!value.is_string() || value.get_string().empty() || has_control(value.get_string())) return;
    profile.attributes[attribute] = std::string(cut(value.get_string(), 300));
  } else if (attribute == "picture") {
    if (value.is_string() && is_web_url(value.get_string())) profile.attributes[attribute] = value;
  } else {
    json::value kept = value;
    if (tidy(kept, limits, limits.depth)) profile.attributes[attribute] = std::move(kept);
  }
}

/// Both, what was signed above what was not.
json::object merged(const Answer& answer) {
  json::object all = answer.claims;
  for (const auto& member : answer.userinfo)
    if (!all.contains(member.key())) all.emplace(member.key(), member.value());
  return all;
}

/// ${context.tokenset.email}: the value behind an expression of an attribute_map; null: none.
const json::value* context_value(std::string_view expression, const Upstream& upstream, const Answer& answer, json::value& buffer) {
  constexpr std::string_view tokenset = "context.tokenset.", userinfo = "context.userinfo.", connection = "context.connection.";
  if (expression.starts_with(userinfo)) return answer.userinfo.if_contains(expression.substr(userinfo.size()));
  if (expression.starts_with(tokenset)) {
    const std::string_view name = expression.substr(tokenset.size());
    return name == "access_token" ? nullptr : answer.claims.if_contains(name);  // a secret is no attribute
  }
  if (expression == std::string(connection) + "id")
    buffer = upstream.connection->id.str();
  else if (expression == std::string(connection) + "strategy")
    buffer = upstream.connection->strategy;
  else if (expression == std::string(connection) + "name")
    buffer = upstream.connection->name;
  else
    return nullptr;
  return &buffer;
}

/// What a template of an attribute_map makes: one expression keeps its value's type, anything else is text.
std::optional<json::value> evaluate(std::string_view text, const Upstream& upstream, const Answer& answer) {
  json::value buffer;
  if (text.starts_with("${") && text.find('}') == text.size() - 1) {
    const json::value* value = context_value(text.substr(2, text.size() - 3), upstream, answer, buffer);
    return value ? std::optional<json::value>(*value) : std::nullopt;
  }
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find("${");
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
      out += text;
      break;
    }
    out += text.substr(0, open);
    if (const json::value* value = context_value(text.substr(open + 2, close - open - 2), upstream, answer, buffer))
      out += value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    text.remove_prefix(close + 1);
  }
  return json::value(out);
}

void by_attribute_map(Profile& profile, const json::object& attributes, const Upstream& upstream, const Answer& answer,
                      const ProfileLimits& limits) {
  for (const auto& member : attributes) {
    if (!member.value().is_string()) continue;
    if (const auto value = evaluate(member.value().get_string(), upstream, answer)) set(profile, member.key(), *value, limits);
  }
}

}  // namespace

const json::value* find_source(const json::object& from, std::string_view source) {
  if (!source.starts_with('/')) return from.if_contains(source);
  const json::value* at = nullptr;
  const json::object* object = &from;
  while (!source.empty()) {
    source.remove_prefix(1);
    const size_t end = std::min(source.find('/'), source.size());
    std::string name(source.substr(0, end));
    for (size_t i = 0; i + 1 < name.size(); ++i)
      if (name[i] == '~' && (name[i + 1] == '0' || name[i + 1] == '1')) name.replace(i, 2, name[i + 1] == '0' ? "~" : "/");
    if (object) {
      at = object->if_contains(name);
    } else {
      const json::array* list = at->if_array();
      if (!list || name.empty() || name.size() > 6 || name.find_first_not_of("0123456789") != std::string::npos) return nullptr;
      const size_t index = std::stoul(name);
      at = index < list->size() ? &(*list)[index] : nullptr;
    }
    if (!at) return nullptr;
    object = at->if_object();
    source.remove_prefix(end);
  }
  return at;
}

bool maps_userinfo(const model::Connection& connection) {
  const json::object* map = get_object(connection.options, "attribute_map");
  const json::object* attributes = map ? get_object(*map, "attributes") : nullptr;
  if (!attributes || get_string(*map, "mapping_mode").value_or("") != "use_map") return false;
  for (const auto& member : *attributes)
    if (member.value().is_string() && std::string_view(member.value().get_string()).find("${context.userinfo.") != std::string_view::npos)
      return true;
  return false;
}

Result<Profile> make_profile(const Upstream& upstream, const Answer& answer, const ProfileLimits& limits) {
  const json::object& options = upstream.connection->options;
  const json::object all = merged(answer);
  Profile profile;
  // Who it is never comes from a map of attributes where an ID token says it.
  if (const json::value* sub = answer.claims.if_contains("sub")) set(profile, "user_id", *sub, limits);

  const json::object* own = get_object(options, "profileMapping");
  const json::object* fields = get_object(options, "fieldsMap");
  const json::object* map = get_object(options, "attribute_map");
  const bool use_map = map && get_string(*map, "mapping_mode").value_or("") == "use_map";
  if (own || fields) {
    for (const json::object* mapping : {own, fields}) {
      if (!mapping) continue;
      for (const auto& member : *mapping)
        if (member.value().is_string())
          if (const json::value* value = find_source(all, member.value().get_string())) set(profile, member.key(), *value, limits);
    }
  } else if (use_map) {
    if (const json::object* attributes = get_object(*map, "attributes")) by_attribute_map(profile, *attributes, upstream, answer, limits);
  }
  if (!own) {
    for (const Mapped& mapped : upstream.provider->profile) {
      // Whose address it is, and verified: of one source, never of a mixture.
      if (mapped.attribute == "email_verified" && profile.email &&
          (use_map || profile.email != model::normalize_email(get_string(all, "email").value_or(""))))
        continue;
      if (use_map && mapped.attribute != "user_id") continue;
      if (const json::value* value = find_source(all, mapped.source)) set(profile, mapped.attribute, *value, limits);
    }
    if (upstream.provider->keeps_the_rest && !use_map)
      for (const auto& member : all) {
        if (profile.attributes.size() == limits.members) break;
        const auto is_source = [&](const Mapped& mapped) { return mapped.source == std::string_view(member.key()); };
        if (std::ranges::any_of(upstream.provider->profile, is_source)) continue;  // it has one of our names already
        if (member.key() != "email") set(profile, member.key(), member.value(), limits);
      }
  }
  if (upstream.provider->email_verified == Provider::EmailVerified::never) profile.email_verified = false;
  if (!profile.email) profile.email_verified = false;
  if (profile.subject.empty())
    return Error{Errc::invalid_argument, "The identity provider did not say who you are.", "no usable user_id in its profile"};
  if (json::serialize(profile.attributes).size() > limits.bytes)
    return Error{Errc::invalid_argument, "The identity provider sent a profile that is too large.", "over 100 kB"};
  return profile;
}

}  // namespace gatehouse::connections
