#include "management/users/authentication_methods_resource.h"

#include <algorithm>

#include "base/encoding.h"
#include "management/resource.h"
#include "mfa/otp.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

using model::AuthenticationMethod;
namespace type = model::method_type;

/// A method as GET shows it: never a secret.
json::object show(const AuthenticationMethod& method) {
  json::object out{{"id", method.id}, {"type", method.type}, {"confirmed", method.confirmed}};
  if (!method.name.empty()) out["name"] = method.name;
  if (method.phone_number) {
    out["phone_number"] = *method.phone_number;
    const std::string preferred(get_string(method.data, "preferred_authentication_method").value_or("sms"));
    out["preferred_authentication_method"] = preferred;
    json::array ways;
    const size_t bar = method.id.find('|');
    for (const std::string_view way : {"sms", "voice"})
      ways.push_back(json::object{{"type", way}, {"id", std::string(way) + (bar == std::string::npos ? "" : method.id.substr(bar))}});
    out["authentication_methods"] = std::move(ways);
  }
  if (method.email) out["email"] = *method.email;
  if (method.webauthn) {
    const model::WebAuthnCredential& key = *method.webauthn;
    out["key_id"] = key.id;
    out["public_key"] = key.public_key;
    if (!key.rp_id.empty()) out["relying_party_identifier"] = key.rp_id;
    if (method.type == type::kPasskey) {
      out["credential_device_type"] = key.backup_eligible ? "multi_device" : "single_device";
      out["credential_backed_up"] = key.backed_up;
      if (!key.aaguid.empty()) out["aaguid"] = key.aaguid;
      if (!key.user_handle.empty()) out["user_handle"] = key.user_handle;
      json::array transports;
      for (const std::string& transport : key.transports) transports.emplace_back(transport);
      out["transports"] = std::move(transports);
      for (const std::string_view name : {"identity_user_id", "user_agent"})
        if (const auto text = get_string(method.data, name)) out[name] = *text;
    }
  }
  out["created_at"] = to_iso8601(method.created_at);
  if (method.enrolled_at) out["enrolled_at"] = to_iso8601(*method.enrolled_at);
  if (method.last_auth_at) out["last_auth_at"] = to_iso8601(*method.last_auth_at);
  return out;
}

model::Property method_fields(std::vector<std::string> types) {
  using namespace model::description;
  return object()
      .field("type", one_of(std::move(types)).required())
      .field("name", string().length(1, 64))
      .field("totp_secret", string().length(1, 256).about("Base32 encoded secret for TOTP generation."))
      .field("phone_number", string().length(1, 30))
      .field("email", string().max(254).format(model::Format::email))
      .field("preferred_authentication_method", one_of({"voice", "sms"}));
}

const model::Property& creation() {
  using namespace model::description;
  static const model::Property body = method_fields({"phone", "email", "totp", "webauthn-roaming", "passkey"})
                                          .field("key_id", string().length(1, 2048))
                                          .field("public_key", string().length(1, 4096))
                                          .field("relying_party_identifier", string().length(1, 253))
                                          .field("aaguid", string().max(36))
                                          .field("credential_device_type", one_of({"single_device", "multi_device"}))
                                          .field("credential_backed_up", boolean())
                                          .field("identity_user_id", string().max(255))
                                          .field("user_agent", string().max(512))
                                          .field("user_handle", string().max(128))
                                          .field("transports", array(string().max(20)).items(0, 10));
  return body;
}

const model::Property& replacement() {
  static const model::Property body = model::description::array(method_fields({"phone", "email", "totp"})).items(0, 10);
  return body;
}

const model::Property& change() {
  using namespace model::description;
  static const model::Property body =
      object().field("name", string().length(1, 64)).field("preferred_authentication_method", one_of({"voice", "sms"}));
  return body;
}

ApiError no_such_method() { return {ApiErrc::not_found, "The authentication method does not exist.", "authentication_method_not_found"}; }

ApiError taken_or(Error error) {
  if (error.code == Errc::unique_violation)
    return {ApiErrc::conflict, "The credential is registered already.", "authentication_method_conflict"};
  if (error.code == Errc::invalid_argument) return {ApiErrc::bad_request, "The user has as many authentication methods as are allowed."};
  return ApiError(std::move(error));
}

/// Bytes in base64, standard or URL-safe, with or without padding.
std::optional<std::string> any_base64(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return base64url_decode(text);
}

}  // namespace

