INSERT INTO webauthn_challenges (tenant, purpose, subject, digest, data, expires_at, used_at)
  VALUES ('acme', 'login', '00ff', 'ff00', '{}', 1800000300000000, NULL);
