INSERT INTO users (tenant, id, position, connection, email, email_verified, username, phone_number, phone_verified, blocked, data, user_metadata,
    app_metadata, identities, logins_count, last_login, last_ip, last_password_reset, created_at, updated_at)
  VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', 1, 'Username-Password-Authentication', 'zoe@acme.test', TRUE, NULL, NULL, FALSE, FALSE,
    '{"name":"Zoë"}', '{"colour":"red"}', '{}', '[]', 3, 1800000000000000, '192.0.2.1', NULL, 1800000000000000, 1800000000000000);
INSERT INTO user_identifiers (tenant, connection, kind, value, user_id)
  VALUES ('acme', 'Username-Password-Authentication', 'email', 'zoe@acme.test', 'auth0|65f0c1e2a3b4c5d6e7f80911');
INSERT INTO user_passwords (tenant, user_id, hash, set_at, history) VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', '$2b$10$x', 1800000000000000, '[]');
INSERT INTO user_terms (tenant, path, value, user_id) VALUES ('acme', 'user_metadata.colour', 'red', 'auth0|65f0c1e2a3b4c5d6e7f80911');
INSERT INTO user_roles (tenant, user_id, role_id, position) VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', 'rol_1', 1);
INSERT INTO user_permissions (tenant, user_id, resource_server_identifier, permission_name)
  VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', 'https://api.acme.test', 'read:orders');
