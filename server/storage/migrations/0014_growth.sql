-- What keeps lists and searches as quick with a million users as with a thousand (ADR 0013): an index for each order in which
-- users are shown, that also holds the position by which their terms are found.
DROP INDEX users_by_email;
CREATE INDEX users_by_email ON users (tenant, email, position);
CREATE INDEX users_by_created_at ON users (tenant, created_at, position);
CREATE INDEX users_by_updated_at ON users (tenant, updated_at, position);
CREATE INDEX users_by_last_login ON users (tenant, last_login, position);
CREATE INDEX users_by_logins_count ON users (tenant, logins_count, position);

DROP INDEX user_roles_by_role;
CREATE INDEX user_roles_by_role ON user_roles (tenant, role_id, position, user_id);
INSERT INTO counters (tenant, name, slot, value)
  SELECT tenant, 'user_roles/' || role_id, 0, COUNT(*) FROM user_roles GROUP BY tenant, role_id;

-- Events of one application in the order of time, as there are those of one user and of one type.
CREATE INDEX logs_by_client ON logs (tenant, client_id, log_id);
