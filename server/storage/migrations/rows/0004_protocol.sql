INSERT INTO login_transactions (tenant, id, client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, expires_at)
  VALUES ('acme', 'tx1', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', '00ff', '{}', 'login', '{}', NULL, NULL, 0, 1800000000000000, 1800003600000000);
INSERT INTO sessions (tenant, id, secret_digest, user_id, connection, authenticated_at, created_at, last_used_at, idle_expires_at, expires_at, amr,
    clients, ip, user_agent)
  VALUES ('acme', 's1', '00ff', 'auth0|65f0c1e2a3b4c5d6e7f80911', 'Username-Password-Authentication', 1800000000000000, 1800000000000000,
    1800000000000000, 1800259200000000, 1800604800000000, '["pwd"]', '[]', '192.0.2.1', 'Browser');
INSERT INTO authorization_codes (tenant, digest, client_id, user_id, session_id, data, refresh_family, expires_at, used_at)
  VALUES ('acme', '00ff', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'auth0|65f0c1e2a3b4c5d6e7f80911', 's1', '{}', 'f1', 1800000060000000, NULL);
INSERT INTO refresh_tokens (tenant, id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, last_used_at,
    idle_expires_at, expires_at)
  VALUES ('acme', 'f1', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'auth0|65f0c1e2a3b4c5d6e7f80911', 's1', 'https://api.acme.test', '{}', 2,
    1800000000000000, 1800000000000000, 1800000000000000, NULL, NULL);
INSERT INTO consents (tenant, user_id, client_id, audience, scopes, created_at, updated_at)
  VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'https://api.acme.test', '["openid"]', 1800000000000000, 1800000000000000);
INSERT INTO tickets (tenant, digest, kind, user_id, data, created_at, expires_at, used_at)
  VALUES ('acme', '00ff', 'password_change', 'auth0|65f0c1e2a3b4c5d6e7f80911', '{}', 1800000000000000, 1800432000000000, NULL);
INSERT INTO used_jtis (tenant, issuer, jti, expires_at) VALUES ('acme', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'jti-1', 1800000060000000);
