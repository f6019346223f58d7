#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "model/description/property.h"

namespace gatehouse::model {

enum class Verb { list, read, create, update, remove };

/// A resource of the Management API as data (STYLE.md §4). One description drives validation, defaults, output, `fields`, the
/// scopes of its routes and the reference pages; management/resource.h holds the code that all of them share.
class Description {
 public:
  /// `segment`: of the path, e.g. "resource-servers"; its table, list key and scopes are the same with underscores.
  explicit Description(std::string segment);

  Description field(std::string name, Property property) &&;
  Description id(std::string property) &&;                     ///< property that shows the id; "id" unless said
  Description noun(std::string singular) &&;                   ///< "resource server": The resource server does not exist
  Description missing(std::string message, std::string code) &&;  ///< 404 body; code may be empty
  Description taken(std::string message, std::string code) &&;    ///< 409 body when a unique column is
  Description scopes(std::string object) &&;                   ///< read:object, create:object, …
  Description scope(Verb verb, std::vector<std::string> any_of) &&;
  Description list_key(std::string key) &&;
  Description list_length() &&;                                ///< pages with totals say their length too
  Description status(Verb verb, int status) &&;                ///< where it differs from 200, 201 and 204
  Description without(Verb verb) &&;                           ///< the verb is not mounted
  Description at(std::string path) &&;                         ///< path below /api/v2 where it is not "/" + segment
  Description parameter(std::string name) &&;                  ///< of the path: "id" unless said

  [[nodiscard]] const std::string& segment() const { return segment_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& parameter() const { return parameter_; }
  [[nodiscard]] const std::string& id_property() const { return id_property_; }
  [[nodiscard]] const std::string& noun() const { return noun_; }
  [[nodiscard]] const std::string& list_key() const { return list_key_; }
  [[nodiscard]] bool lists_length() const { return list_length_; }
  [[nodiscard]] const Property& body() const { return body_; }
  [[nodiscard]] const std::vector<std::string>& scopes_of(Verb verb) const { return verbs_[size_t(verb)].scopes; }
  [[nodiscard]] int status_of(Verb verb) const { return verbs_[size_t(verb)].status; }
  [[nodiscard]] bool has(Verb verb) const { return verbs_[size_t(verb)].mounted; }
  struct Text { std::string message, code; };
  [[nodiscard]] const Text& missing_text() const { return missing_; }
  [[nodiscard]] const Text& taken_text() const { return taken_; }

  /// The first complaint about a body, without its prefix; nullopt when it fits.
  [[nodiscard]] std::optional<std::string> complaint(const json::value& value, Body body) const { return body_.complaint(value, body); }
  /// A new object from a checked body: nulls dropped, defaults filled in.
  [[nodiscard]] json::object created(const json::object& body) const;
  /// An object changed by a checked body: keys replaced, null removes.
  [[nodiscard]] json::object updated(const json::object& before, const json::object& body) const;
  /// Dotted names of the properties that are kept and returned but have no effect so far.
  [[nodiscard]] std::vector<std::string> without_effect() const { return body_.without_effect(); }

 private:
  struct Rules {
    std::vector<std::string> scopes;
    int status = 200;
    bool mounted = true;
  };
  std::string segment_, path_, parameter_ = "id", id_property_ = "id", noun_, list_key_;
  Property body_{Property::Type::object};
  std::array<Rules, 5> verbs_;
  Text missing_, taken_;
  bool list_length_ = false;
};

inline Description describe(std::string segment) { return Description(std::move(segment)); }

}  // namespace gatehouse::model
