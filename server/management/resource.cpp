#include "management/resource.h"

namespace gatehouse::management {

using model::Body;
using model::StoredObject;
using model::Verb;

namespace {

/// Calls `visit` for each secret text of an object, at every depth, with its dotted path; drops those for which it returns false.
void each_secret(const model::Property& property, json::object& object, const std::string& path,
                 const std::function<bool(const model::Property&, const std::string&, json::value&)>& visit) {
  for (const model::Field& field : property.fields()) {
    json::value* value = object.if_contains(field.name);
    if (!value) continue;
    const std::string below = path.empty() ? field.name : path + "." + field.name;
    if (field.property.is_secret() && value->is_string()) {
      if (!visit(field.property, below, *value)) object.erase(field.name);
    } else if (value->is_object()) {
      each_secret(field.property, value->get_object(), below, visit);
    }
  }
}

}  // namespace

Resource::Resource(Api& api, const model::Description& description, const model::ObjectStore& objects, std::source_location where)
    : api_(api), description_(description), objects_(objects), where_(where) {}

void Resource::mount() {
  const std::string& path = description_.path();
  const std::string one = path + "/{" + description_.parameter() + "}";
  const std::string& noun = description_.noun();
  if (description_.has(Verb::list))
    api_.get(
        path, description_.scopes_of(Verb::list), "List " + noun + "s", [this](const Call& call) { return list(call); }, where_);
  if (description_.has(Verb::create))
    api_.post(
        path, description_.scopes_of(Verb::create), "Create a " + noun, [this](const Call& call) { return create(call); }, where_);
  if (description_.has(Verb::read))
    api_.get(
        one, description_.scopes_of(Verb::read), "Get a " + noun, [this](const Call& call) { return get(call); }, where_);
  if (description_.has(Verb::update))
    api_.patch(
        one, description_.scopes_of(Verb::update), "Update a " + noun, [this](const Call& call) { return update(call); }, where_);
  if (description_.has(Verb::remove))
    api_.remove(
        one, description_.scopes_of(Verb::remove), "Delete a " + noun, [this](const Call& call) { return remove(call); }, where_);
}

// --- the hooks, where a resource has nothing to add

ApiResult<std::optional<StoredObject>> Resource::find(storage::Reader& reader, const Call& call, const std::string& parameter) const {
  TRY(std::optional<StoredObject> object, objects_.find(reader, call.tenant(), parameter));
  return object;
}
ApiResult<void> Resource::preparing(const Call&) const { return {}; }
ApiResult<void> Resource::creating(storage::Transaction&, const Call&, StoredObject&) const { return {}; }
ApiResult<void> Resource::updating(storage::Transaction&, const Call&, const StoredObject&, const json::object&, StoredObject&) const {
  return {};
}
ApiResult<void> Resource::removing(storage::Transaction&, const Call&, const StoredObject&) const { return {}; }
ApiResult<void> Resource::checking(const Call&, const json::object&, Body) const { return {}; }
ApiResult<void> Resource::filter(const Call&, model::ObjectQuery&) const { return {}; }

json::object Resource::show(const Call& call, const StoredObject& object, Verb) const {
  json::object shown;
  shown[description_.id_property()] = object.id;
  for (const auto& member : object.properties) {
    const model::Property* property = description_.body().find(member.key());
    if (member.key().starts_with('_') || (property && property->is_hidden())) continue;
    shown.insert_or_assign(member.key(), member.value());
  }
  const auto open = [&](const model::Property& property, const std::string& path, json::value& value) {
    if (property.read_scope().empty() || !call.caller().has(property.read_scope())) return false;
    const Result<SecretString> secret = parts().sealer.open(value.get_string(), secret_context(path, object.id));
    if (secret) value = secret->reveal();
    return secret.ok();
  };
  each_secret(description_.body(), shown, "", open);
  return shown;
}

// --- the five verbs

ApiResult<http::Response> Resource::list(const Call& call) const {
  TRY_VOID(preparing(call));
  TRY(const ListQuery query, call.list_query());
  model::ObjectQuery wanted;
  wanted.offset = query.offset();
  wanted.limit = query.limit() + (query.by_checkpoint ? 1 : 0);
  wanted.after_position = query.after_position;
  TRY_VOID(filter(call, wanted));
  const FieldChoice choice{query.fields, query.include_fields};
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::vector<StoredObject> found, objects_.list(reader, call.tenant(), wanted));
    Page page;
    page.with_length = description_.lists_length();
    for (const StoredObject& object : found) {
      if (static_cast<int64_t>(page.items.size()) == query.limit()) break;
      json::object shown = show(call, object, Verb::list);
      choice.apply(shown, always_shown(Verb::list));
      page.items.push_back(std::move(shown));
    }
    if (found.size() > page.items.size() && !page.items.empty()) page.next = found[page.items.size() - 1].position;
    if (query.include_totals && !query.by_checkpoint) {
      TRY(page.total, objects_.count(reader, call.tenant(), wanted));
    }
    return page_response(query, description_.list_key(), std::move(page));
  });
}

