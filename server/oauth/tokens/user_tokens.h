#pragma once
#include "model/refresh_tokens/refresh_token_store.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/api_access.h"
#include "oauth/tokens/issuer.h"
#include "oauth/tokens/notices.h"
#include "oauth/tokens/rotation.h"

namespace gatehouse::oauth {

/// What a person's grant ends in, whichever grant it was.
struct UserTokensSpec {
  const model::Client& client;
  const model::ResourceServer* api = nullptr;
  const model::User& user;
  Scopes scopes;
  std::set<std::string> permissions{};  ///< of the user at the API
  std::string nonce{};
  std::optional<SessionId> session{};
  std::optional<Timestamp> auth_time{};  ///< set when the ID token must say it
  Timestamp authenticated_at{};
  std::vector<std::string> amr{};
  std::string_view gty{};
  std::optional<std::pair<std::string, int64_t>> refresh{};  ///< family and generation of the refresh token to give
};

/// Mints the tokens of code, refresh and password grants, and names APIs whose permissions do not reach their tokens.
class UserTokens {
 public:
  UserTokens(const Issuer& issuer, const RefreshTokenTexts& refresh_texts, MissingPermissionsNotice& notice)
      : issuer_(issuer), refresh_texts_(refresh_texts), notice_(notice) {}
  [[nodiscard]] Result<TokenResponse> mint(const TokenRequest& request, const UserTokensSpec& spec) const;

 private:
  const Issuer& issuer_;
  const RefreshTokenTexts& refresh_texts_;
  MissingPermissionsNotice& notice_;
};

/// A new family for what was granted; generation 0.
model::RefreshTokenFamily new_family(std::string id, const model::Client& client, const UserId& user, std::optional<SessionId> session,
                                     std::string audience, const Scopes& scopes, std::string connection, Timestamp authenticated_at,
                                     std::vector<std::string> amr, Timestamp now);
/// Time-ordered, 96 random bits.
std::string new_family_id(crypto::Random& random, Timestamp now);

/// Fills user and connection of an event.
void about_user(logs::Event& event, const model::User& user, std::string_view connection);

}  // namespace gatehouse::oauth
