INSERT INTO keys (tenant, kid, purpose, algorithm, state, sealed, certificate, created_at, current_since, current_until, revoked_at)
VALUES ('acme', 'ZkKm3nRzV7pQ2sXt9bWcD', 'signing', 'RS256', 'current', 'v1.0badcafe.c2VhbGVk', x'3000', 1800000000000000, 1800000000000000, NULL, NULL);
INSERT INTO keys (tenant, kid, purpose, algorithm, state, sealed, certificate, created_at, current_since, current_until, revoked_at)
VALUES ('acme', 'Lq8fHj2NvYx5tGd1rPsMe', 'refresh_token', 'HS256', 'current', 'v1.0badcafe.c2VhbGVk', NULL, 1800000000000000, 1800000000000000, NULL, NULL);
