#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "base/encoding.h"
#include "connections/upstream/engine.h"
#include "crypto/crypto.h"
#include "jose/jwt.h"

namespace gatehouse::connections {

/// An OpenID Connect provider in memory, at https://idp.example.com (tests). It is honest until told otherwise.
class FakeProvider final : public http::Client {
 public:
  static constexpr std::string_view kIssuer = "https://idp.example.com";

  explicit FakeProvider(const Clock& clock) : clock_(clock) {}

  Result<http::OutboundResponse> send(const http::OutboundRequest& request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(request);
    if (down) return Error{Errc::unavailable, "The server does not answer."};
    const std::string url = request.url.substr(0, request.url.find('?'));
    if (const auto own = pages.find(url); own != pages.end()) return own->second(request);
    if (url == std::string(kIssuer) + "/.well-known/openid-configuration") return answer(metadata());
    if (url == std::string(kIssuer) + "/jwks") return answer(keys());
    if (url == std::string(kIssuer) + "/token") return answer(token(request));
    if (url == std::string(kIssuer) + "/userinfo") return answer(userinfo);
    return http::OutboundResponse{404, {}, "{}"};
  }

  static http::OutboundResponse answer(const json::value& value) {
    return {200, {{"content-type", "application/json"}}, json::serialize(value)};
  }
  [[nodiscard]] json::object metadata() const {
    const std::string base(kIssuer);
    json::object out{{"issuer", base},
                     {"authorization_endpoint", base + "/authorize"},
                     {"token_endpoint", base + "/token"},
                     {"userinfo_endpoint", base + "/userinfo"},
                     {"jwks_uri", base + "/jwks"},
                     {"end_session_endpoint", base + "/logout"},
                     {"code_challenge_methods_supported", json::array{"S256"}}};
    for (const auto& member : more_metadata) out[member.key()] = member.value();
    return out;
  }
  [[nodiscard]] json::object keys() const { return {{"keys", json::array{key.public_key().to_jwk(kid)}}}; }
  /// The ID token's claims for somebody who was sent here with this nonce.
  [[nodiscard]] json::object claims() const {
    const int64_t now = to_unix_seconds(clock_.now());
    json::object out{{"iss", kIssuer}, {"aud", "gatehouse"}, {"sub", "248289761001"}, {"iat", now}, {"exp", now + 300}, {"nonce", nonce}};
    for (const auto& member : more_claims) {
      if (member.value().is_null())
        out.erase(member.key());
      else
        out[member.key()] = member.value();
    }
    return out;
  }
  [[nodiscard]] json::object token(const http::OutboundRequest&) const {
    json::object out{{"access_token", "upstream-access"}, {"token_type", "Bearer"}, {"expires_in", 3600}};
    out["id_token"] = id_token.empty() ? jose::sign_jwt(key, kid, "JWT", claims()) : id_token;
    for (const auto& member : more_tokens) {
      if (member.value().is_null())
        out.erase(member.key());
      else
        out[member.key()] = member.value();
    }
    return out;
  }
  /// Reads what the authorization request asked for; gives the parameters.
  http::Parameters visited(const std::string& url) {
    http::Parameters parameters = *http::Parameters::parse(url.substr(url.find('?') + 1));
    nonce = parameters.get("nonce").value_or("");
    return parameters;
  }
  [[nodiscard]] int asked(std::string_view path) const {
    int count = 0;
    for (const auto& request : requests) count += request.url.starts_with(std::string(kIssuer) + std::string(path));
    return count;
  }

  jose::PrivateKey key = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  std::string kid = "key-1";
  std::string nonce, id_token;
  json::object more_claims, more_metadata, more_tokens;  ///< null removes a member
  json::object userinfo{{"sub", "248289761001"}, {"email", "eve@example.com"}, {"name", "Eve"}};
  std::map<std::string, std::function<Result<http::OutboundResponse>(const http::OutboundRequest&)>> pages;
  std::atomic<bool> down{false};
  std::vector<http::OutboundRequest> requests;

 private:
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace gatehouse::connections
