#include "oauth/mfa_api/mfa_api.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::oauth {
namespace {

using model::AuthenticationMethod;
namespace method_type = model::method_type;

constexpr std::string_view kTooManyMessages = "Too many messages sent by the user. Wait for some minutes before retrying.";

/// What there is of a phone number: the last four digits.
std::string masked(const std::string& number) {
  return number.size() <= 4 ? number : std::string(number.size() - 4, 'X') + number.substr(number.size() - 4);
}

/// Auth0's API shows a phone as one authenticator a channel: sms|dev_… and voice|dev_….
std::string id_in(std::string_view channel, const std::string& id) { return std::string(channel) + id.substr(id.find('|')); }
struct Named {
  std::string method;  ///< id as it is stored
  bool voice = false;
};
Named named(std::string_view id) {
  const size_t bar = id.find('|');
  const std::string_view channel = id.substr(0, bar);
  if (bar == id.npos || (channel != "sms" && channel != "voice")) return {std::string(id)};
  return {std::string(method_type::kPhone) + std::string(id.substr(bar)), channel == "voice"};
}

void show(json::array& list, const AuthenticationMethod& method, const mfa::Settings& settings) {
  json::object shown{{"id", method.id}, {"active", method.confirmed}};
  if (method.type == method_type::kTotp) {
    shown["authenticator_type"] = shown["type"] = "otp";
  } else if (method.type == method_type::kEmail) {
    shown["authenticator_type"] = "oob";
    shown["oob_channel"] = shown["type"] = "email";
    shown["name"] = *method.email;
  } else if (method.type == method_type::kPhone) {
    shown["authenticator_type"] = "oob";
    shown["type"] = "phone";
    shown["name"] = masked(*method.phone_number);
    for (const std::string_view channel : {"sms", "voice"}) {
      if (channel == "sms" ? !settings.text_messages : !settings.calls) continue;
      shown["id"] = id_in(channel, method.id);
      shown["oob_channel"] = channel;
      list.push_back(shown);
    }
    return;
  } else {
    shown["authenticator_type"] = shown["type"] = method.type;
  }
  list.push_back(std::move(shown));
}

std::string_view challenge_type_of(const AuthenticationMethod& method) {
  if (method.type == method_type::kTotp) return "otp";
  return method.type == method_type::kPhone || method.type == method_type::kEmail ? "oob" : "";
}

http::Response json_answer(const json::value& body) {
  http::Response response = http::Response::json(200, body);
  response.no_store();
  return response;
}

}  // namespace

void MfaApi::mount(http::Router& router) {
  const http::RouteOptions options{.lane = http::Lane::store, .scope = "token", .max_body = kMaxBody};
  router.get("/mfa/authenticators", options,
             [this](const http::Request& r) { return answer(r, false, [&](Call& call) { return list(call); }); });
  router.add(http::Method::DELETE, "/mfa/authenticators/{id}", options,
             [this](const http::Request& r) { return answer(r, false, [&](Call& call) { return remove(call); }); });
  router.post("/mfa/associate", options,
              [this](const http::Request& r) { return answer(r, true, [&](Call& call) { return associate(call); }); });
  router.post("/mfa/challenge", options,
              [this](const http::Request& r) { return answer(r, true, [&](Call& call) { return challenge(call); }); });
  mount_preflight(router, "/mfa/authenticators", "GET");
  mount_preflight(router, "/mfa/authenticators/{id}", "DELETE");
  mount_preflight(router, "/mfa/associate", "POST");
  mount_preflight(router, "/mfa/challenge", "POST");
}

template <class F>
http::Response MfaApi::answer(const http::Request& request, bool has_body, F handle) const {
  Call call{.http = request, .now = parts_.clock.now()};
  const Result<http::Response> result = [&]() -> Result<http::Response> {
    TRY_VOID(parts_.db.refresh_caches());
    TRY(call.tenant, parts_.tenants.get(request.tenant));
    if (has_body) {
      TRY(call.body, BodyParameters::parse(request));
    }
    return handle(call);
  }();
  http::Response response = result ? *result : error_response(result.error(), call.tenant && call.tenant->is_local());
  allow_origin_of(request, call.client.get(), parts_.clients, call.body, response);
  return response;
}

