-- What people prove themselves with beside a password: second factors, passkeys, recovery codes. What is used and counted stands in columns,
-- the description of a WebAuthn credential in data. `counter` is the last time step of a TOTP secret, or a WebAuthn signature counter.
CREATE TABLE authentication_methods (tenant id NOT NULL, id id NOT NULL, user_id id NOT NULL, type text NOT NULL, name text NOT NULL,
  confirmed bool NOT NULL, phone_number text, email text, secret text, digest text, credential_id text, counter int64 NOT NULL,
  data json NOT NULL, created_at int64 NOT NULL, enrolled_at int64, last_auth_at int64, expires_at int64, PRIMARY KEY (tenant, id)) clustered;
CREATE INDEX authentication_methods_by_user ON authentication_methods (tenant, user_id, created_at);
CREATE UNIQUE INDEX authentication_methods_by_credential ON authentication_methods (tenant, credential_id);
CREATE INDEX authentication_methods_by_expiry ON authentication_methods (expires_at);

-- Browsers that need no second factor for a while. Those of a user end when its factors do.
CREATE TABLE remembered_browsers (tenant id NOT NULL, digest text NOT NULL, user_id id NOT NULL, created_at int64 NOT NULL,
  expires_at int64 NOT NULL, PRIMARY KEY (tenant, digest)) clustered;
CREATE INDEX remembered_browsers_by_user ON remembered_browsers (tenant, user_id);
CREATE INDEX remembered_browsers_by_expiry ON remembered_browsers (expires_at);

-- A login without a browser that waits for its second factor: what an mfa_token opens.
CREATE TABLE mfa_tokens (tenant id NOT NULL, digest text NOT NULL, client_id id NOT NULL, user_id id NOT NULL, data json NOT NULL,
  created_at int64 NOT NULL, expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, digest)) clustered;
CREATE INDEX mfa_tokens_by_user ON mfa_tokens (tenant, user_id);
CREATE INDEX mfa_tokens_by_expiry ON mfa_tokens (expires_at);

-- Browsers and networks a user has been seen at: what adaptive policies call new.
CREATE TABLE known_devices (tenant id NOT NULL, user_id id NOT NULL, digest text NOT NULL, seen_at int64 NOT NULL, expires_at int64 NOT NULL,
  PRIMARY KEY (tenant, user_id, digest)) clustered;
CREATE INDEX known_devices_by_expiry ON known_devices (expires_at);
