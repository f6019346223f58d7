#include "connections/database/password_policy.h"

#include <zxcvbn.h>

#include <cmath>

#include "base/encoding.h"

namespace gatehouse::connections {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_special(char c) { return c >= 0x20 && c < 0x7f && !is_lower(c) && !is_upper(c) && !is_digit(c); }

bool has(std::string_view text, bool (*kind)(char)) { return std::any_of(text.begin(), text.end(), kind); }

/// Text cut into code points; malformed bytes count one each.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    out.push_back(text.substr(i, length));
    i += length;
  }
  return out;
}

bool has_identical_run(std::string_view password) {
  const auto c = characters(password);
  for (size_t i = 2; i < c.size(); ++i)
    if (c[i] == c[i - 1] && c[i] == c[i - 2]) return true;
  return false;
}

bool has_sequence(std::string_view password) {
  const std::string text = to_lower_ascii(password);
  for (size_t i = 2; i < text.size(); ++i) {
    const char a = text[i - 2], b = text[i - 1], c = text[i];
    const bool same_kind = (is_lower(a) && is_lower(b) && is_lower(c)) || (is_digit(a) && is_digit(b) && is_digit(c));
    if (same_kind && ((b == a + 1 && c == b + 1) || (b == a - 1 && c == b - 1))) return true;
  }
  return false;
}

/// Whether the password, whatever its case, is among the `rank` first that somebody would try. The measure is zxcvbn's, whose
/// entropy is the logarithm of that number: it knows common words by their rank, and also what a list of passwords is full of, such
/// as 123456, qwerty or password1 (which it takes apart, so that looking for one whole word would miss them).
/// `own`: further words that whoever guesses would begin with, in lower case.
bool is_common(std::string_view password, double rank, const std::vector<std::string>& own = {}) {
  if (password.empty() || password.size() > 40) return false;  // nothing that long is common
  std::vector<const char*> dictionary;
  for (const std::string& word : own) dictionary.push_back(word.c_str());
  dictionary.push_back(nullptr);
  return ZxcvbnMatch(to_lower_ascii(password).c_str(), own.empty() ? nullptr : dictionary.data(), nullptr) <= std::log2(rank);
}

/// The value of a profile field as a text: `nickname`, `user_metadata.first`, `email` (the part before the @).
std::optional<std::string> field_of(const model::User& user, std::string_view field) {
  constexpr std::string_view metadata = "user_metadata.";
  if (field == "email") {
    if (!user.email) return std::nullopt;
    return user.email->substr(0, user.email->find('@'));
  }
  if (field == "username") return user.username;
  if (field == "phone_number") return user.phone_number;
  const auto value =
      field.starts_with(metadata) ? get_string(user.user_metadata, field.substr(metadata.size())) : get_string(user.attributes, field);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

bool contains_personal(std::string_view password, const model::User& user, const std::vector<std::string>& fields) {
  const std::string text = to_lower_ascii(password);
  for (const std::string& field : fields) {
    const auto value = field_of(user, field);
    // A value of one or two letters would forbid half of all passwords.
    if (value && value->size() >= 3 && text.find(to_lower_ascii(*value)) != std::string::npos) return true;
  }
  return false;
}

/// What the user is called by, in words of three letters and more.
std::vector<std::string> own_words(const model::User& user) {
  std::vector<std::string> words;
  for (const std::string_view field : {"email", "username", "name", "nickname", "given_name", "family_name"}) {
    const std::string value = to_lower_ascii(field_of(user, field).value_or(""));
    size_t from = 0;
    while (from < value.size() && words.size() < 40) {
      const size_t end = std::min(value.find_first_of(" .,_-+@", from), value.size());
      if (end - from >= 3) words.push_back(value.substr(from, std::min<size_t>(end - from, 64)));
      from = end + 1;
    }
  }
  return words;
}

struct Kind {
  std::string_view code, message;
  bool (*matches)(char);
};
constexpr Kind kKinds[] = {{"lowerCase", "lower case letters (a-z)", is_lower},
                           {"upperCase", "upper case letters (A-Z)", is_upper},
                           {"numbers", "numbers (i.e. 0-9)", is_digit},
                           {"specialCharacters", "special characters (e.g. !@#$%^&*)", is_special}};

}  // namespace

