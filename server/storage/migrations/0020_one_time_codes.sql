-- Codes and link secrets on their way to somebody: the newest of a purpose and subject, as a digest.
CREATE TABLE one_time_codes (tenant id NOT NULL, purpose text NOT NULL, subject text NOT NULL, digest text NOT NULL, data json NOT NULL,
  wrong int64 NOT NULL, created_at int64 NOT NULL, expires_at int64 NOT NULL, used_at int64, PRIMARY KEY (tenant, purpose, subject)) clustered;
CREATE INDEX one_time_codes_by_expiry ON one_time_codes (expires_at);