Result<MfaTokens::Waiting> MfaApi::bearer(Call& call, std::string_view scope) const {
  const std::string_view header = call.http.header("authorization").value_or("");
  if (to_lower_ascii(header.substr(0, 7)) != "bearer ") return OAuthError{OAuthErrc::invalid_token, "Unauthorized"};
  TRY(MfaTokens::Waiting waiting, parts_.mfa_tokens.find(*call.tenant, trim(header.substr(7)), call.now));
  TRY(call.client, parts_.clients.find(call.tenant->id, waiting.token.client));
  if (!call.client) return OAuthError{OAuthErrc::invalid_token, "Unauthorized"};
  if (waiting.by_api_token && !waiting.api_scopes.contains(scope))
    return OAuthError{OAuthErrc::insufficient_scope, "Insufficient scope, expected: " + std::string(scope)};
  return waiting;
}

Result<http::Response> MfaApi::list(Call& call) const {
  TRY(const MfaTokens::Waiting waiting, bearer(call, "read:authenticators"));
  TRY(const mfa::Settings settings, parts_.mfa_tokens.mfa().settings(call.tenant->id));
  TRY(const mfa::Mfa::Available available, parts_.mfa_tokens.mfa().available(*call.tenant, waiting.who.user()));
  json::array list;
  for (const AuthenticationMethod& method : available.methods) show(list, method, settings);
  for (const AuthenticationMethod& method : available.waiting) show(list, method, settings);
  return json_answer(list);
}

Result<http::Response> MfaApi::remove(Call& call) const {
  TRY(const MfaTokens::Waiting waiting, bearer(call, "remove:authenticators"));
  // A password (an mfa_token), or a token issued before there was a factor, is not enough to take one away.
  TRY(const mfa::Mfa::Available available, parts_.mfa_tokens.mfa().available(*call.tenant, waiting.who.user()));
  if (!waiting.by_api_token || (available.enrolled && !waiting.proved))
    return OAuthError{OAuthErrc::insufficient_scope, "Insufficient scope, expected: remove:authenticators",
                      "Get an access token for " + call.tenant->issuer + "mfa/ by completing multi-factor authentication."};
  const mfa::Person person = waiting.person(*call.tenant, *call.client, logs::Event::from(call.http, "", ""));
  const std::string id = named(call.http.path_parameters.at("id")).method;
  TRY(const bool removed, parts_.db.write([&](storage::Transaction& tx) { return parts_.mfa_tokens.mfa().remove(tx, person, id); }));
  if (!removed) {
    http::Response response =
        http::Response::json(404, json::object{{"error", "not_found"}, {"error_description", "Authenticator not found."}});
    response.no_store();
    return response;
  }
  return http::Response::empty(204);
}

Result<http::Response> MfaApi::associate(Call& call) const {
  TRY(const MfaTokens::Waiting waiting, bearer(call, "enroll"));
  if (const auto client_id = call.body.get("client_id"); client_id && *client_id != waiting.token.client.str())
    return OAuthError{OAuthErrc::invalid_request, "mfa_token not issued to this client"};
  const auto list = [&](std::string_view name) {
    std::vector<std::string> values = get_strings(call.body.object(), name);
    if (const auto text = call.body.get(name); values.empty() && text) values.emplace_back(*text);
    return values;
  };
  const std::vector<std::string> types = list("authenticator_types"), channels = list("oob_channels");
  if (types.empty()) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: authenticator_types"};
  mfa::EnrolmentRequest wanted{.with_recovery_code = true};
  const auto has = [](const std::vector<std::string>& values, std::string_view value) {
    return std::ranges::find(values, value) != values.end();
  };
  const bool sent = has(types, "oob");
  if (has(types, "otp")) {
    wanted.type = method_type::kTotp;
  } else if (!sent && !has(types, "email")) {  // SDKs name the mailbox as a type of its own
    return OAuthError{OAuthErrc::invalid_request, "authenticator_types must be otp or oob"};
  } else if (sent && (has(channels, "sms") || has(channels, "voice"))) {
    wanted.type = method_type::kPhone;
    wanted.voice = !has(channels, "sms");
    TRY(wanted.phone_number, call.body.require("phone_number"));
  } else if (!sent || has(channels, "email")) {
    wanted.type = method_type::kEmail;
    wanted.email = call.body.get("email").value_or("");
  } else {
    return OAuthError{OAuthErrc::invalid_request, "oob_channels must be sms, voice or email"};
  }

  const mfa::Person person = waiting.person(*call.tenant, *call.client, logs::Event::from(call.http, "", ""));
  gatehouse::Result<mfa::Enrolment> begun = parts_.mfa_tokens.mfa().begin_enrolment(person, wanted);
  if (!begun) {
    if (begun.error().code == Errc::unique_violation) return OAuthError{OAuthErrc::access_denied, "User is already enrolled."};
    if (begun.error().code == Errc::overloaded) return OAuthError{OAuthErrc::too_many_attempts, std::string(kTooManyMessages)};
    return OAuthError(begun.error());
  }
  json::object answer;
  if (wanted.type == method_type::kTotp) {
    TRY_VOID(parts_.mfa_tokens.keep(waiting));
    answer = {{"authenticator_type", "otp"}, {"secret", begun->secret.reveal()}, {"barcode_uri", begun->otpauth_uri}};
  } else {
    TRY(const std::string oob_code, parts_.mfa_tokens.note_sent(waiting, begun->method.id));
    answer = {{"authenticator_type", "oob"},
              {"binding_method", "prompt"},
              {"oob_code", oob_code},
              {"oob_channel", wanted.type == method_type::kEmail ? "email"
                              : wanted.voice                     ? "voice"
                                                                 : "sms"}};
  }
  if (!begun->recovery_code.empty()) answer["recovery_codes"] = json::array{json::string(begun->recovery_code.reveal())};
  return json_answer(answer);
}

