INSERT INTO login_transactions (tenant, id, client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, expires_at)
  VALUES ('acme', 'tx2', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', '00ff', '{}', 'login', '{}', NULL, NULL, 0, 1800000000000000, 1800003600000000);
INSERT INTO login_failures (tenant, identifier, ip, failures, notified_at, expires_at) VALUES ('acme', 'bob@example.com', '192.0.2.7', 3, NULL, 1800000000000000);
INSERT INTO rate_buckets (tenant, kind, subject, full_at, forget_at) VALUES ('acme', 'login', '192.0.2.8', 1800000000000000, 1800000000000000);
