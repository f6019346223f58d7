#pragma once
#include <source_location>
#include <string>
#include <vector>

#include "management/api.h"
#include "model/description/description.h"
#include "model/objects/object_store.h"

namespace gatehouse::management {

/// What all resources made of described objects do alike: list, get, create, change, delete, each from the description. A resource
/// derives from it and overrides the hooks for what is special about it.
class Resource {
 public:
  /// `where` is the resource's own file, for `gatehouse routes`.
  Resource(Api& api, const model::Description& description, const model::ObjectStore& objects,
           std::source_location where = std::source_location::current());
  virtual ~Resource() = default;
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  /// Mounts the five verbs that the description has. Resources extend it with their own routes.
  virtual void mount();

 protected:
  /// A fresh id in the resource's form.
  [[nodiscard]] virtual std::string new_id() const = 0;
  /// The object that a path parameter names; by id unless overridden (APIs are found by identifier too).
  [[nodiscard]] virtual ApiResult<std::optional<model::StoredObject>> find(storage::Reader& reader, const Call& call,
                                                                           const std::string& parameter) const;
  /// Before anything is read: what must not happen inside a read or a unit of work, such as filling another cache.
  virtual ApiResult<void> preparing(const Call& call) const;
  /// Rules beyond the schema on a whole new object, with everything it depends on, and what else is written with it.
  virtual ApiResult<void> creating(storage::Transaction& tx, const Call& call, model::StoredObject& object) const;
  /// The same for a change. `before` is what is stored, `object` what it becomes, `change` the body.
  virtual ApiResult<void> updating(storage::Transaction& tx, const Call& call, const model::StoredObject& before,
                                   const json::object& change, model::StoredObject& object) const;
  /// Before an object goes: refuse, or remove what hangs on it.
  virtual ApiResult<void> removing(storage::Transaction& tx, const Call& call, const model::StoredObject& object) const;
  /// Rules on a body that need no database, checked after the schema: combinations, scopes of single properties.
  virtual ApiResult<void> checking(const Call& call, const json::object& body, model::Body kind) const;
  /// The object as it stands on the wire, before `fields` are applied.
  [[nodiscard]] virtual json::object show(const Call& call, const model::StoredObject& object, model::Verb verb) const;
  /// Conditions of a list from its own query parameters.
  virtual ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const;
  /// Keys that `fields` never drops.
  [[nodiscard]] virtual std::vector<std::string> always_shown(model::Verb) const { return {}; }

  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;

  /// The object of the path. Errors: the resource's 404.
  [[nodiscard]] ApiResult<model::StoredObject> get_existing(storage::Reader& reader, const Call& call) const;
  [[nodiscard]] ApiError missing() const;
  /// Checks a body against the description and `checking`. Errors: invalid_body.
  ApiResult<void> check(const Call& call, const json::value& body, model::Body kind) const;
  /// A unique column's collision in the resource's words, other errors as they are.
  [[nodiscard]] ApiError conflict_or(Error error) const;
  /// Seals the secret texts at every depth; context: table/path/id (model/resealing.h).
  void seal_secrets(model::StoredObject& object) const;
  [[nodiscard]] std::string secret_context(std::string_view property, std::string_view id) const;

  [[nodiscard]] const Api::Parts& parts() const { return api_.parts(); }
  [[nodiscard]] const model::Description& description() const { return description_; }
  [[nodiscard]] const model::ObjectStore& objects() const { return objects_; }
  Api& api_;

 private:
  const model::Description& description_;
  const model::ObjectStore& objects_;
  const std::source_location where_;
};

/// One page of anything as Auth0 wraps it: a bare array, {start, limit, total, <key>: […]} or {<key>: […], next}.
struct Page {
  json::array items;
  int64_t total = 0;              ///< looked at with include_totals only
  std::optional<int64_t> next{};  ///< position of the last item when more follow (checkpoint paging)
  bool with_length = false;       ///< `length` beside the totals
};
http::Response page_response(const ListQuery& query, std::string_view key, Page page);

/// 404 in the words of what is described.
ApiError missing(const model::Description& description);
/// 400 invalid_body with the payload prefix.
ApiError payload_error(const std::string& complaint);

}  // namespace gatehouse::management