json::object show_enrollment(const AuthenticationMethod& method) {
  const std::string id = method.id.substr(method.id.find('|') + 1);
  json::object out{{"id", id}, {"status", method.confirmed ? "confirmed" : "pending"}, {"type", method.type}};
  if (!method.name.empty()) out["name"] = method.name;
  if (method.phone_number) {
    out["name"] = out["phone_number"] = *method.phone_number;
    out["auth_method"] = "sms";
  } else if (method.type == type::kTotp) {
    out["auth_method"] = "authenticator";
  } else if (method.is_webauthn()) {
    out["auth_method"] = method.type;
  }
  if (method.email) out["name"] = *method.email;
  if (method.enrolled_at) out["enrolled_at"] = to_iso8601(*method.enrolled_at);
  if (method.last_auth_at) out["last_auth"] = to_iso8601(*method.last_auth_at);
  return out;
}

void AuthenticationMethodsResource::mount() {
  const auto bind = [this](ApiResult<http::Response> (AuthenticationMethodsResource::*method)(const Call&) const) {
    return [this, method](const Call& call) { return (this->*method)(call); };
  };
  using Self = AuthenticationMethodsResource;
  const std::string all = "/users/{id}/authentication-methods", one = all + "/{authentication_method_id}";
  api_.get(all, {"read:authentication_methods"}, "List the authentication methods of a user", bind(&Self::list));
  api_.post(all, {"create:authentication_methods"}, "Create an authentication method", bind(&Self::create));
  api_.put(all, {"update:authentication_methods"}, "Replace the authentication methods of a user", bind(&Self::replace_all));
  api_.remove(all, {"delete:authentication_methods"}, "Delete the authentication methods of a user", bind(&Self::remove_all));
  api_.get(one, {"read:authentication_methods"}, "Get an authentication method", bind(&Self::get));
  api_.patch(one, {"update:authentication_methods"}, "Update an authentication method", bind(&Self::update));
  api_.remove(one, {"delete:authentication_methods"}, "Delete an authentication method", bind(&Self::remove));
  api_.get("/users/{id}/enrollments", {"read:users", "read:current_user"}, "List the enrollments of a user", bind(&Self::list_enrollments));
  api_.remove("/users/{id}/authenticators", {"delete:guardian_enrollments"}, "Delete all authenticators of a user", bind(&Self::reset));
  api_.remove("/users/{id}/multifactor/{provider}", {"update:users"}, "Delete a multi-factor provider of a user",
              bind(&Self::remove_provider));
  api_.post("/users/{id}/multifactor/actions/invalidate-remember-browser", {"update:users"}, "Forget the remembered browsers of a user",
            bind(&Self::forget_browsers));
  api_.post("/users/{id}/recovery-code-regeneration", {"update:users"}, "Generate a new recovery code", bind(&Self::new_recovery_code));
}

ApiResult<model::User> AuthenticationMethodsResource::existing(storage::Reader& reader, const Call& call) const {
  TRY(std::optional<model::User> user, parts_.users.find(reader, call.tenant(), UserId(call.parameter())));
  if (!user) return management::missing(model::user_description());
  return std::move(*user);
}

ApiResult<AuthenticationMethod> AuthenticationMethodsResource::method(storage::Reader& reader, const Call& call,
                                                                      const model::User& user) const {
  TRY(std::optional<AuthenticationMethod> found,
      methods_.find(reader, call.tenant(), call.parameter("authentication_method_id"), call.now()));
  if (!found || found->user != user.id) return no_such_method();
  return std::move(*found);
}

mfa::Person AuthenticationMethodsResource::person(const Call& call, const model::Tenant& tenant, const model::User& user) const {
  return {.tenant = tenant, .user = user, .login = {}, .event = logs::Event::from(call.request(), "", ""), .language = {}};
}

ApiResult<http::Response> AuthenticationMethodsResource::list(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    TRY(const auto all, methods_.list(reader, call.tenant(), user.id, model::AuthenticationMethodStore::Which::all, call.now()));
    Page page;
    page.total = static_cast<int64_t>(all.size());
    for (int64_t i = query.offset(); i < page.total && i < query.offset() + query.limit(); ++i) page.items.push_back(show(all[size_t(i)]));
    return page_response(query, "authenticators", std::move(page));
  });
}

