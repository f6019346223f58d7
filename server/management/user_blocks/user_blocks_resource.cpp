#include "management/user_blocks/user_blocks_resource.h"

#include "connections/database/identifiers.h"
#include "management/resource.h"
#include "model/users/user_description.h"

namespace gatehouse::management {

void UserBlocksResource::mount() {
  api_.get("/user-blocks", {"read:users"}, "Get blocks by identifier", [this](const Call& call) { return show(call, false); });
  api_.remove("/user-blocks", {"update:users"}, "Unblock by identifier", [this](const Call& call) { return remove(call, false); });
  api_.get("/user-blocks/{id}", {"read:users"}, "Get a user's blocks", [this](const Call& call) { return show(call, true); });
  api_.remove("/user-blocks/{id}", {"update:users"}, "Unblock a user", [this](const Call& call) { return remove(call, true); });
}

ApiResult<std::vector<std::string>> UserBlocksResource::by_identifier(storage::Reader& reader, const Call& call) const {
  const std::string_view typed = call.query().get("identifier").value_or("");
  if (typed.empty() || typed.size() > 512)
    return ApiError(ApiErrc::invalid_query_string, "Query validation error: Missing required property: identifier");
  std::vector<std::string> identifiers{connections::counted_identifier(std::nullopt, typed)};
  for (const auto& [kind, value] : connections::candidates(typed)) {
    identifiers.push_back(value);
    if (kind != model::IdentifierKind::email) continue;
    TRY(const std::vector<model::User> users, users_.find_by_email(reader, call.tenant(), value));
    for (const model::User& user : users)
      for (std::string& other : connections::all_identifiers(user)) identifiers.push_back(std::move(other));
  }
  std::sort(identifiers.begin(), identifiers.end());
  identifiers.erase(std::unique(identifiers.begin(), identifiers.end()), identifiers.end());
  return identifiers;
}

ApiResult<std::vector<std::string>> UserBlocksResource::by_user(storage::Reader& reader, const Call& call) const {
  TRY(const std::optional<model::User> user, users_.find(reader, call.tenant(), UserId(call.parameter())));
  if (!user) return management::missing(model::user_description());
  return connections::all_identifiers(*user);
}

ApiResult<http::Response> UserBlocksResource::show(const Call& call, bool of_user) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::vector<std::string> identifiers, of_user ? by_user(reader, call) : by_identifier(reader, call));
    TRY(const auto blocks, protection_.blocks(reader, call.tenant(), identifiers));
    // Whoever asks so wants to know only what has an effect: not blocks from before the protection was switched off.
    if (call.query().get("consider_brute_force_enablement") == "true") {
      TRY(const bool blocking, protection_.blocks_logins(reader, call.tenant()));
      if (!blocking) return http::Response::json(200, json::object{{"blocked_for", json::array{}}});
    }
    json::array list;
    for (const auto& block : blocks) {
      json::object one{{"identifier", block.identifier}};
      if (!block.ip.empty()) one["ip"] = block.ip;  // absent in account-lockout mode
      list.push_back(std::move(one));
    }
    return http::Response::json(200, json::object{{"blocked_for", std::move(list)}});
  });
}

ApiResult<http::Response> UserBlocksResource::remove(const Call& call, bool of_user) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::vector<std::string> identifiers, of_user ? by_user(tx, call) : by_identifier(tx, call));
    TRY_VOID(protection_.unblock(tx, call.tenant(), identifiers));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
