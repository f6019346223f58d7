INSERT INTO upstream_requests (tenant, digest, connection_id, request, answer, created_at, expires_at, used_at)
  VALUES ('acme', '00ff', 'con_1', 'v1.k1.AA', NULL, 1800000000000000, 1800003600000000, NULL);
INSERT INTO upstream_tokens (tenant, account, tokens, updated_at) VALUES ('acme', 'github|1', 'v1.k1.AA', 1800000000000000);