ApiResult<AuthenticationMethod> AuthenticationMethodsResource::made_from(const Call& call, const model::User& user,
                                                                         const json::object& body) const {
  const auto required = [&](std::string_view name) -> ApiResult<std::string> {
    const auto text = get_string(body, name);
    if (!text || text->empty()) return payload_error("'Missing required property: " + std::string(name) + "'");
    return std::string(*text);
  };
  AuthenticationMethod made{.tenant = call.tenant(), .user = user.id, .type = std::string(*get_string(body, "type")), .confirmed = true};
  made.id = model::AuthenticationMethodStore::make_id(made.type, api_.parts().random);
  made.name = get_string(body, "name").value_or("");
  made.created_at = call.now();
  made.enrolled_at = call.now();
  if (made.type == type::kPhone) {
    TRY(const std::string typed, required("phone_number"));
    made.phone_number = model::normalize_phone(typed);
    if (!made.phone_number)
      return payload_error("'String does not match pattern ^\\+[0-9]{1,15}$: " + typed + "' on property phone_number");
    made.data["preferred_authentication_method"] = get_string(body, "preferred_authentication_method").value_or("sms");
  } else if (made.type == type::kEmail) {
    TRY(const std::string typed, required("email"));
    made.email = model::normalize_email(typed);
    if (!made.email) return payload_error("'Object didn't pass validation for format email: " + typed + "' on property email");
  } else if (made.type == type::kTotp) {
    TRY(const std::string typed, required("totp_secret"));
    const auto secret = mfa::Otp::from_base32(typed);
    if (!secret || secret->size() < 10 || secret->size() > 64)
      return payload_error("'String is not base32 of 10 to 64 bytes' on property totp_secret");
    made.secret = api_.parts().sealer.seal(*secret, model::AuthenticationMethodStore::secret_context(made.tenant, made.id));
  } else {
    TRY(const std::string key_id, required("key_id"));
    TRY(const std::string public_key, required("public_key"));
    TRY(const std::string rp_id, required("relying_party_identifier"));
    const auto id = any_base64(key_id), key = any_base64(public_key);
    if (!id) return payload_error("'String is not base64' on property key_id");
    if (!key) return payload_error("'String is not base64' on property public_key");
    model::WebAuthnCredential credential{.id = base64url_encode(*id), .public_key = base64url_encode(*key), .rp_id = rp_id};
    credential.aaguid = get_string(body, "aaguid").value_or("");
    credential.user_handle = get_string(body, "user_handle").value_or("");
    credential.transports = get_strings(body, "transports");
    credential.backup_eligible = get_string(body, "credential_device_type").value_or("") == "multi_device";
    credential.backed_up = get_bool(body, "credential_backed_up").value_or(false);
    made.webauthn = std::move(credential);
    for (const std::string_view name : {"identity_user_id", "user_agent"})
      if (const auto text = get_string(body, name)) made.data[name] = *text;
  }
  return made;
}

/// Errors: invalid_body, inexistent_user; 409, the credential is somebody's already.
ApiResult<http::Response> AuthenticationMethodsResource::create(const Call& call) const {
  if (const auto complaint = creation().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY(const AuthenticationMethod made, made_from(call, user, call.body().get_object()));
    if (auto inserted = methods_.insert(tx, made); !inserted) return taken_or(std::move(inserted).error());
    json::object shown = show(made);
    shown.erase("confirmed");
    if (const auto secret = get_string(call.body().get_object(), "totp_secret")) shown["totp_secret"] = *secret;
    return http::Response::json(201, shown);
  });
}

/// What is sent takes the place of every method there is. Errors: invalid_body, inexistent_user.
ApiResult<http::Response> AuthenticationMethodsResource::replace_all(const Call& call) const {
  if (const auto complaint = replacement().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(parts_.mfa.reset(tx, person(call, *tenant, user)));  // remembered browsers too
    TRY_VOID(methods_.remove_all(tx, call.tenant(), user.id));
    json::array shown;
    for (const json::value& one : call.body().get_array()) {
      TRY(const AuthenticationMethod made, made_from(call, user, one.get_object()));
      if (auto inserted = methods_.insert(tx, made); !inserted) return taken_or(std::move(inserted).error());
      shown.push_back(show(made));
    }
    return http::Response::json(200, shown);
  });
}

