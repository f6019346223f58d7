#include <cmath>

#include "base/text.h"
#include "model/description/property.h"

// The checks of Property. Each complaint is worded as Auth0 words it (reference: recorded 400 answers), because people and
// tools match on these texts.
namespace gatehouse::model {
namespace {

bool is_whole(const json::value& value) {
  if (value.is_int64() || value.is_uint64()) return true;
  return value.is_double() && std::isfinite(value.get_double()) && std::floor(value.get_double()) == value.get_double();
}

std::string_view type_name(const json::value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "boolean";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return is_whole(value) ? "integer" : "number";
}

std::string_view type_name(Property::Type type) {
  switch (type) {
    case Property::Type::any: return "any";
    case Property::Type::string: return "string";
    case Property::Type::integer: return "integer";
    case Property::Type::number: return "number";
    case Property::Type::boolean: return "boolean";
    case Property::Type::array: return "array";
    case Property::Type::object:
    case Property::Type::dictionary: return "object";
    case Property::Type::one_of: return "any";
  }
  return {};
}

/// A value quoted in an error text; long ones are cut.
std::string quoted(std::string_view text) {
  constexpr size_t longest = 200;
  return text.size() <= longest ? std::string(text) : std::string(cut(text, longest)) + "…";
}

std::string number_text(double number) {
  if (number == std::floor(number) && std::fabs(number) < 1e15) return std::to_string(static_cast<int64_t>(number));
  return json::serialize(json::value(number));
}

std::string below(const std::string& path, std::string_view name) { return path.empty() ? std::string(name) : path + "." + std::string(name); }

}  // namespace

std::string Property::say(const std::string& complaint, const std::string& path) const {
  std::string text = "'" + complaint + "'";
  if (!path.empty()) text += " on property " + path + (sentence_.empty() ? "" : " (" + sentence_ + ")");
  return text;
}

bool Property::accepts_type(const json::value& value) const {
  switch (type_) {
    case Type::any:
    case Type::one_of: return true;
    case Type::string: return value.is_string();
    case Type::integer: return is_whole(value);
    case Type::number: return value.is_number();
    case Type::boolean: return value.is_bool();
    case Type::array: return value.is_array();
    case Type::object:
    case Type::dictionary: return value.is_object();
  }
  return false;
}

std::optional<std::string> Property::complaint(const json::value& value, Body body, const std::string& path) const {
  if (value.is_null() && nullable_) return std::nullopt;
  if (!accepts_type(value)) {
    const std::string expected = std::string(type_name(type_)) + (nullable_ ? ",null" : "");
    return say("Expected type " + expected + " but found type " + std::string(type_name(value)), path);
  }
  switch (type_) {
    case Type::any:
    case Type::boolean: return std::nullopt;
    case Type::string: return check_string(value.get_string(), path);
    case Type::integer:
    case Type::number: return check_number(value, path);
    case Type::array: return check_array(value.get_array(), body, path);
    case Type::object: return check_object(value.get_object(), body, path);
    case Type::dictionary: return check_dictionary(value.get_object(), body, path);
    case Type::one_of: return check_alternatives(value, body, path);
  }
  return std::nullopt;
}

Property::Complaint Property::check_string(const json::string& text, const std::string& path) const {
  const std::string_view view = text;
  if (!texts_.empty() && std::find(texts_.begin(), texts_.end(), view) == texts_.end()) return say("No enum match for: " + quoted(view), path);
  if (fewest_ || most_) {
    const size_t length = length_in_characters(view);
    if (fewest_ && length < *fewest_)
      return say("String is too short (" + std::to_string(length) + " chars), minimum " + std::to_string(*fewest_), path);
    if (most_ && length > *most_) return say("String is too long (" + std::to_string(length) + " chars), maximum " + std::to_string(*most_), path);
  }
  if (pattern_.matches && !pattern_.matches(view))
    return say("String does not match pattern " + std::string(pattern_.text) + ": " + quoted(view), path);
  if (!matches(format_, view)) return say("Object didn't pass validation for format " + std::string(to_string(format_)) + ": " + quoted(view), path);
  return std::nullopt;
}

Property::Complaint Property::check_number(const json::value& value, const std::string& path) const {
  const double number = value.to_number<double>();
  if (lowest_ && number < *lowest_) return say("Value " + number_text(number) + " is less than minimum " + number_text(*lowest_), path);
  if (highest_ && number > *highest_) return say("Value " + number_text(number) + " is greater than maximum " + number_text(*highest_), path);
  return std::nullopt;
}

Property::Complaint Property::check_array(const json::array& array, Body body, const std::string& path) const {
  if (fewest_ && array.size() < *fewest_)
    return say("Array is too short (" + std::to_string(array.size()) + "), minimum " + std::to_string(*fewest_), path);
  if (most_ && array.size() > *most_)
    return say("Array is too long (" + std::to_string(array.size()) + "), maximum " + std::to_string(*most_), path);
  if (unique_) {
    std::unordered_map<std::string, size_t> seen;
    for (size_t i = 0; i < array.size(); ++i) {
      const auto [first, fresh] = seen.emplace(json::serialize(array[i]), i);
      if (!fresh) return say("Array items are not unique (indexes " + std::to_string(first->second) + " and " + std::to_string(i) + ")", path);
    }
  }
  for (size_t i = 0; i < array.size(); ++i)
    if (Complaint found = elements_.front().complaint(array[i], body, path + "[" + std::to_string(i) + "]")) return found;
  return std::nullopt;
}

Property::Complaint Property::check_object(const json::object& object, Body body, const std::string& path) const {
  // Only the body itself distinguishes creation from change; what stands inside it is always whole.
  const bool top = path.empty();
  const auto settable = [&](const Property* property) {
    if (!property) return false;
    if (property->read_only_ || property->hidden_) return false;
    return !top || !(body == Body::update ? property->create_only_ : property->update_only_);
  };
  if (!open_) {
    std::vector<std::string> unknown;
    for (const auto& member : object)
      if (!settable(find(member.key()))) unknown.emplace_back(member.key());
    if (!unknown.empty()) return say("Additional properties not allowed: " + quoted(join(unknown, ",")), path);
  }
  if (fewest_ && object.size() < *fewest_)
    return say("Too few properties defined (" + std::to_string(object.size()) + "), minimum " + std::to_string(*fewest_), path);
  if (most_ && object.size() > *most_)
    return say("Too many properties defined (" + std::to_string(object.size()) + "), maximum " + std::to_string(*most_), path);
  if (!top || body == Body::create)
    for (const Field& field : fields_)
      if (field.property.required_ && !object.contains(field.name)) return say("Missing required property: " + field.name, path);
  for (const auto& member : object)
    if (const Property* property = find(member.key()))
      if (Complaint found = property->complaint(member.value(), body, below(path, member.key()))) return found;
  return std::nullopt;
}

Property::Complaint Property::check_dictionary(const json::object& object, Body body, const std::string& path) const {
  if (fewest_ && object.size() < *fewest_)
    return say("Too few properties defined (" + std::to_string(object.size()) + "), minimum " + std::to_string(*fewest_), path);
  if (most_ && object.size() > *most_)
    return say("Too many properties defined (" + std::to_string(object.size()) + "), maximum " + std::to_string(*most_), path);
  for (const auto& member : object) {
    if (longest_key_ && length_in_characters(member.key()) > *longest_key_) return say("Additional properties not allowed: " + quoted(member.key()), path);
    if (Complaint found = elements_.front().complaint(member.value(), body, below(path, member.key()))) return found;
  }
  return std::nullopt;
}

Property::Complaint Property::check_alternatives(const json::value& value, Body body, const std::string& path) const {
  for (const Property& alternative : elements_)
    if (!alternative.complaint(value, body, path.empty() ? "body" : path)) return std::nullopt;
  return say("Data does not match any schemas from 'oneOf'", path);
}

}  // namespace gatehouse::model
