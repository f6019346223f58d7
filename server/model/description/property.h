#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/description/formats.h"

namespace gatehouse::model {

/// When a body is checked: what an object must carry differs between its creation and a change.
enum class Body { create, update };

struct Field;

/// What one property may hold, as data. Made by the functions in `description` below and refined by chaining:
/// string().required().length(1, 50). Validation, defaults, output and the reference pages all read the same data.
class Property {
 public:
  enum class Type { any, string, integer, number, boolean, array, object, dictionary, one_of };
  explicit Property(Type type);
  Property(const Property&);
  Property(Property&&) noexcept;
  Property& operator=(Property&&) noexcept;
  ~Property();

  // --- who may set it, and when
  Property required() &&;                    ///< a body must have it (at the top level: a creating one)
  Property nullable() &&;                    ///< null is accepted; at the top level it removes the property
  Property read_only() &&;                   ///< the server sets it; refused in bodies
  Property create_only() &&;                 ///< refused in PATCH
  Property update_only() &&;                 ///< refused in POST
  Property secret(std::string read_scope = {}) &&;  ///< stored sealed; shown only to callers with that scope
  Property hidden() &&;                      ///< stored, never shown
  Property merged() &&;                      ///< PATCH changes the members it names and keeps the others; null removes one
  Property not_enforced() &&;                ///< kept and returned, without effect so far; listed in docs/
  Property about(std::string sentence) &&;   ///< what it is; stands in brackets in error texts
  Property by_default(json::value value) &&; ///< set at creation, and inside an object that is sent without it

  // --- bounds
  Property length(size_t min, size_t max) &&;   ///< characters (code points)
  Property max(size_t length) &&;
  Property format(Format format) &&;
  Property pattern(Pattern pattern) &&;
  Property one_of_texts(std::vector<std::string> values) &&;
  Property range(double min, double max) &&;
  Property at_least(double min) &&;
  Property items(size_t min, size_t max) &&;
  Property unique() &&;                         ///< items differ from each other
  Property properties(size_t min, size_t max) &&;  ///< of a dictionary or an open object
  Property key_length(size_t max) &&;           ///< of a dictionary's names
  Property field(std::string name, Property property) &&;  ///< of an object
  Property open() &&;                           ///< an object may have properties that are not described
  Property element(Property item) &&;           ///< of an array or dictionary
  Property alternative(Property other) &&;      ///< of one_of

  /// The first complaint about a value, in Auth0's words ("'…' on property x (…)"), or nullopt when it fits. `path` names the
  /// value; empty for the body as a whole.
  [[nodiscard]] std::optional<std::string> complaint(const json::value& value, Body body, const std::string& path = {}) const;
  /// Fills in the defaults of absent properties inside an object, at every depth, and drops nulls of nullable ones.
  void complete(json::value& value) const;
  /// Writes a checked PATCH body over a stored object: top-level keys are replaced, or merged where marked so; null removes.
  void apply(const json::object& change, json::object& stored) const;

  /// Dotted names of what is kept and returned without effect so far, at every depth.
  [[nodiscard]] std::vector<std::string> without_effect() const;

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const Property* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Property>& elements() const { return elements_; }
  [[nodiscard]] bool is_required() const { return required_; }
  [[nodiscard]] bool is_nullable() const { return nullable_; }
  [[nodiscard]] bool is_read_only() const { return read_only_; }
  [[nodiscard]] bool is_create_only() const { return create_only_; }
  [[nodiscard]] bool is_update_only() const { return update_only_; }
  [[nodiscard]] bool is_secret() const { return secret_; }
  [[nodiscard]] bool is_hidden() const { return hidden_; }
  [[nodiscard]] bool is_merged() const { return merged_; }
  [[nodiscard]] bool is_enforced() const { return enforced_; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] const std::string& read_scope() const { return read_scope_; }
  [[nodiscard]] const std::string& sentence() const { return sentence_; }
  [[nodiscard]] const std::optional<json::value>& default_value() const { return default_; }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  [[nodiscard]] Format wanted_format() const { return format_; }
  [[nodiscard]] const Pattern& wanted_pattern() const { return pattern_; }
  [[nodiscard]] std::optional<double> lowest() const { return lowest_; }
  [[nodiscard]] std::optional<double> highest() const { return highest_; }
  [[nodiscard]] std::optional<size_t> fewest() const { return fewest_; }
  [[nodiscard]] std::optional<size_t> most() const { return most_; }

 private:
  using Complaint = std::optional<std::string>;
  [[nodiscard]] Complaint check_string(const json::string& text, const std::string& path) const;
  [[nodiscard]] Complaint check_number(const json::value& value, const std::string& path) const;
  [[nodiscard]] Complaint check_array(const json::array& array, Body body, const std::string& path) const;
  [[nodiscard]] Complaint check_object(const json::object& object, Body body, const std::string& path) const;
  [[nodiscard]] Complaint check_dictionary(const json::object& object, Body body, const std::string& path) const;
  [[nodiscard]] Complaint check_alternatives(const json::value& value, Body body, const std::string& path) const;
  [[nodiscard]] std::string say(const std::string& complaint, const std::string& path) const;
  [[nodiscard]] bool accepts_type(const json::value& value) const;

  Type type_;
  bool required_ = false, nullable_ = false, read_only_ = false, create_only_ = false, update_only_ = false;
  bool secret_ = false, hidden_ = false, merged_ = false, enforced_ = true, unique_ = false, open_ = false;
  std::string read_scope_, sentence_;
  std::optional<json::value> default_;
  std::optional<size_t> fewest_, most_;      ///< characters, items or properties
  std::optional<size_t> longest_key_;
  std::optional<double> lowest_, highest_;
  Format format_ = Format::none;
  Pattern pattern_{};
  std::vector<std::string> texts_;           ///< of an enum
  std::vector<Field> fields_;
  std::vector<Property> elements_;           ///< the item of an array or dictionary; the alternatives of one_of
};

struct Field {
  std::string name;
  Property property;
};

/// The words of descriptions: `using namespace description;` in a description file only.
namespace description {
inline Property any() { return Property(Property::Type::any); }
inline Property string() { return Property(Property::Type::string); }
inline Property integer() { return Property(Property::Type::integer); }
inline Property number() { return Property(Property::Type::number); }
inline Property boolean() { return Property(Property::Type::boolean); }
inline Property array(Property item) { return Property(Property::Type::array).element(std::move(item)); }
inline Property object() { return Property(Property::Type::object); }
inline Property open_object() { return Property(Property::Type::object).open(); }
inline Property dictionary(Property values) { return Property(Property::Type::dictionary).element(std::move(values)); }
inline Property either() { return Property(Property::Type::one_of); }
inline Property one_of(std::vector<std::string> values) { return string().one_of_texts(std::move(values)); }
}  // namespace description

}  // namespace gatehouse::model