PasswordPolicy PasswordPolicy::of(const model::Connection& connection) {
  PasswordPolicy p;
  const json::object& options = connection.options;
  p.level = connection.password_policy();
  p.personal_fields = {"name", "username", "nickname", "user_metadata.name", "user_metadata.first", "user_metadata.last", "email"};

  if (const json::object* flexible = get_object(options, "password_options")) {
    if (const json::object* c = get_object(*flexible, "complexity")) {
      p.min_length = size_t(std::clamp<int64_t>(get_int(*c, "min_length").value_or(8), 1, int64_t(kMaxPasswordLength)));
      const auto types = get_strings(*c, "character_types");
      const auto wants = [&](std::string_view type) { return std::find(types.begin(), types.end(), type) != types.end(); };
      if (get_string(*c, "character_type_rule").value_or("") == "three_of_four") {
        p.needs_three_of_four = true;
      } else {
        p.needs_lower = wants("lowercase");
        p.needs_upper = wants("uppercase");
        p.needs_digit = wants("number");
        p.needs_special = wants("special");
      }
      p.no_identical_run = get_string(*c, "identical_characters").value_or("") == "block";
      p.no_sequence = get_string(*c, "sequential_characters").value_or("") == "block";
    }
    if (const json::object* d = get_object(*flexible, "dictionary"); d && get_bool(*d, "active").value_or(false)) {
      p.common_refused = true;
      p.long_common_refused = get_string(*d, "default").value_or("") == "en_100k";
      for (const std::string& word : get_strings(*d, "custom")) p.words.push_back(to_lower_ascii(word));
    }
    if (const json::object* h = get_object(*flexible, "history"); h && get_bool(*h, "active").value_or(false))
      p.history = size_t(std::clamp<int64_t>(get_int(*h, "size").value_or(3), 1, 24));
    if (const json::object* d = get_object(*flexible, "profile_data"); d && get_bool(*d, "active").value_or(false)) {
      p.personal_refused = true;
      if (auto fields = get_strings(*d, "blocked_fields"); !fields.empty()) p.personal_fields = std::move(fields);
    }
    return p;
  }

  if (p.level == "none")
    p.min_length = 1;
  else if (p.level == "low")
    p.min_length = 6;
  else if (p.level == "excellent")
    p.min_length = 10;
  else
    p.min_length = 8;
  if (p.level == "fair") p.needs_lower = p.needs_upper = p.needs_digit = true;
  if (p.level == "good" || p.level == "excellent") p.needs_three_of_four = true;
  if (p.level == "excellent") p.no_identical_run = true;
  if (const json::object* c = get_object(options, "password_complexity_options"))
    if (const auto length = get_int(*c, "min_length")) p.min_length = size_t(std::clamp<int64_t>(*length, 1, int64_t(kMaxPasswordLength)));
  if (const json::object* d = get_object(options, "password_dictionary"); d && get_bool(*d, "enable").value_or(false)) {
    p.common_refused = true;
    for (const std::string& word : get_strings(*d, "dictionary")) p.words.push_back(to_lower_ascii(word));
  }
  if (const json::object* h = get_object(options, "password_history"); h && get_bool(*h, "enable").value_or(false))
    p.history = size_t(std::clamp<int64_t>(get_int(*h, "size").value_or(5), 1, 24));
  if (const json::object* n = get_object(options, "password_no_personal_info")) p.personal_refused = get_bool(*n, "enable").value_or(false);
  return p;
}

