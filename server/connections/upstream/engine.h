#pragma once
#include <map>
#include <mutex>

#include "connections/upstream/identity.h"
#include "connections/upstream/settings.h"
#include "crypto/random.h"

namespace gatehouse::connections {

/// Why nobody came back from an identity provider.
enum class UpstreamErrc {
  denied,         ///< the person, or somebody for them, said no there (access_denied)
  refused,        ///< the provider answered with another error
  unverified,     ///< what came back does not hold: signature, issuer, audience, nonce, profile …
  misconfigured,  ///< the connection cannot work as it is set up
  unreachable,    ///< the provider does not answer, or not in time
  overloaded,     ///< too many logins wait for this provider already
};
struct UpstreamError {
  UpstreamErrc code;
  std::string message;   ///< a sentence that may be shown
  std::string detail{};  ///< for the tenant's log
  std::string error{};   ///< the provider's own code, if it sent one
  UpstreamError(UpstreamErrc c, std::string m, std::string d = {}) : code(c), message(std::move(m)), detail(std::move(d)) {}
  UpstreamError(Error e)  // NOLINT: TRY converts
      : code(e.code == Errc::invalid_argument ? UpstreamErrc::unverified
             : e.code == Errc::overloaded     ? UpstreamErrc::overloaded
                                              : UpstreamErrc::unreachable),
        message(std::move(e.message)),
        detail(std::move(e.detail)) {}
};

/// Sends people to other identity providers and takes them back.
class UpstreamEngine {
 public:
  struct Parts {
    http::Client& client;
    const crypto::Sealer& sealer;
    crypto::Random& random;
    const Clock& clock;
    bool allow_plain_http = false;  ///< providers without TLS: development only
  };
  explicit UpstreamEngine(Parts parts) : parts_(parts), documents_(parts.client, parts.clock) {}

  static constexpr milliseconds kPatience{10'000};  ///< for all calls of one step
  static constexpr int kMostWaiting = 8;            ///< logins of one connection that wait for its provider at a time

  /// Whether people of this connection come from elsewhere through this engine.
  [[nodiscard]] static bool is_upstream(const model::Connection& connection) { return find_provider(connection.strategy) != nullptr; }

  struct Begun {
    std::string url;    ///< where the browser goes
    std::string state;  ///< finds the request again
    model::UpstreamRequest request;
  };
  /// Begins a login there. `asked`: the checked parameters of /authorize, of which login_hint, connection_scope and what upstream_params
  /// name are passed on. The caller stores the request. Blocks while discovery is fetched: outbound lane.
  [[nodiscard]] Result<Begun, UpstreamError> begin(const model::Connection& connection, const std::string& redirect_uri,
                                                   std::string_view login_state, const json::object& asked) const;
  /// Verifies what came back for a request that the caller has consumed. `answer`: the parameters of the callback. Blocks: outbound lane.
  [[nodiscard]] Result<UpstreamIdentity, UpstreamError> finish(const model::Connection& connection, const model::UpstreamRequest& request,
                                                               const json::object& answer) const;
  /// Where a browser is sent to end the session there (RP-Initiated Logout §2); empty: the provider has no such place. Blocks likewise.
  [[nodiscard]] std::string logout_url(const model::Connection& connection, std::string_view return_to) const;

 private:
  class Place;
  struct TokenAnswer {
    SecretString access_token, refresh_token;
    std::string id_token;
    std::optional<int64_t> expires_in;
  };
  [[nodiscard]] Result<Upstream, UpstreamError> resolve(const model::Connection& connection, const Deadline& deadline) const;
  [[nodiscard]] Result<TokenAnswer, UpstreamError> redeem(const Upstream& upstream, const model::UpstreamRequest& request,
                                                          std::string_view code, const Deadline& deadline) const;
  [[nodiscard]] Result<json::object> verified_claims(const Upstream& upstream, const model::UpstreamRequest& request,
                                                     const TokenAnswer& tokens, std::string_view code, const Deadline& deadline) const;

  Parts parts_;
  mutable Documents documents_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, int> waiting_;
};

}  // namespace gatehouse::connections