ApiResult<http::Response> AuthenticationMethodsResource::remove_all(const Call& call) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(parts_.mfa.reset(tx, person(call, *tenant, user)));
    TRY_VOID(methods_.remove_all(tx, call.tenant(), user.id));
    return http::Response::empty(204);
  });
}

ApiResult<http::Response> AuthenticationMethodsResource::get(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    TRY(const AuthenticationMethod found, method(reader, call, user));
    return http::Response::json(200, show(found));
  });
}

/// Errors: invalid_body; 404.
ApiResult<http::Response> AuthenticationMethodsResource::update(const Call& call) const {
  if (const auto complaint = change().complaint(call.body(), model::Body::update)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY(AuthenticationMethod found, method(tx, call, user));
    if (const auto name = get_string(body, "name")) found.name = *name;
    if (const auto preferred = get_string(body, "preferred_authentication_method")) {
      if (!found.phone_number) return payload_error("'Additional properties not allowed: preferred_authentication_method'");
      found.data["preferred_authentication_method"] = *preferred;
    }
    TRY(const bool there, methods_.update(tx, found));
    if (!there) return no_such_method();
    return http::Response::json(200, show(found));
  });
}

ApiResult<http::Response> AuthenticationMethodsResource::remove(const Call& call) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY(const AuthenticationMethod found, method(tx, call, user));
    TRY_VOID(parts_.mfa.remove(tx, person(call, *tenant, user), found.id));
    return http::Response::empty(204);
  });
}

ApiResult<http::Response> AuthenticationMethodsResource::list_enrollments(const Call& call) const {
  if (!call.caller().has("read:users") && call.caller().subject != call.parameter())
    return ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: read:users");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    TRY(const auto all, methods_.list(reader, call.tenant(), user.id, model::AuthenticationMethodStore::Which::confirmed, call.now()));
    json::array out;
    for (const AuthenticationMethod& one : all)
      if (one.is_second_factor() && one.type != type::kRecoveryCode) out.push_back(show_enrollment(one));
    return http::Response::json(200, out);
  });
}

/// Every second factor of a user goes; the next login asks to enrol again where a policy wants one. Errors: inexistent_user.
ApiResult<http::Response> AuthenticationMethodsResource::reset(const Call& call) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(parts_.mfa.reset(tx, person(call, *tenant, user)));
    return http::Response::empty(204);
  });
}

/// Auth0's older way: google-authenticator are the TOTP methods, duo is nothing here. Errors: invalid_uri, inexistent_user.
ApiResult<http::Response> AuthenticationMethodsResource::remove_provider(const Call& call) const {
  const std::string& provider = call.parameter("provider");
  if (provider != "duo" && provider != "google-authenticator")
    return ApiError(ApiErrc::invalid_uri, "Path validation error: 'No enum match for: " + provider + "' on property provider.",
                    "invalid_uri");
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY(const auto all, methods_.list(tx, call.tenant(), user.id, model::AuthenticationMethodStore::Which::all, call.now()));
    for (const AuthenticationMethod& one : all)
      if (provider == "google-authenticator" && one.type == type::kTotp)
        TRY_VOID(parts_.mfa.remove(tx, person(call, *tenant, user), one.id));
    return http::Response::empty(204);
  });
}

ApiResult<http::Response> AuthenticationMethodsResource::forget_browsers(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(model::KnownBrowserStore{}.forget(tx, call.tenant(), user.id));
    return http::Response::empty(204);
  });
}

/// The only time that the code is shown. Errors: inexistent_user; 404, the user has no second factor that it could stand in for.
ApiResult<http::Response> AuthenticationMethodsResource::new_recovery_code(const Call& call) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  TRY(const std::optional<model::User> user, parts_.users.find(call.tenant(), UserId(call.parameter())));
  if (!user) return management::missing(model::user_description());
  TRY(const mfa::Mfa::Available available, parts_.mfa.available(*tenant, *user));
  if (!available.enrolled)
    return ApiError(ApiErrc::not_found, "The user is not enrolled in multi-factor authentication.", "inexistent_enrollment");
  TRY(const SecretString code, parts_.mfa.replace_recovery_code(person(call, *tenant, *user)));
  return call.write([&](storage::Transaction&) -> ApiResult<http::Response> {  // its event; never the code itself (logs/redaction)
    return http::Response::json(200, json::object{{"recovery_code", code.reveal()}});
  });
}

}  // namespace gatehouse::management
