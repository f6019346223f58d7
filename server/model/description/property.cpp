#include "model/description/property.h"

#include "base/encoding.h"

namespace gatehouse::model {
namespace {

void collect_without_effect(const Property& property, const std::string& path, std::vector<std::string>& names) {
  if (!property.is_enforced()) {
    names.push_back(path);
    return;
  }
  for (const Field& field : property.fields()) collect_without_effect(field.property, path.empty() ? field.name : path + "." + field.name, names);
  for (const Property& element : property.elements()) collect_without_effect(element, path, names);
}

}  // namespace

Property::Property(Type type) : type_(type) {}
Property::Property(const Property&) = default;
Property::Property(Property&&) noexcept = default;
Property& Property::operator=(Property&&) noexcept = default;
Property::~Property() = default;

Property Property::required() && { required_ = true; return std::move(*this); }
Property Property::nullable() && { nullable_ = true; return std::move(*this); }
Property Property::read_only() && { read_only_ = true; return std::move(*this); }
Property Property::create_only() && { create_only_ = true; return std::move(*this); }
Property Property::update_only() && { update_only_ = true; return std::move(*this); }
Property Property::hidden() && { hidden_ = true; return std::move(*this); }
Property Property::not_enforced() && { enforced_ = false; return std::move(*this); }
Property Property::merged() && { merged_ = true; return std::move(*this); }
Property Property::unique() && { unique_ = true; return std::move(*this); }
Property Property::open() && { open_ = true; return std::move(*this); }

Property Property::secret(std::string read_scope) && {
  secret_ = true;
  read_scope_ = std::move(read_scope);
  return std::move(*this);
}

Property Property::about(std::string sentence) && { sentence_ = std::move(sentence); return std::move(*this); }
Property Property::by_default(json::value value) && { default_ = std::move(value); return std::move(*this); }
Property Property::format(Format format) && { format_ = format; return std::move(*this); }
Property Property::pattern(Pattern pattern) && { pattern_ = pattern; return std::move(*this); }
Property Property::one_of_texts(std::vector<std::string> values) && { texts_ = std::move(values); return std::move(*this); }

Property Property::length(size_t min, size_t max) && {
  fewest_ = min;
  most_ = max;
  return std::move(*this);
}

Property Property::max(size_t length) && { most_ = length; return std::move(*this); }
Property Property::items(size_t min, size_t max) && { return std::move(*this).length(min, max); }
Property Property::properties(size_t min, size_t max) && { return std::move(*this).length(min, max); }
Property Property::key_length(size_t max) && { longest_key_ = max; return std::move(*this); }

Property Property::range(double min, double max) && {
  lowest_ = min;
  highest_ = max;
  return std::move(*this);
}

Property Property::at_least(double min) && { lowest_ = min; return std::move(*this); }

Property Property::field(std::string name, Property property) && {
  fields_.push_back({std::move(name), std::move(property)});
  return std::move(*this);
}

Property Property::element(Property item) && { elements_.push_back(std::move(item)); return std::move(*this); }
Property Property::alternative(Property other) && { elements_.push_back(std::move(other)); return std::move(*this); }

const Property* Property::find(std::string_view name) const {
  for (const Field& field : fields_)
    if (field.name == name) return &field.property;
  return nullptr;
}

std::vector<std::string> Property::without_effect() const {
  std::vector<std::string> names;
  collect_without_effect(*this, "", names);
  return names;
}

void Property::apply(const json::object& change, json::object& stored) const {
  for (const auto& member : change) {
    if (member.value().is_null()) {
      stored.stable_erase(member.key());
      continue;
    }
    const Property* property = find(member.key());
    json::value value = member.value();
    json::value* before = stored.if_contains(member.key());
    if (property && property->merged_ && value.is_object() && before && before->is_object()) {
      property->apply(value.get_object(), before->get_object());
      continue;
    }
    if (property) property->complete(value);
    stored.insert_or_assign(member.key(), std::move(value));
  }
}

void Property::complete(json::value& value) const {
  if (type_ == Type::array && value.is_array()) {
    for (json::value& item : value.get_array()) elements_.front().complete(item);
  } else if (type_ == Type::object && value.is_object()) {
    json::object& object = value.get_object();
    for (const Field& field : fields_) {
      json::value* member = object.if_contains(field.name);
      if (member && member->is_null() && field.property.is_nullable()) {
        object.stable_erase(field.name);
        member = nullptr;
      }
      if (member) field.property.complete(*member);
      else if (field.property.default_) object.emplace(field.name, *field.property.default_);
    }
  } else if (type_ == Type::dictionary && value.is_object()) {
    json::object& object = value.get_object();
    for (auto member = object.begin(); member != object.end();)
      member = member->value().is_null() ? object.stable_erase(member) : member + 1;
  } else if ((type_ == Type::integer || type_ == Type::number) && value.is_double()) {
    // 3600.0 is the integer 3600 on Auth0's side too
    const double number = value.get_double();
    if (number >= -9e15 && number <= 9e15 && number == static_cast<double>(static_cast<int64_t>(number))) value = static_cast<int64_t>(number);
  }
}

}  // namespace gatehouse::model