Result<http::Response> MfaApi::challenge(Call& call) const {
  TRY(const AuthenticatedClient client, parts_.client_auth.authenticate(call.http, call.body, *call.tenant));
  call.client = client.client;
  TRY(const std::string text, call.body.require("mfa_token"));
  TRY(const MfaTokens::Waiting waiting, parts_.mfa_tokens.find(*call.tenant, text, call.now));
  if (waiting.token.client != call.client->id) return OAuthError{OAuthErrc::invalid_request, "mfa_token not issued to this client"};
  const std::string allowed(call.body.get("challenge_type").value_or("otp oob"));
  const auto is_allowed = [&](const AuthenticationMethod& method) {
    const std::vector<std::string_view> words = split(allowed, ' ');
    const std::string_view type = challenge_type_of(method);
    return !type.empty() && std::ranges::find(words, type) != words.end();
  };

  TRY(const mfa::Mfa::Available available, parts_.mfa_tokens.mfa().available(*call.tenant, waiting.who.user()));
  const AuthenticationMethod* method = nullptr;
  bool voice = false;
  if (const auto id = call.body.get("authenticator_id")) {
    const Named wanted = named(*id);
    voice = wanted.voice;
    method = available.find(wanted.method);
    for (const AuthenticationMethod& begun : available.waiting)
      if (begun.id == wanted.method) method = &begun;
    if (!method) return OAuthError{OAuthErrc::invalid_request, "Unknown authenticator_id"};
  } else {
    if (available.methods.empty())
      return OAuthError{OAuthErrc::association_required, "User is not enrolled. You must associate an authenticator first."};
    for (const AuthenticationMethod& candidate : available.methods)
      if (!method && is_allowed(candidate)) method = &candidate;
    if (method && method->type == method_type::kPhone) voice = get_string(method->data, "preferred_authentication_method") == "voice";
  }
  if (!method || !is_allowed(*method))
    return OAuthError{OAuthErrc::unsupported_challenge_type,
                      "The user does not support any of the requested challenge types (" + allowed + ")."};

  const mfa::Person person = waiting.person(*call.tenant, *call.client, logs::Event::from(call.http, "", ""));
  TRY(const mfa::Challenge out, parts_.mfa_tokens.mfa().challenge(person, method->id, voice));
  if (out.sent_too_many) return OAuthError{OAuthErrc::too_many_attempts, std::string(kTooManyMessages)};
  if (out.channel.empty()) return json_answer(json::object{{"challenge_type", "otp"}});
  TRY(const std::string oob_code, parts_.mfa_tokens.note_sent(waiting, method->id));
  return json_answer(json::object{{"challenge_type", "oob"}, {"oob_code", oob_code}, {"binding_method", "prompt"}});
}

}  // namespace gatehouse::oauth