ApiResult<http::Response> Resource::get(const Call& call) const {
  TRY_VOID(preparing(call));
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject object, get_existing(reader, call));
    json::object shown = show(call, object, Verb::read);
    choice.apply(shown, always_shown(Verb::read));
    return http::Response::json(description_.status_of(Verb::read), shown);
  });
}

ApiResult<http::Response> Resource::create(const Call& call) const {
  TRY_VOID(preparing(call));
  TRY_VOID(check(call, call.body(), Body::create));
  StoredObject fresh;
  fresh.id = new_id();
  fresh.properties = description_.created(call.body().get_object());
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    StoredObject object = fresh;
    TRY_VOID(creating(tx, call, object));
    seal_secrets(object);
    if (Result<void> inserted = objects_.insert(tx, call.tenant(), object, call.now()); !inserted)
      return conflict_or(std::move(inserted).error());
    return http::Response::json(description_.status_of(Verb::create), show(call, object, Verb::create));
  });
}

ApiResult<http::Response> Resource::update(const Call& call) const {
  TRY_VOID(preparing(call));
  TRY_VOID(check(call, call.body(), Body::update));
  const json::object& change = call.body().get_object();
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const StoredObject before, get_existing(tx, call));
    StoredObject object = before;
    object.properties = description_.updated(before.properties, change);
    TRY_VOID(updating(tx, call, before, change, object));
    seal_secrets(object);
    if (Result<void> replaced = objects_.replace(tx, call.tenant(), object, call.now()); !replaced)
      return conflict_or(std::move(replaced).error());
    return http::Response::json(description_.status_of(Verb::update), show(call, object, Verb::update));
  });
}

ApiResult<http::Response> Resource::remove(const Call& call) const {
  TRY_VOID(preparing(call));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::optional<StoredObject> object, find(tx, call, call.parameter(description_.parameter())));
    if (object) {  // as on Auth0, removing what is not there succeeds
      TRY_VOID(removing(tx, call, *object));
      TRY_VOID(objects_.remove(tx, call.tenant(), object->id));
    }
    const int status = description_.status_of(Verb::remove);
    return status == 204 ? http::Response::empty(204) : http::Response::json(status, json::object{});
  });
}

// --- parts of them

ApiResult<StoredObject> Resource::get_existing(storage::Reader& reader, const Call& call) const {
  TRY(std::optional<StoredObject> object, find(reader, call, call.parameter(description_.parameter())));
  if (!object) return missing();
  return *std::move(object);
}

ApiError Resource::missing() const { return management::missing(description_); }

ApiResult<void> Resource::check(const Call& call, const json::value& body, Body kind) const {
  if (const std::optional<std::string> complaint = description_.complaint(body, kind)) return payload_error(*complaint);
  return checking(call, body.get_object(), kind);
}

ApiError Resource::conflict_or(Error error) const {
  if (error.code != Errc::unique_violation) return ApiError(std::move(error));
  ApiError conflict(ApiErrc::conflict, description_.taken_text().message, description_.taken_text().code);
  conflict.detail = error.detail;
  return conflict;
}

std::string Resource::secret_context(std::string_view property, std::string_view id) const {
  return objects_.table() + "/" + std::string(property) + "/" + std::string(id);
}

void Resource::seal_secrets(StoredObject& object) const {
  each_secret(description_.body(), object.properties, "", [&](const model::Property&, const std::string& path, json::value& value) {
    const std::string context = secret_context(path, object.id);
    const std::string_view text = value.get_string();
    if (!parts().sealer.open(text, context)) value = parts().sealer.seal(text, context);  // else it is unchanged since it was read
    return true;
  });
}

http::Response page_response(const ListQuery& query, std::string_view key, Page page) {
  if (!query.by_checkpoint && !query.include_totals) return http::Response::json(200, page.items);
  json::object body;
  if (query.by_checkpoint) {
    if (page.next) body["next"] = checkpoint(*page.next);
  } else {
    body["start"] = query.offset();
    body["limit"] = query.limit();
    body["total"] = page.total;
    if (page.with_length) body["length"] = page.items.size();
  }
  body[key] = std::move(page.items);
  return http::Response::json(200, body);
}

ApiError missing(const model::Description& description) {
  return ApiError(ApiErrc::not_found, description.missing_text().message, description.missing_text().code);
}

ApiError payload_error(const std::string& complaint) {
  return ApiError(ApiErrc::invalid_body, "Payload validation error: " + complaint + ".");
}

}  // namespace gatehouse::management
