-- Logins in progress, sessions, codes, refresh tokens. Secrets are stored as SHA-256 digests (hex).
CREATE TABLE login_transactions (tenant id NOT NULL, id text NOT NULL, client_id id NOT NULL, browser_digest text NOT NULL, request json NOT NULL,
  step text NOT NULL, flow json NOT NULL, user_id id, session_id id, rounds int64 NOT NULL, created_at int64 NOT NULL, expires_at int64 NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX login_transactions_by_expiry ON login_transactions (expires_at);

CREATE TABLE sessions (tenant id NOT NULL, id id NOT NULL, secret_digest text NOT NULL, user_id id NOT NULL, connection text NOT NULL,
  authenticated_at int64 NOT NULL, created_at int64 NOT NULL, last_used_at int64 NOT NULL, idle_expires_at int64 NOT NULL, expires_at int64 NOT NULL,
  amr json NOT NULL, clients json NOT NULL, ip text NOT NULL, user_agent text NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX sessions_by_secret ON sessions (tenant, secret_digest);
CREATE INDEX sessions_by_user ON sessions (tenant, user_id);
CREATE INDEX sessions_by_expiry ON sessions (idle_expires_at);

CREATE TABLE authorization_codes (tenant id NOT NULL, digest text NOT NULL, client_id id NOT NULL, user_id id NOT NULL, session_id id,
  data json NOT NULL, refresh_family text NOT NULL, expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, digest));
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

CREATE TABLE refresh_tokens (tenant id NOT NULL, id id NOT NULL, client_id id NOT NULL, user_id id NOT NULL, session_id id, audience text NOT NULL,
  data json NOT NULL, generation int64 NOT NULL, rotated_at int64, created_at int64 NOT NULL, last_used_at int64 NOT NULL, idle_expires_at int64,
  expires_at int64, PRIMARY KEY (tenant, id));
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (tenant, user_id, client_id);
CREATE INDEX refresh_tokens_by_client ON refresh_tokens (tenant, client_id);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant, session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
CREATE INDEX refresh_tokens_by_idle_expiry ON refresh_tokens (idle_expires_at);

CREATE TABLE consents (tenant id NOT NULL, user_id id NOT NULL, client_id id NOT NULL, audience text NOT NULL, scopes json NOT NULL,
  created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, user_id, client_id, audience));

CREATE TABLE tickets (tenant id NOT NULL, digest text NOT NULL, kind text NOT NULL, user_id id NOT NULL, data json NOT NULL, created_at int64 NOT NULL,
  expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, digest));
CREATE INDEX tickets_by_user ON tickets (tenant, user_id, kind);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);

-- jti values of client assertions (RFC 7523 §3), kept until they expire.
CREATE TABLE used_jtis (tenant id NOT NULL, issuer text NOT NULL, jti text NOT NULL, expires_at int64 NOT NULL, PRIMARY KEY (tenant, issuer, jti));
CREATE INDEX used_jtis_by_expiry ON used_jtis (expires_at);
