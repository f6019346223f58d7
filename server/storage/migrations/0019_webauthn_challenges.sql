-- What browsers and phones are asked to sign (WebAuthn): good once, for five minutes, for whom it was made.
CREATE TABLE webauthn_challenges (tenant id NOT NULL, purpose text NOT NULL, subject text NOT NULL, digest text NOT NULL, data json NOT NULL,
  expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, purpose, subject)) clustered;
CREATE INDEX webauthn_challenges_by_expiry ON webauthn_challenges (expires_at);
