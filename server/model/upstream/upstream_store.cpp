#include "model/upstream/upstream_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "model/resealing.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO upstream_requests (tenant, digest, connection_id, request, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kFind =
    "SELECT connection_id, request, answer, created_at, expires_at FROM upstream_requests WHERE tenant = $1 AND digest = $2 AND expires_at "
    "> "
    "$3 AND used_at IS NULL";
constexpr std::string_view kPutAnswer =
    "UPDATE upstream_requests SET answer = $3 WHERE tenant = $1 AND digest = $2 AND expires_at > $4 AND used_at IS NULL AND answer IS NULL";
constexpr std::string_view kConsume =
    "UPDATE upstream_requests SET used_at = $3 WHERE tenant = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM upstream_requests WHERE (tenant, digest) IN (SELECT tenant, digest FROM upstream_requests WHERE expires_at <= $1 ORDER BY "
    "expires_at LIMIT $2)";
constexpr std::string_view kPutTokens =
    "INSERT INTO upstream_tokens (tenant, account, tokens, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, account) DO UPDATE SET "
    "tokens = $3, updated_at = $4";
constexpr std::string_view kTokens = "SELECT tokens FROM upstream_tokens WHERE tenant = $1 AND account = $2";

std::string digest_of(std::string_view state) { return hex_encode(crypto::sha256(state)); }

std::string request_context(std::string_view column, const TenantId& tenant, const std::string& digest) {
  return sealed_context("upstream_requests", column, tenant.str() + "/" + digest);
}

std::string tokens_context(const TenantId& tenant, const UserId& account) {
  return sealed_context("upstream_tokens", "tokens", tenant.str() + "/" + account.str());
}

std::string text(const json::object& object, std::string_view key) { return std::string(get_string(object, key).value_or("")); }

Result<json::object> open_object(const crypto::Sealer& sealer, std::string_view sealed, const std::string& context) {
  TRY(const SecretString opened, sealer.open(sealed, context));
  TRY(json::value value, parse_json(opened.reveal()));
  if (!value.is_object()) return Error{Errc::internal, "A sealed object is something else."};
  return std::move(value.get_object());
}

}  // namespace

std::string UpstreamStore::make_state(crypto::Random& random) { return random.base64url(32); }

Result<void> UpstreamStore::insert(storage::Transaction& tx, std::string_view state, const UpstreamRequest& request) const {
  const std::string digest = digest_of(state);
  const json::object kept{{"state", request.login_state},
                          {"nonce", request.nonce},
                          {"verifier", request.verifier},
                          {"issuer", request.issuer},
                          {"redirect_uri", request.redirect_uri}};
  TRY_VOID(tx.execute(kInsert, request.tenant, digest, request.connection,
                      sealer_.seal(json::serialize(kept), request_context("request", request.tenant, digest)), request.created_at,
                      request.expires_at));
  return {};
}

Result<std::optional<UpstreamRequest>> UpstreamStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view state,
                                                           Timestamp now) const {
  if (state.empty()) return std::optional<UpstreamRequest>{};
  const std::string digest = digest_of(state);
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, digest, now));
  if (!row) return std::optional<UpstreamRequest>{};
  TRY(const json::object kept, open_object(sealer_, row->text(1), request_context("request", tenant, digest)));
  UpstreamRequest request;
  request.tenant = tenant;
  request.connection = ConnectionId(row->text(0));
  request.login_state = text(kept, "state");
  request.nonce = text(kept, "nonce");
  request.verifier = text(kept, "verifier");
  request.issuer = text(kept, "issuer");
  request.redirect_uri = text(kept, "redirect_uri");
  if (!row->is_null(2)) {
    TRY(request.answer, open_object(sealer_, row->text(2), request_context("answer", tenant, digest)));
  }
  request.created_at = row->time(3);
  request.expires_at = row->time(4);
  return std::optional<UpstreamRequest>(std::move(request));
}

Result<bool> UpstreamStore::put_answer(storage::Transaction& tx, const TenantId& tenant, std::string_view state, const json::object& answer,
                                       Timestamp now) const {
  const std::string digest = digest_of(state);
  TRY(const int64_t changed,
      tx.execute(kPutAnswer, tenant, digest, sealer_.seal(json::serialize(answer), request_context("answer", tenant, digest)), now));
  return changed == 1;
}

Result<bool> UpstreamStore::consume(storage::Transaction& tx, const TenantId& tenant, std::string_view state, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kConsume, tenant, digest_of(state), now));
  return changed == 1;
}

Result<int64_t> UpstreamStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

Result<void> UpstreamStore::put_tokens(storage::Transaction& tx, const TenantId& tenant, const UserId& account,
                                       const UpstreamTokens& tokens, Timestamp now) const {
  json::object kept{{"access_token", tokens.access_token.reveal()}};
  if (tokens.expires_in) kept["expires_in"] = *tokens.expires_in;
  if (!tokens.refresh_token.empty()) {
    kept["refresh_token"] = tokens.refresh_token.reveal();
  } else {
    TRY(const std::optional<UpstreamTokens> before, this->tokens(tx, tenant, account));
    if (before && !before->refresh_token.empty()) kept["refresh_token"] = before->refresh_token.reveal();
  }
  TRY_VOID(tx.execute(kPutTokens, tenant, account, sealer_.seal(json::serialize(kept), tokens_context(tenant, account)), now));
  return {};
}

Result<std::optional<UpstreamTokens>> UpstreamStore::tokens(storage::Reader& reader, const TenantId& tenant, const UserId& account) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kTokens, tenant, account));
  if (!row) return std::optional<UpstreamTokens>{};
  TRY(const json::object kept, open_object(sealer_, row->text(0), tokens_context(tenant, account)));
  UpstreamTokens tokens;
  tokens.access_token = SecretString(text(kept, "access_token"));
  tokens.refresh_token = SecretString(text(kept, "refresh_token"));
  tokens.expires_in = get_int(kept, "expires_in");
  return std::optional<UpstreamTokens>(std::move(tokens));
}

}  // namespace gatehouse::model
