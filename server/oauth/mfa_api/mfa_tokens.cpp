#include "oauth/mfa_api/mfa_tokens.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "oauth/tokens/issuer.h"
#include "oauth/tokens/user_tokens.h"

namespace gatehouse::oauth {
namespace {

/// Names of factors in mfa_requirements. `oob` stands beside them, because some SDKs look for the kind of challenge there.
json::object requirements_of(const mfa::Mfa::Available& available, mfa::Due due) {
  const auto word = [](std::string_view type) { return type == model::method_type::kTotp ? std::string_view("otp") : type; };
  json::array types;
  const auto add = [&](std::string_view type) {
    if (std::ranges::none_of(types, [&](const json::value& t) { return t.as_object().at("type").as_string() == type; }))
      types.push_back(json::object{{"type", type}});
  };
  if (due == mfa::Due::enrol) {
    for (const std::string& type : available.enrollable) add(word(type));
    return {{"enroll", std::move(types)}};
  }
  bool sends = false;
  for (const model::AuthenticationMethod& method : available.methods) {
    add(word(method.type));
    sends = sends || method.type == model::method_type::kPhone || method.type == model::method_type::kEmail;
  }
  if (sends) add("oob");
  return {{"challenge", std::move(types)}};
}

}  // namespace

OAuthError MfaTokens::required(const TokenRequest& request, const sign_in::Attempt& attempt, const sign_in::Authenticated& who,
                               const AskedTokens& asked, mfa::Due due) const {
  const gatehouse::Result<mfa::Mfa::Available> available = parts_.mfa.available(request.tenant, who.user());
  if (!available) return OAuthError(available.error());
  std::string text = model::MfaTokenStore::make(parts_.random);
  model::MfaToken token{.id = model::MfaTokenStore::digest(text),
                        .tenant = request.tenant.id,
                        .client = attempt.client->id,
                        .user = who.user().id,
                        .data = {{"audience", asked.audience()}, {"scope", asked.scopes.to_string()}, {"gty", asked.gty}},
                        .created_at = request.now,
                        .expires_at = request.now + model::kMfaTokenLifetime};
  logs::Event event = attempt.event;
  event.type = "mfar";
  event.description = "A second factor is needed";
  about_user(event, who.user(), who.connection());
  const gatehouse::Result<void> stored = parts_.db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    model::MfaToken kept = token;
    TRY(kept.data["who"], parts_.sign_in.suspend(tx, who));
    TRY_VOID(store_.insert(tx, kept));
    return parts_.log.write(tx, event);
  });
  if (!stored) return OAuthError(stored.error());
  OAuthError error = OAuthError(OAuthErrc::mfa_required, "Multifactor authentication required").already_logged();
  error.members = {{"mfa_token", text}, {"mfa_requirements", requirements_of(*available, due)}};
  return error;
}

mfa::Person MfaTokens::Waiting::person(const model::Tenant& tenant, const model::Client& client, logs::Event event) const {
  return {.tenant = tenant,
          .user = who.user(),
          .client = &client,
          .login = token.id,
          .event = std::move(event),
          .language = {},
          .proved = proved};
}

Result<MfaTokens::Waiting> MfaTokens::find(const model::Tenant& tenant, std::string_view text, Timestamp now) const {
  if (text.find('.') != text.npos) return of_api_token(tenant, text, now);
  if (text.size() != 43) return OAuthError{OAuthErrc::invalid_grant, "Malformed mfa_token"};
  const OAuthError expired{OAuthErrc::expired_token, "mfa_token is expired"};
  return parts_.db.read([&](storage::Reader& reader) -> Result<Waiting> {
    TRY(std::optional<model::MfaToken> token, store_.find(reader, tenant.id, text, now));
    if (!token) return expired;
    const json::object* suspended = get_object(token->data, "who");
    if (!suspended) return expired;
    TRY(std::optional<sign_in::Authenticated> who, parts_.sign_in.resumed(reader, tenant.id, *suspended));
    if (!who) return expired;
    return Waiting{.token = std::move(*token), .who = std::move(*who)};
  });
}

Result<MfaTokens::Waiting> MfaTokens::of_api_token(const model::Tenant& tenant, std::string_view text, Timestamp now) const {
  TRY(const TokenVerifier::MfaApiToken claims, parts_.verifier.mfa_api_token(tenant, text));
  return parts_.db.read([&](storage::Reader& reader) -> Result<Waiting> {
    const OAuthError invalid{OAuthErrc::invalid_token, "The access token is invalid or has expired."};
    TRY(std::optional<model::User> user, parts_.users.find(reader, tenant.id, UserId(claims.subject)));
    if (!user || user->blocked) return invalid;
    // What was proved when the token was issued is not told anew: only what is shown now counts for what this leads to.
    const json::object suspended{
        {"user", user->id.str()}, {"connection", user->connection()}, {"at", to_micros(now)}, {"amr", json::array()}};
    TRY(std::optional<model::MfaToken> token, store_.find(reader, tenant.id, text, now));
    if (!token)
      token = model::MfaToken{.id = model::MfaTokenStore::digest(text),
                              .tenant = tenant.id,
                              .client = claims.client,
                              .user = user->id,
                              .data = {{"audience", mfa_audience(tenant)}, {"scope", claims.scopes.to_string()}, {"gty", "password"}},
                              .created_at = now,
                              .expires_at = claims.expires_at};
    TRY(std::optional<sign_in::Authenticated> who, parts_.sign_in.resumed(reader, tenant.id, suspended));
    if (!who) return invalid;
    return Waiting{.token = std::move(*token),
                   .who = std::move(*who),
                   .api_scopes = claims.scopes,
                   .by_api_token = true,
                   .proved = claims.second_factor_shown};
  });
}

Result<std::string> MfaTokens::note_sent(const Waiting& waiting, const std::string& method_id) const {
  std::string code = model::MfaTokenStore::make(parts_.random);
  model::MfaToken token = waiting.token;
  token.data["oob"] = json::object{{"digest", model::MfaTokenStore::digest(code)}, {"method", method_id}};
  TRY_VOID(
      parts_.db.write([&](storage::Transaction& tx) { return waiting.by_api_token ? store_.put(tx, token) : store_.update(tx, token); }));
  return code;
}

Result<void> MfaTokens::keep(const Waiting& waiting) const {
  if (!waiting.by_api_token) return {};
  TRY_VOID(parts_.db.write([&](storage::Transaction& tx) { return store_.put(tx, waiting.token); }));
  return {};
}

std::string MfaTokens::method_of(const Waiting& waiting, std::string_view oob_code) {
  const json::object* sent = get_object(waiting.token.data, "oob");
  if (!sent || oob_code.empty()) return {};
  if (!crypto::constant_time_equal(get_string(*sent, "digest").value_or(""), model::MfaTokenStore::digest(oob_code))) return {};
  return std::string(get_string(*sent, "method").value_or(""));
}

Result<AskedTokens> MfaTokens::asked(const model::Tenant& tenant, const Waiting& waiting) const {
  const json::object& data = waiting.token.data;
  AskedTokens asked{.scopes = Scopes::parse(get_string(data, "scope").value_or("")),
                    .gty = std::string(get_string(data, "gty").value_or(""))};
  if (const std::string_view audience = get_string(data, "audience").value_or(""); !audience.empty()) {
    TRY(asked.api, parts_.api_access.of_audience(tenant, audience));
  }
  return asked;
}

}  // namespace gatehouse::oauth
