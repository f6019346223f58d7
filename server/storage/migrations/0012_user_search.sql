-- What an import writes a million times, in as few trees as possible: rows that live in their primary key, no index that only updates
-- would use (model/users/user_store.cpp knows from the stored user what its identifiers and terms are), and terms that refer to a user by
-- its position: eight bytes instead of thirty, and the users of one value come in the order in which lists show them.
CREATE TABLE terms_of_users (tenant id NOT NULL, path text NOT NULL, value text NOT NULL, position int64 NOT NULL,
  PRIMARY KEY (tenant, path, value, position)) clustered;
INSERT INTO terms_of_users (tenant, path, value, position)
  SELECT t.tenant, t.path, t.value, u.position FROM user_terms t JOIN users u ON u.tenant = t.tenant AND u.id = t.user_id;
DROP TABLE user_terms;
ALTER TABLE terms_of_users RENAME TO user_terms;

CREATE TABLE identifiers_of_users (tenant id NOT NULL, connection text NOT NULL, kind text NOT NULL, value text NOT NULL, user_id id NOT NULL,
  PRIMARY KEY (tenant, connection, kind, value)) clustered;
INSERT INTO identifiers_of_users (tenant, connection, kind, value, user_id) SELECT tenant, connection, kind, value, user_id FROM user_identifiers;
DROP TABLE user_identifiers;
ALTER TABLE identifiers_of_users RENAME TO user_identifiers;

CREATE TABLE passwords_of_users (tenant id NOT NULL, user_id id NOT NULL, hash text NOT NULL, set_at int64 NOT NULL, history json NOT NULL,
  PRIMARY KEY (tenant, user_id)) clustered;
INSERT INTO passwords_of_users (tenant, user_id, hash, set_at, history) SELECT tenant, user_id, hash, set_at, history FROM user_passwords;
DROP TABLE user_passwords;
ALTER TABLE passwords_of_users RENAME TO user_passwords;
