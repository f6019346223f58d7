#include "oauth/tokens/notices.h"

namespace gatehouse::oauth {

void MissingPermissionsNotice::token_issued(logs::Event event, const model::ResourceServer& api, size_t permissions_of_user) {
  if (!concerns(api, permissions_of_user)) return;
  const int64_t day = std::chrono::floor<std::chrono::days>(clock_.now()).time_since_epoch().count();
  {
    const std::lock_guard lock(mutex_);
    if (day != day_) {
      named_.clear();
      day_ = day;
    }
    if (named_.size() >= 10'000 || !named_.insert(api.tenant.str() + '\n' + api.identifier).second) return;
  }
  event.type = "w";
  event.audience = api.identifier;
  event.description = "The access token has no permissions claim although this user has permissions for the API \"" + api.identifier +
                      "\": " +
                      (api.enforce_policies ? "its token_dialect is \"" + api.token_dialect + "\", not access_token_authz"
                                            : std::string("RBAC (enforce_policies) is off")) +
                      ".";
  event.details = json::object{{"audience", api.identifier},
                               {"enforce_policies", api.enforce_policies},
                               {"token_dialect", api.token_dialect},
                               {"permissions_of_user", permissions_of_user}};
  log_.enqueue(std::move(event));
}

void MachineTokenWatch::token_issued(const http::Request& request, const model::Client& client, std::string_view audience,
                                     seconds lifetime) {
  if (lifetime < seconds(120)) return;  // a token that short is rightly fetched often
  const Timestamp now = clock_.now();
  std::string key = client.tenant.str();
  key.append(1, '\n').append(client.id.str()).append(1, '\n').append(audience);
  double per_minute = 0;
  {
    const std::lock_guard lock(mutex_);
    if (counts_.size() >= kMaxClients && !counts_.contains(key)) counts_.clear();
    Count& count = counts_[key];
    if (now - count.since > kWindow || now < count.since) {
      count.since = now;
      count.tokens = 0;
    }
    if (++count.tokens < kTokens || now < count.quiet_until) return;
    const auto elapsed = std::max<microseconds>(now - count.since, milliseconds(1));
    per_minute = count.tokens * 60e6 / static_cast<double>(elapsed.count());
    count.quiet_until = now + kQuiet;
  }
  logs::Event event =
      logs::Event::from(request, "w",
                        "Machine tokens are fetched on every call: \"" + client.name + "\" asked for " + std::to_string(kTokens) +
                            " tokens for \"" + std::string(audience) + "\" within a minute. Each is valid for " +
                            std::to_string(lifetime.count()) + " s; keep it until shortly before it expires.");
  event.client = client.id;
  event.client_name = client.name;
  event.audience = std::string(audience);
  event.details = json::object{{"tokens_per_minute", static_cast<int64_t>(per_minute + 0.5)},
                               {"token_lifetime_seconds", lifetime.count()},
                               {"wasted_lifetime_seconds", lifetime.count() * (kTokens - 1)}};
  log_.enqueue(std::move(event));
}

}  // namespace gatehouse::oauth
