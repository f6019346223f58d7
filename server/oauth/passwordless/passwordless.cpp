#include "oauth/passwordless/passwordless.h"

#include "http/forwarded.h"
#include "model/clients/url_rules.h"
#include "model/transactions/transaction_store.h"

namespace gatehouse::oauth {
namespace {

using connections::PasswordlessErrc;

/// What a link may carry to /authorize. Where it leads, for whom and how it is proved is ours to say.
constexpr std::string_view kOurs[] = {"client_id", "connection", "email", "login_hint", "verification_code", "prompt", "client_secret"};

bool is_ours(std::string_view name) { return std::ranges::find(kOurs, name) != std::end(kOurs); }

http::Response bad_request(std::string_view error, std::string_view description, int status = 400) {
  http::Response response = http::Response::json(status, json::object{{"error", error}, {"error_description", description}});
  response.no_store();
  return response;
}

/// Auth0's answers; the words are what SDKs and pages compare.
http::Response refused_start(const connections::PasswordlessError& error, const model::Connection& connection) {
  const bool sms = connection.strategy == "sms";
  switch (error.code) {
    case PasswordlessErrc::invalid_address:
      return sms ? bad_request("bad.phone_number", "Wrong phone number. Include the country code, such as +15550100.")
                 : bad_request("bad.email", "error in email - email format validation failed");
    case PasswordlessErrc::signup_disabled:
      return bad_request("bad.connection", "Public signup is disabled");
    case PasswordlessErrc::too_many_messages:
      return bad_request("too_many_requests", "Too many codes were asked for. Please try again later.", 429).set("Retry-After", "360");
    case PasswordlessErrc::wrong_code:
    case PasswordlessErrc::code_over:
    case PasswordlessErrc::failed:
      break;
  }
  return error_response(OAuthError(error.cause), false);
}

/// `authParams`: an object of texts (form bodies have none). Errors: invalid_request.
Result<json::object> auth_params(const BodyParameters& body) {
  json::object out;
  const json::value* value = body.object().if_contains("authParams");
  if (!value || value->is_null()) return out;
  if (!value->is_object()) return OAuthError{OAuthErrc::invalid_request, "authParams must be an object"};
  if (value->as_object().size() > 30) return OAuthError{OAuthErrc::invalid_request, "authParams has too many members"};
  for (const auto& [name, member] : value->as_object()) {
    if (member.is_null()) continue;
    if (!member.is_string() || member.as_string().size() > 2'048)
      return OAuthError{OAuthErrc::invalid_request, "authParams." + std::string(name) + " must be a string"};
    if (!is_ours(name)) out[name] = member;
  }
  return out;
}

Result<void> check_redirect_uri(const json::object& params, const model::Client& client) {
  const auto asked = get_string(params, "redirect_uri");
  if (!asked || asked->empty()) return {};
  const model::UrlRules rules{.wildcards = client.is_first_party, .any_loopback_port = client.app_type == "native"};
  if (model::callback_allowed(client.callbacks, *asked, rules)) return {};
  return OAuthError{OAuthErrc::invalid_request,
                    "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs."};
}

bool links_need_the_same_browser(const model::Tenant& tenant) {
  const json::object* login = get_object(tenant.settings, "universal_login");
  const json::object* passwordless = login ? get_object(*login, "passwordless") : nullptr;
  return passwordless && !get_bool(*passwordless, "allow_magiclink_verify_without_session").value_or(true);
}

}  // namespace

void Passwordless::mount(http::Router& router) {
  const http::RouteOptions options{.lane = http::Lane::store, .scope = "client", .max_body = kMaxBody};
  router.post("/passwordless/start", options, [this](const http::Request& r) { return start(r); });
  router.post("/passwordless/verify", options, [this](const http::Request& r) { return verify(r); });
  router.get("/passwordless/verify_redirect", {.lane = http::Lane::store, .scope = "public"},
             [this](const http::Request& r) { return verify_redirect(r, r.query); });
  router.post("/passwordless/verify_redirect", {.lane = http::Lane::store, .scope = "public", .max_body = kMaxBody},
              [this](const http::Request& r) {
                const auto form = http::Parameters::parse(r.body);
                return verify_redirect(r, form ? *form : http::Parameters());
              });
  mount_preflight(router, "/passwordless/start", "POST");
  mount_preflight(router, "/passwordless/verify", "POST");
}

http::Response Passwordless::start(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return error_response(OAuthError(tenant.error()), false);
  const bool local = (*tenant)->is_local();
  const Result<BodyParameters> body = BodyParameters::parse(request);
  if (!body) return error_response(body.error(), local);
  AuthenticatedClient client;
  Result<http::Response> answer = try_start(request, **tenant, *body, client);
  http::Response response;
  if (answer) {
    response = *std::move(answer);
  } else {
    logs::Event event = logs::Event::from(request, "f", answer.error().description);
    event.details = event_details(answer.error());
    if (client.client) {
      event.client = client.client->id;
      event.client_name = client.client->name;
    }
    parts_.log.enqueue(std::move(event));
    response = error_response(answer.error(), local || client.client);
  }
  allow_origin_of(request, client.client.get(), parts_.clients, *body, response);
  return response;
}

Result<http::Response> Passwordless::try_start(const http::Request& request, const model::Tenant& tenant, const BodyParameters& body,
                                               AuthenticatedClient& client) const {
  for (const std::string_view name : {"send", "connection", "email", "phone_number", "client_id"})
    if (const json::value* value = body.object().if_contains(name); value && !value->is_string() && !value->is_null())
      return OAuthError{OAuthErrc::invalid_request, std::string(name) + " must be a string"};
  TRY(client, parts_.client_auth.authenticate(request, body, tenant));
  TRY(const std::string name, body.require("connection"));
  TRY(const auto connection, passwordless_connection(parts_.connections, tenant.id, *client.client, name));
  const bool sms = connection->strategy == "sms";
  TRY(const std::string address, body.require(sms ? "phone_number" : "email"));
  const std::string_view send = body.get("send").value_or("");
  if (!send.empty() && send != "code" && send != "link" && send != "link_ios" && send != "link_android")
    return OAuthError{OAuthErrc::invalid_request, "send must be code or link"};
  TRY(json::object params, auth_params(body));
  TRY_VOID(check_redirect_uri(params, *client.client));
  if (const json::object* defaults = get_object(connection->options, "authParams"))  // the connection's own
    for (const auto& [key, value] : *defaults)
      if (value.is_string() && !params.contains(key) && !is_ours(key)) params[key] = value;

  connections::PasswordlessConnection::Start start{.tenant = tenant, .connection = *connection, .client = *client.client, .address = address};
  start.link = !sms && send != "code";  // Auth0: a link, when nothing is said
  start.auth_params = std::move(params);
  start.language = request.header("x-request-language").value_or(request.header("accept-language").value_or(""));
  start.language = start.language.substr(0, std::min<size_t>(start.language.find_first_of(",; "), 35));
  start.event = logs::Event::from(request, "", "");
  const bool vouched_for = client.method != model::TokenEndpointAuthMethod::none;
  if (vouched_for && get_bool(client.client->properties, "is_token_endpoint_ip_header_trusted").value_or(false))
    if (const auto named = http::IpAddress::parse(request.header("auth0-forwarded-for").value_or(""))) start.event.ip = named->to_string();
  std::optional<std::string> new_cookie;
  if (start.link && !vouched_for && links_need_the_same_browser(tenant)) {
    std::string cookie(request.cookie(model::kBrowserCookie).value_or(""));
    if (!model::TransactionStore::is_cookie(cookie)) new_cookie = cookie = model::TransactionStore::make_cookie(parts_.random);
    start.browser = model::TransactionStore::digest(cookie);
  }

  const auto sent = parts_.passwordless.start(start);
  if (!sent) return refused_start(sent.error(), *connection);
  json::object answer{{"_id", sent->id}};
  answer[sms ? "phone_number" : "email"] = sent->address;
  answer[sms ? "phone_verified" : "email_verified"] = false;  // says nothing of whether there is such a user
  http::Response response = http::Response::json(200, answer);
  response.no_store();
  if (new_cookie) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = *new_cookie});
  return response;
}

