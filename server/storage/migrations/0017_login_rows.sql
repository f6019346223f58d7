-- What every login writes lives in its primary key. Rate buckets are looked at by the time they may be forgotten, which is set when a row is
-- made: an index on the moment they are full again would change with every attempt.
CREATE TABLE transactions_of_logins (tenant id NOT NULL, id text NOT NULL, client_id id NOT NULL, browser_digest text NOT NULL, request json NOT NULL,
  step text NOT NULL, flow json NOT NULL, user_id id, session_id id, rounds int64 NOT NULL, created_at int64 NOT NULL, expires_at int64 NOT NULL,
  PRIMARY KEY (tenant, id)) clustered;
INSERT INTO transactions_of_logins (tenant, id, client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, expires_at)
  SELECT tenant, id, client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, expires_at FROM login_transactions;
DROP TABLE login_transactions;
ALTER TABLE transactions_of_logins RENAME TO login_transactions;
CREATE INDEX login_transactions_by_expiry ON login_transactions (expires_at);

CREATE TABLE sessions_of_browsers (tenant id NOT NULL, id id NOT NULL, secret_digest text NOT NULL, user_id id NOT NULL, connection text NOT NULL,
  authenticated_at int64 NOT NULL, created_at int64 NOT NULL, last_used_at int64 NOT NULL, idle_expires_at int64 NOT NULL, expires_at int64 NOT NULL,
  amr json NOT NULL, clients json NOT NULL, ip text NOT NULL, user_agent text NOT NULL, PRIMARY KEY (tenant, id)) clustered;
INSERT INTO sessions_of_browsers (tenant, id, secret_digest, user_id, connection, authenticated_at, created_at, last_used_at, idle_expires_at,
    expires_at, amr, clients, ip, user_agent)
  SELECT tenant, id, secret_digest, user_id, connection, authenticated_at, created_at, last_used_at, idle_expires_at, expires_at, amr, clients, ip,
    user_agent FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_of_browsers RENAME TO sessions;
CREATE UNIQUE INDEX sessions_by_secret ON sessions (tenant, secret_digest);
CREATE INDEX sessions_by_user ON sessions (tenant, user_id);
CREATE INDEX sessions_by_expiry ON sessions (idle_expires_at);

CREATE TABLE codes_of_logins (tenant id NOT NULL, digest text NOT NULL, client_id id NOT NULL, user_id id NOT NULL, session_id id,
  data json NOT NULL, refresh_family text NOT NULL, expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, digest)) clustered;
INSERT INTO codes_of_logins (tenant, digest, client_id, user_id, session_id, data, refresh_family, expires_at, used_at)
  SELECT tenant, digest, client_id, user_id, session_id, data, refresh_family, expires_at, used_at FROM authorization_codes;
DROP TABLE authorization_codes;
ALTER TABLE codes_of_logins RENAME TO authorization_codes;
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

CREATE TABLE failures_of_logins (tenant id NOT NULL, identifier text NOT NULL, ip text NOT NULL, failures int64 NOT NULL, notified_at int64,
  expires_at int64 NOT NULL, PRIMARY KEY (tenant, identifier, ip)) clustered;
INSERT INTO failures_of_logins (tenant, identifier, ip, failures, notified_at, expires_at)
  SELECT tenant, identifier, ip, failures, notified_at, expires_at FROM login_failures;
DROP TABLE login_failures;
ALTER TABLE failures_of_logins RENAME TO login_failures;
CREATE INDEX login_failures_by_expiry ON login_failures (expires_at);

CREATE TABLE buckets (tenant id NOT NULL, kind text NOT NULL, subject text NOT NULL, full_at int64 NOT NULL, forget_at int64 NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, kind, subject)) clustered;
INSERT INTO buckets (tenant, kind, subject, full_at, forget_at) SELECT tenant, kind, subject, full_at, full_at FROM rate_buckets;
DROP TABLE rate_buckets;
ALTER TABLE buckets RENAME TO rate_buckets;
CREATE INDEX rate_buckets_by_forgetting ON rate_buckets (forget_at);
