#include "connections/upstream/engine.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "connections/upstream/id_token.h"
#include "connections/upstream/profile.h"
#include "crypto/crypto.h"

namespace gatehouse::connections {
namespace {

constexpr size_t kLargestAnswer = 512 * 1024;  // bytes of an answer to a call
constexpr size_t kLongestToken = 64 * 1024;    // bytes

// Parameters that make the request what it is: no option and no application changes them.
constexpr std::string_view kOurs[] = {"client_id", "client_secret", "redirect_uri",   "response_type",         "response_mode",
                                      "state",     "nonce",         "code_challenge", "code_challenge_method", "scope",
                                      "request",   "request_uri"};
// What an alias in upstream_params may name: parameters of /authorize.
constexpr std::string_view kPassedOn[] = {"acr_values", "audience", "display",  "id_token_hint", "login_hint",
                                          "max_age",    "prompt",   "resource", "screen_hint",   "ui_locales"};

bool is_ours(std::string_view name) { return std::ranges::find(kOurs, name) != std::end(kOurs); }

std::string asked_for(const json::object& asked, std::string_view name) { return std::string(get_string(asked, name).value_or("")); }

/// Replaces a parameter, or adds it.
class AuthorizationUrl {
 public:
  void set(std::string name, std::string value) {
    if (value.size() > 4'096) return;
    for (auto& [known, old] : pairs_)
      if (known == name) {
        old = std::move(value);
        return;
      }
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  void set_all(const http::Parameters& parameters) {
    for (const auto& [name, value] : parameters.pairs()) set(name, value);
  }
  [[nodiscard]] std::string at(const std::string& endpoint) const {
    http::Parameters parameters;
    for (const auto& [name, value] : pairs_) parameters.add(name, value);
    return endpoint + (endpoint.find('?') == std::string::npos ? "?" : "&") + parameters.encode();
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// upstream_params: {name: {value}} or {name: {alias}}; custom OAuth 2 has authParams and authParamsMap besides.
void pass_on(AuthorizationUrl& url, const json::object& options, const json::object& asked) {
  if (const json::object* parameters = get_object(options, "upstream_params"))
    for (const auto& member : *parameters) {
      const json::object* rule = member.value().if_object();
      if (!rule || is_ours(member.key())) continue;
      if (const auto value = get_string(*rule, "value")) url.set(member.key(), std::string(*value));
      const std::string_view alias = get_string(*rule, "alias").value_or("");
      if (std::ranges::find(kPassedOn, alias) == std::end(kPassedOn)) continue;
      if (std::string value = asked_for(asked, alias); !value.empty()) url.set(member.key(), std::move(value));
    }
  if (const json::object* parameters = get_object(options, "authParams"))
    for (const auto& member : *parameters)
      if (member.value().is_string() && !is_ours(member.key())) url.set(member.key(), std::string(member.value().get_string()));
  if (const json::object* names = get_object(options, "authParamsMap"))
    for (const auto& member : *names) {
      if (!member.value().is_string() || is_ours(member.key())) continue;
      const std::string_view alias = member.value().get_string();
      if (std::ranges::find(kPassedOn, alias) == std::end(kPassedOn)) continue;
      if (std::string value = asked_for(asked, alias); !value.empty()) url.set(member.key(), std::move(value));
    }
}

std::string without_controls(std::string_view text, size_t longest) {
  std::string out;
  for (const char c : cut(text, longest)) out += uint8_t(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

/// An answer with `error`, or one that is no success.
UpstreamError provider_error(std::string_view error, std::string_view description) {
  const bool denied = error == "access_denied" || error == "user_cancelled_login" || error == "user_cancelled_authorize";
  UpstreamError made(denied ? UpstreamErrc::denied : UpstreamErrc::refused,
                     denied ? "The login was cancelled at the identity provider." : "The identity provider refused the login.",
                     without_controls(description, 500));
  made.error = without_controls(error, 100);
  return made;
}

class HttpCalls final : public Calls {
 public:
  HttpCalls(http::Client& client, const Deadline& deadline) : client_(client), deadline_(deadline) {}

  Result<json::value> get(const std::string& url, std::string_view bearer) override {
    http::OutboundRequest request;
    request.url = url;
    request.headers = {{"accept", "application/json"}, {"user-agent", "Gatehouse"}};
    if (!bearer.empty()) request.headers.emplace_back("authorization", "Bearer " + std::string(bearer));
    TRY(const http::OutboundResponse response, send(std::move(request)));
    if (response.status != 200)
      return Error{Errc::unavailable, "The identity provider does not answer as it should.",
                   url.substr(0, url.find('?')) + ": status " + std::to_string(response.status)};
    Result<json::value> value = parse_json(response.body, {.max_depth = 32, .max_bytes = kLargestAnswer});
    if (!value)
      return Error{Errc::invalid_argument, "The identity provider's answer could not be read.",
                   url.substr(0, url.find('?')) + ": not JSON"};
    return value;
  }

  Result<http::OutboundResponse> send(http::OutboundRequest request) {
    request.timeout = deadline_.left();
    request.max_response = kLargestAnswer;
    if (request.timeout.count() == 0) return Error{Errc::timeout, "The identity provider does not answer."};
    return client_.send(request);
  }

 private:
  http::Client& client_;
  const Deadline& deadline_;
};

/// JSON, or a form as some older providers answer.
Result<json::object> parse_token_answer(const http::OutboundResponse& response) {
  Result<json::value> value = parse_json(response.body, {.max_depth = 16, .max_bytes = kLargestAnswer});
  if (value && value->is_object()) return std::move(value->get_object());
  json::object out;
  if (!value && response.body.find('=') != std::string::npos && response.body.size() < kLongestToken)
    if (const Result<http::Parameters> form = http::Parameters::parse(response.body))
      for (const auto& [name, text] : form->pairs()) out.emplace(name, text);
  if (!out.contains("access_token") && !out.contains("error"))
    return Error{Errc::unavailable, "The identity provider does not answer as it should.",
                 "token endpoint: status " + std::to_string(response.status)};
  return out;
}

}  // namespace

/// A place among those that wait for one provider: the others of the lane go on, whatever it does.
class UpstreamEngine::Place {
 public:
  Place(const UpstreamEngine& engine, const model::Connection& connection)
      : engine_(engine), key_(connection.tenant.str() + "/" + connection.id.str()) {
    const std::lock_guard lock(engine_.mutex_);
    int& waiting = engine_.waiting_[key_];
    taken_ = waiting < kMostWaiting;
    if (taken_) ++waiting;
  }
  ~Place() {
    if (!taken_) return;
    const std::lock_guard lock(engine_.mutex_);
    if (--engine_.waiting_[key_] == 0) engine_.waiting_.erase(key_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  const UpstreamEngine& engine_;
  std::string key_;
  bool taken_ = false;
};

Result<Upstream, UpstreamError> UpstreamEngine::resolve(const model::Connection& connection, const Deadline& deadline) const {
  Result<Upstream> upstream = make_upstream(connection, parts_.sealer, documents_, deadline, parts_.allow_plain_http);
  if (upstream) return std::move(*upstream);
  UpstreamError error(upstream.error());
  if (error.code == UpstreamErrc::unverified) error.code = UpstreamErrc::misconfigured;
  return error;
}

Result<UpstreamEngine::Begun, UpstreamError> UpstreamEngine::begin(const model::Connection& connection, const std::string& redirect_uri,
                                                                   std::string_view login_state, const json::object& asked) const {
  const Place place(*this, connection);
  if (!place.taken()) return UpstreamError(UpstreamErrc::overloaded, "Many people are waiting for this identity provider.");
  const Deadline deadline(kPatience);
  TRY(Upstream upstream, resolve(connection, deadline));
  const Provider& provider = *upstream.provider;

  Begun begun;
  begun.state = model::UpstreamStore::make_state(parts_.random);
  model::UpstreamRequest& request = begun.request;
  request.tenant = connection.tenant;
  request.connection = connection.id;
  request.login_state = std::string(login_state);
  request.redirect_uri = redirect_uri;
  request.issuer = upstream.endpoints.issuer;

  AuthorizationUrl url;
  if (provider.ask) {
    http::Parameters parameters;
    provider.ask(parameters, connection);
    url.set_all(parameters);
  }
  if (std::string hint = asked_for(asked, "login_hint"); provider.login_hint && !hint.empty()) url.set("login_hint", std::move(hint));
  pass_on(url, connection.options, asked);
  std::vector<std::string> scopes;
  add_scopes(scopes, upstream.scope);
  add_scopes(scopes, cut(asked_for(asked, "connection_scope"), 1'024));
  url.set("response_type", upstream.response_type);
  url.set("client_id", upstream.client_id);
  url.set("redirect_uri", redirect_uri);
  url.set("state", begun.state);
  if (!scopes.empty()) url.set("scope", join(scopes, " "));
  if (upstream.response_type == "id_token" || provider.form_post) url.set("response_mode", "form_post");
  if (upstream.verifies_id_tokens && provider.sends_nonce) {
    request.nonce = parts_.random.base64url(24);
    url.set("nonce", request.nonce);
  }
  if (!upstream.code_challenge_method.empty()) {
    request.verifier = parts_.random.base64url(32);
    const bool plain = upstream.code_challenge_method == "plain";
    url.set("code_challenge", plain ? request.verifier : base64url_encode(crypto::sha256(request.verifier)));
    url.set("code_challenge_method", upstream.code_challenge_method);
  }
  begun.url = url.at(upstream.endpoints.authorization);
  return begun;
}

Result<UpstreamEngine::TokenAnswer, UpstreamError> UpstreamEngine::redeem(const Upstream& upstream, const model::UpstreamRequest& request,
                                                                          std::string_view code, const Deadline& deadline) const {
  SecretString secret = upstream.client_secret.clone();
  if (upstream.provider->client_secret) {
    Result<SecretString> made = upstream.provider->client_secret(upstream, parts_.clock.now());
    if (!made) return UpstreamError(UpstreamErrc::misconfigured, "This way to sign in is not set up correctly.", made.error().message);
    secret = std::move(*made);
  }
  HttpCalls calls(parts_.client, deadline);
  const auto ask = [&](std::string_view method) -> Result<http::OutboundResponse> {
    http::Parameters form;
    form.add("grant_type", "authorization_code");
    form.add("code", std::string(code));
    form.add("redirect_uri", request.redirect_uri);
    if (!request.verifier.empty()) form.add("code_verifier", request.verifier);
    http::OutboundRequest out;
    out.method = "POST";
    out.url = upstream.endpoints.token;
    out.headers = {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}, {"user-agent", "Gatehouse"}};
    if (method == "client_secret_basic") {
      out.headers.emplace_back("authorization", "Basic " + base64_encode(http::percent_encode(upstream.client_id) + ":" +
                                                                         http::percent_encode(secret.reveal())));
    } else {
      form.add("client_id", upstream.client_id);
      if (method != "none") form.add("client_secret", std::string(secret.reveal()));
    }
    if (const json::object* headers = get_object(upstream.connection->options, "customHeaders"))
      for (const auto& member : *headers)
        if (member.value().is_string() && !has_control(member.key()) && !has_control(member.value().get_string()))
          out.headers.emplace_back(to_lower_ascii(member.key()), std::string(member.value().get_string()));
    out.body = form.encode();
    return calls.send(std::move(out));
  };
  const bool guessing = upstream.token_auth_method.empty();
  TRY(http::OutboundResponse response, ask(guessing ? "client_secret_post" : upstream.token_auth_method));
  TRY(json::object answer, parse_token_answer(response));
  if (guessing && get_string(answer, "error") == "invalid_client") {  // it may want the secret in the header; the code is still good then
    TRY(response, ask("client_secret_basic"));
    TRY(answer, parse_token_answer(response));
  }
  if (const auto error = get_string(answer, "error")) {
    UpstreamError refused = provider_error(*error, get_string(answer, "error_description").value_or(""));
    if (*error == "invalid_client" || *error == "unauthorized_client") refused.code = UpstreamErrc::misconfigured;
    return refused;
  }
  if (response.status != 200 && response.status != 201)
    return UpstreamError(UpstreamErrc::unreachable, "The identity provider does not answer as it should.",
                         "token endpoint: status " + std::to_string(response.status));

  TokenAnswer tokens;
  const auto text = [&](std::string_view name) {
    const std::string_view value = get_string(answer, name).value_or("");
    return value.size() <= kLongestToken && !has_control(value) ? std::string(value) : std::string();
  };
  tokens.access_token = SecretString(text("access_token"));
  tokens.refresh_token = SecretString(text("refresh_token"));
  tokens.id_token = std::string(get_string(answer, "id_token").value_or(""));
  tokens.expires_in = get_int(answer, "expires_in");
  if (const auto type = get_string(answer, "token_type"); type && to_lower_ascii(*type) != "bearer" && !tokens.access_token.empty())
    return UpstreamError(UpstreamErrc::unverified, "The identity provider's answer could not be used.",
                         "token_type is " + without_controls(*type, 40));
  return tokens;
}

Result<json::object> UpstreamEngine::verified_claims(const Upstream& upstream, const model::UpstreamRequest& request,
                                                     const TokenAnswer& tokens, std::string_view code, const Deadline& deadline) const {
  ExpectedIdToken expected;
  expected.issuer_fits = [&](std::string_view issuer, const json::object& claims) {
    return upstream.provider->issuer_fits ? upstream.provider->issuer_fits(issuer, claims, upstream) : issuer == upstream.endpoints.issuer;
  };
  expected.client_id = upstream.client_id;
  expected.nonce = request.nonce;
  expected.access_token = std::string(tokens.access_token.reveal());
  expected.code = std::string(code);
  expected.algorithms = upstream.algorithms;
  expected.secret = std::string(upstream.client_secret.reveal());
  expected.now = parts_.clock.now();
  Documents::Document keys;
  return verify_id_token(tokens.id_token, expected, [&](bool again) -> Result<const json::object*> {
    TRY(keys, again ? documents_.newer(upstream.endpoints.jwks, keys, deadline) : documents_.get(upstream.endpoints.jwks, deadline));
    return keys.get();
  });
}

Result<UpstreamIdentity, UpstreamError> UpstreamEngine::finish(const model::Connection& connection, const model::UpstreamRequest& request,
                                                               const json::object& parameters) const {
  const Place place(*this, connection);
  if (!place.taken()) return UpstreamError(UpstreamErrc::overloaded, "Many people are waiting for this identity provider.");
  const Deadline deadline(kPatience);
  TRY(const Upstream upstream, resolve(connection, deadline));
  const Provider& provider = *upstream.provider;
  // Mix-up (RFC 9207): who answers is who was asked. An ID token beside the answer says it by itself (§2.4).
  if (request.connection != connection.id || request.issuer != upstream.endpoints.issuer)
    return UpstreamError(UpstreamErrc::unverified, "The connection was changed meanwhile.", "issuer of the request: " + request.issuer);
  const std::optional<std::string_view> iss = get_string(parameters, "iss");
  const std::string& issuer = upstream.endpoints.issuer;
  const bool another = iss && !issuer.empty() && issuer.find('{') == std::string::npos && *iss != issuer;
  if (another || (!iss && upstream.names_issuer && !parameters.contains("id_token")))
    return UpstreamError(UpstreamErrc::unverified, "The answer is another identity provider's.",
                         iss ? "iss is " + without_controls(*iss, 200) : "iss is missing");
  if (const auto error = get_string(parameters, "error"))
    return provider_error(*error, get_string(parameters, "error_description").value_or(""));

  TokenAnswer tokens;
  const std::string code(get_string(parameters, "code").value_or(""));
  if (upstream.response_type == "code") {
    if (code.empty() || code.size() > 8'192) return UpstreamError(UpstreamErrc::unverified, "The identity provider's answer has no code.");
    TRY(tokens, redeem(upstream, request, code, deadline));
  } else {
    tokens.id_token = std::string(get_string(parameters, "id_token").value_or(""));
  }

  Answer answer;
  answer.access_token = tokens.access_token.clone();
  answer.posted = parameters;
  if (upstream.verifies_id_tokens && !tokens.id_token.empty()) {
    TRY(answer.claims, verified_claims(upstream, request, tokens, upstream.response_type == "code" ? code : "", deadline));
  } else if (provider.open_id && provider.needs_id_token) {
    return UpstreamError(UpstreamErrc::unverified, "The identity provider sent no ID token.",
                         "no id_token in the answer: is \"openid\" among the connection's scopes?");
  }

  HttpCalls calls(parts_.client, deadline);
  const bool says_little = !answer.claims.contains("email") && !answer.claims.contains("name");
  const bool wants_userinfo =
      provider.source == Provider::Source::userinfo || answer.claims.empty() || maps_userinfo(connection) || says_little;
  if (wants_userinfo && !upstream.endpoints.userinfo.empty() && !tokens.access_token.empty()) {
    http::Parameters more;
    if (provider.userinfo) provider.userinfo(more, upstream, tokens.access_token.reveal());
    std::string url = upstream.endpoints.userinfo;
    if (!more.pairs().empty()) url += (url.find('?') == std::string::npos ? "?" : "&") + more.encode();
    TRY(json::value userinfo, calls.get(url, tokens.access_token.reveal()));
    if (!userinfo.is_object())
      return UpstreamError(UpstreamErrc::unverified, "The identity provider's answer could not be read.",
                           "user information is not an object");
    answer.userinfo = std::move(userinfo.get_object());
    // Of whom it speaks is what the ID token says (OpenID Connect Core §5.3.2).
    if (!answer.claims.empty() && get_string(answer.userinfo, "sub") != get_string(answer.claims, "sub"))
      return UpstreamError(UpstreamErrc::unverified, "The identity provider's answers do not fit together.",
                           "sub of the user information is another");
  }
  if (answer.claims.empty() && answer.userinfo.empty())
    return UpstreamError(UpstreamErrc::unverified, "The identity provider did not say who you are.",
                         "neither ID token nor user information");

  TRY(Profile profile, make_profile(upstream, answer));
  if (provider.complete) TRY_VOID(provider.complete(profile, answer, upstream, calls));
  if (profile.subject.empty() || !is_valid_utf8(profile.subject))
    return UpstreamError(UpstreamErrc::unverified, "The identity provider did not say who you are.");

  UpstreamIdentity identity;
  identity.tenant_ = connection.tenant;
  identity.connection_ = connection.id;
  identity.strategy_ = std::string(provider.strategy);
  identity.is_social_ = provider.is_social;
  identity.id_names_connection_ = provider.id_names_connection;
  identity.profile_ = std::move(profile);
  identity.tokens_.access_token = std::move(tokens.access_token);
  identity.tokens_.refresh_token = std::move(tokens.refresh_token);
  identity.tokens_.expires_in = tokens.expires_in;
  return identity;
}

std::string UpstreamEngine::logout_url(const model::Connection& connection, std::string_view return_to) const {
  const Place place(*this, connection);
  if (!place.taken() || !is_upstream(connection)) return {};
  const Deadline deadline(milliseconds(5'000));
  const Result<Upstream, UpstreamError> upstream = resolve(connection, deadline);
  if (!upstream || upstream->endpoints.end_session.empty()) return {};
  AuthorizationUrl url;
  url.set("client_id", upstream->client_id);
  if (!return_to.empty()) url.set("post_logout_redirect_uri", std::string(return_to));
  return url.at(upstream->endpoints.end_session);
}

}  // namespace gatehouse::connections