http::Response Passwordless::verify(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return error_response(OAuthError(tenant.error()), false);
  const Result<BodyParameters> body = BodyParameters::parse(request);
  if (!body) return error_response(body.error(), (*tenant)->is_local());
  const TokenRequest token_request{request, *body, **tenant, parts_.clock.now()};
  AuthenticatedClient client;
  const auto first_of = [&](std::initializer_list<std::string_view> names) -> Result<std::string> {
    for (const std::string_view name : names)
      if (const auto value = body->get(name)) return std::string(*value);
    return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: " + std::string(*names.begin())};
  };
  Result<TokenResponse> answer = [&]() -> Result<TokenResponse> {
    TRY(client, parts_.client_auth.authenticate(request, *body, **tenant));
    if (!client.client->allows_grant(parts_.otp.type()))
      return OAuthError{OAuthErrc::unauthorized_client, "Grant type '" + std::string(parts_.otp.type()) + "' not allowed for the client."};
    TRY(const std::string connection, body->require("connection"));
    TRY(const std::string address, first_of({"username", "email", "phone_number"}));
    TRY(const std::string code, first_of({"password", "verification_code", "otp"}));
    return parts_.otp.exchange(token_request, client, connection, address, code);
  }();
  http::Response response = answer ? http::Response::json_text(200, answer->to_json()) : error_response(answer.error(), client.client != nullptr);
  response.no_store();
  if (!answer && !answer.error().logged) {
    logs::Event event = logs::Event::from(request, parts_.otp.failure_event(), answer.error().description);
    if (client.client) event.client = client.client->id;
    parts_.log.enqueue(std::move(event));
  }
  allow_origin_of(request, client.client.get(), parts_.clients, *body, response);
  return response;
}

http::Response Passwordless::verify_redirect(const http::Request& request, const http::Parameters& parameters) const {
  // A browser that only looks ahead does not use the link up.
  if (request.header("sec-purpose").value_or("").find("prefetch") != std::string_view::npos) return http::Response::empty().no_store();
  std::string target = "authorize?";
  const auto add = [&](std::string_view name, std::string_view value) {
    target += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
  };
  for (const auto& [name, value] : parameters.pairs())
    if (!is_ours(name) && !value.empty()) add(name, value);
  for (const std::string_view name : {"client_id", "connection", "verification_code"}) {
    const std::string_view value = parameters.get(name).value_or("");
    if (value.empty())
      return parts_.error_page(request, {.status = 400, .error = "invalid_request", .description = "The link is not complete."});
    add(name, value);
  }
  add("login_hint", parameters.get("email").value_or(parameters.get("phone_number").value_or("")));
  if (!parameters.get("response_type")) add("response_type", "code");
  target += "prompt=login";
  http::Response response = http::Response::redirect(request.issuer + target, 303);
  response.no_store();
  response.set("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace gatehouse::oauth
