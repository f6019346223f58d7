-- Attack protection. Failed logins by identifier and address; blocked once `failures` reaches the tenant's threshold.
CREATE TABLE login_failures (tenant id NOT NULL, identifier text NOT NULL, ip text NOT NULL, failures int64 NOT NULL, notified_at int64,
  expires_at int64 NOT NULL, PRIMARY KEY (tenant, identifier, ip));
CREATE INDEX login_failures_by_expiry ON login_failures (expires_at);

-- Token buckets. `full_at` is the moment at which the bucket will be full again: all of its state in one number.
CREATE TABLE rate_buckets (tenant id NOT NULL, kind text NOT NULL, subject text NOT NULL, full_at int64 NOT NULL, PRIMARY KEY (tenant, kind, subject));
CREATE INDEX rate_buckets_by_expiry ON rate_buckets (full_at);
