INSERT INTO authentication_methods (tenant, id, user_id, type, name, confirmed, phone_number, email, secret, digest, credential_id, counter, data, created_at,
    enrolled_at, last_auth_at, expires_at)
  VALUES ('acme', 'totp|dev_7CjvPa4hWq1b3X9r', 'auth0|1', 'totp', '', TRUE, NULL, NULL, NULL, NULL, NULL, 60000000, '{}', 1800000000000000, 1800000000000000,
    1800000000000000, NULL);
INSERT INTO remembered_browsers (tenant, digest, user_id, created_at, expires_at) VALUES ('acme', '00ff', 'auth0|1', 1800000000000000, 1802592000000000);
INSERT INTO mfa_tokens (tenant, digest, client_id, user_id, data, created_at, expires_at, used_at)
  VALUES ('acme', '00ff', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'auth0|1', '{}', 1800000000000000, 1800000600000000, NULL);
INSERT INTO known_devices (tenant, user_id, digest, seen_at, expires_at) VALUES ('acme', 'auth0|1', '00ff', 1800000000000000, 1807776000000000);
