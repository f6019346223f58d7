INSERT INTO login_failures (tenant, identifier, ip, failures, notified_at, expires_at) VALUES ('acme', 'ada@example.com', '192.0.2.7', 3, NULL, 1800000000000000);
INSERT INTO rate_buckets (tenant, kind, subject, full_at) VALUES ('acme', 'login', '192.0.2.7', 1800000000000000);
