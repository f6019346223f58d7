-- Keys of a tenant: signing keys (a PKCS#8 PEM text), and shared secrets of opaque access tokens and refresh tokens; `sealed` under the
-- master key, emptied when a key is revoked. At most one current and one next key for each purpose and algorithm.
CREATE TABLE keys (tenant id NOT NULL, kid id NOT NULL, purpose text NOT NULL, algorithm text NOT NULL, state text NOT NULL, sealed text NOT NULL,
  certificate bytes, created_at int64 NOT NULL, current_since int64, current_until int64, revoked_at int64, PRIMARY KEY (tenant, kid));
CREATE UNIQUE INDEX keys_one_current ON keys (tenant, purpose, algorithm) WHERE state = 'current';
CREATE UNIQUE INDEX keys_one_next ON keys (tenant, purpose, algorithm) WHERE state = 'next';