DatabaseResult<void> PasswordPolicy::check(std::string_view password, const model::User& user) const {
  if (password.size() > 4 * kMaxPasswordLength || length_in_characters(password) > kMaxPasswordLength)
    return DatabaseError{DatabaseErrc::password_too_long,
                         "Password is too long: at most " + std::to_string(kMaxPasswordLength) + " characters"};
  if (!is_valid_utf8(password) || password.find('\0') != std::string_view::npos)
    return DatabaseError{DatabaseErrc::password_not_strong_enough, "Password contains characters that cannot be used"};

  json::object explained = explain(password);
  if (!explained["verified"].as_bool()) {
    const bool too_short = length_in_characters(password) < min_length;
    DatabaseError error{too_short ? DatabaseErrc::password_too_short : DatabaseErrc::password_not_strong_enough, "Password is too weak"};
    error.details = json::object{{"description", std::move(explained)}, {"policy", text()}};
    return error;
  }
  const bool listed = std::find(words.begin(), words.end(), to_lower_ascii(password)) != words.end();
  if (listed || (common_refused && is_common(password, long_common_refused ? 100'000 : 10'000)))
    return DatabaseError{DatabaseErrc::password_too_common, "Password is too common"};
  if (personal_refused && contains_personal(password, user, personal_fields))
    return DatabaseError{DatabaseErrc::password_contains_user_data, "Password contains user information"};
  if (common_refused && is_common(password, long_common_refused ? 100'000 : 10'000, own_words(user)))
    return DatabaseError{DatabaseErrc::password_too_common, "Password is too common"};
  return {};
}

json::object PasswordPolicy::explain(std::string_view password) const {
  json::array rules;
  bool all = true;
  const auto add = [&](json::object rule, bool verified) {
    rule["verified"] = verified;
    all = all && verified;
    rules.push_back(std::move(rule));
  };

  if (min_length <= 1)
    add({{"message", "Non-empty password required"}, {"code", "nonEmpty"}}, !password.empty());
  else
    add({{"message", "At least %d characters in length"}, {"format", json::array{min_length}}, {"code", "lengthAtLeast"}},
        length_in_characters(password) >= min_length);

  const bool wanted[] = {needs_lower, needs_upper, needs_digit, needs_special};
  json::array items;
  int found = 0, missing = 0;
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    if (!needs_three_of_four && !wanted[i]) continue;
    const bool here = has(password, kKinds[i].matches);
    ++(here ? found : missing);
    items.push_back(json::object{{"message", kKinds[i].message}, {"code", kKinds[i].code}, {"verified", here}});
  }
  if (needs_three_of_four) {
    add({{"message", "Contain at least %d of the following %d types of characters:"},
         {"code", "containsAtLeast"},
         {"format", json::array{3, 4}},
         {"items", std::move(items)}},
        found >= 3);
  } else if (!items.empty()) {
    add({{"message", "Should contain:"}, {"code", "shouldContain"}, {"items", std::move(items)}}, missing == 0);
  }
  if (no_identical_run)
    add({{"message", "No more than %d identical characters in a row (e.g., \"%s\" not allowed)"},
         {"code", "identicalChars"},
         {"format", json::array{2, "aaa"}}},
        !has_identical_run(password));
  if (no_sequence)
    add({{"message", "No more than %d sequential characters in a row (e.g., \"%s\" not allowed)"},
         {"code", "sequentialChars"},
         {"format", json::array{2, "abc"}}},
        !has_sequence(password));
  return {{"rules", std::move(rules)}, {"verified", all}};
}

std::string PasswordPolicy::text() const {
  const auto filled = [](std::string message, const json::array* values) {
    for (size_t i = 0; values && i < values->size(); ++i) {
      const size_t at = message.find('%');
      if (at == std::string::npos) break;
      const json::value& value = (*values)[i];
      message.replace(at, 2, value.is_string() ? std::string(value.get_string()) : json::serialize(value));
    }
    return message;
  };
  std::string out;
  const json::object explained = explain("");
  for (const json::value& item : explained.at("rules").as_array()) {
    const json::object& rule = item.as_object();
    if (!out.empty()) out += '\n';
    out += "* " + filled(std::string(rule.at("message").as_string()), get_array(rule, "format"));
    const json::array* items = get_array(rule, "items");
    for (size_t i = 0; items && i < items->size(); ++i) out += "\n * " + std::string((*items)[i].as_object().at("message").as_string());
  }
  return out;
}

}  // namespace gatehouse::connections
