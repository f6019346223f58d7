-- Logins that are at another identity provider: found by the digest of the `state` that it sends back.
CREATE TABLE upstream_requests (tenant id NOT NULL, digest text NOT NULL, connection_id id NOT NULL, request text NOT NULL, answer text,
  created_at int64 NOT NULL, expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, digest)) clustered;
CREATE INDEX upstream_requests_by_expiry ON upstream_requests (expires_at);

-- What a provider gave for an account: tokens for its own API.
CREATE TABLE upstream_tokens (tenant id NOT NULL, account id NOT NULL, tokens text NOT NULL, updated_at int64 NOT NULL,
  PRIMARY KEY (tenant, account)) clustered;
