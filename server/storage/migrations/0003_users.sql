-- Users. Columns hold what is searched or constrained; every other root attribute stands in data.
CREATE TABLE users (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, connection text NOT NULL, email text, email_verified bool NOT NULL,
  username text, phone_number text, phone_verified bool NOT NULL, blocked bool NOT NULL, data json NOT NULL, user_metadata json NOT NULL,
  app_metadata json NOT NULL, identities json NOT NULL, logins_count int64 NOT NULL, last_login int64, last_ip text NOT NULL,
  last_password_reset int64, created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX users_by_position ON users (tenant, position);
CREATE INDEX users_by_email ON users (tenant, email);

-- What identifies a user in a connection; uniqueness under concurrency is this key.
CREATE TABLE user_identifiers (tenant id NOT NULL, connection text NOT NULL, kind text NOT NULL, value text NOT NULL, user_id id NOT NULL,
  PRIMARY KEY (tenant, connection, kind, value));
CREATE INDEX user_identifiers_by_user ON user_identifiers (tenant, user_id);

CREATE TABLE user_passwords (tenant id NOT NULL, user_id id NOT NULL, hash text NOT NULL, set_at int64 NOT NULL, history json NOT NULL,
  PRIMARY KEY (tenant, user_id));

-- The inverted index of user search: one row a searchable value (path user_metadata.a.b, app_metadata.x, name, …).
CREATE TABLE user_terms (tenant id NOT NULL, path text NOT NULL, value text NOT NULL, user_id id NOT NULL, PRIMARY KEY (tenant, path, value, user_id));
CREATE INDEX user_terms_by_user ON user_terms (tenant, user_id);

CREATE TABLE user_roles (tenant id NOT NULL, user_id id NOT NULL, role_id id NOT NULL, position int64 NOT NULL, PRIMARY KEY (tenant, user_id, role_id));
CREATE INDEX user_roles_by_role ON user_roles (tenant, role_id, position);

CREATE TABLE user_permissions (tenant id NOT NULL, user_id id NOT NULL, resource_server_identifier text NOT NULL, permission_name text NOT NULL,
  PRIMARY KEY (tenant, user_id, resource_server_identifier, permission_name));
CREATE INDEX user_permissions_by_api ON user_permissions (tenant, resource_server_identifier, permission_name);
