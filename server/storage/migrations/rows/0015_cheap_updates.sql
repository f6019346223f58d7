INSERT INTO refresh_tokens (tenant, id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, last_used_at,
    idle_expires_at, expires_at, forget_at)
  VALUES ('acme', 'f2', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'auth0|65f0c1e2a3b4c5d6e7f80911', 's1', 'https://api.acme.test', '{}', 2,
    1800000000000000, 1800000000000000, 1800000000000000, 1800086400000000, NULL, 1800144000000000);
INSERT INTO user_roles (tenant, user_id, role_id, position) VALUES ('acme', 'auth0|65f0c1e2a3b4c5d6e7f80911', 'rol_2', 2);
INSERT INTO counters (tenant, name, slot, value) VALUES ('acme', 'things', 1, 1);
