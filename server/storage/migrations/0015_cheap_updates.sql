-- Rows that live in their primary key, and refresh tokens that are cleaned up by the day: an index on the exact idle end would change
-- with every exchange.
CREATE TABLE refresh_token_families (tenant id NOT NULL, id id NOT NULL, client_id id NOT NULL, user_id id NOT NULL, session_id id, audience text NOT NULL,
  data json NOT NULL, generation int64 NOT NULL, rotated_at int64, created_at int64 NOT NULL, last_used_at int64 NOT NULL, idle_expires_at int64,
  expires_at int64, forget_at int64, PRIMARY KEY (tenant, id)) clustered;
INSERT INTO refresh_token_families (tenant, id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, last_used_at,
    idle_expires_at, expires_at, forget_at)
  SELECT tenant, id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, last_used_at, idle_expires_at, expires_at,
    CASE WHEN idle_expires_at < expires_at OR expires_at IS NULL THEN idle_expires_at ELSE expires_at END FROM refresh_tokens;
DROP TABLE refresh_tokens;
ALTER TABLE refresh_token_families RENAME TO refresh_tokens;
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (tenant, user_id, client_id);
CREATE INDEX refresh_tokens_by_client ON refresh_tokens (tenant, client_id);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant, session_id);
CREATE INDEX refresh_tokens_by_forgetting ON refresh_tokens (forget_at);

CREATE TABLE roles_of_users (tenant id NOT NULL, user_id id NOT NULL, role_id id NOT NULL, position int64 NOT NULL,
  PRIMARY KEY (tenant, user_id, role_id)) clustered;
INSERT INTO roles_of_users (tenant, user_id, role_id, position) SELECT tenant, user_id, role_id, position FROM user_roles;
DROP TABLE user_roles;
ALTER TABLE roles_of_users RENAME TO user_roles;
CREATE INDEX user_roles_by_role ON user_roles (tenant, role_id, position, user_id);

CREATE TABLE counters_of_tenants (tenant id NOT NULL, name text NOT NULL, slot int64 NOT NULL, value int64 NOT NULL,
  PRIMARY KEY (tenant, name, slot)) clustered;
INSERT INTO counters_of_tenants (tenant, name, slot, value) SELECT tenant, name, slot, value FROM counters;
DROP TABLE counters;
ALTER TABLE counters_of_tenants RENAME TO counters;
