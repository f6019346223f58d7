INSERT INTO linked_identities (tenant, provider, own_id, user_id) VALUES ('acme', 'github', '4711', 'auth0|65f0c1e2a3b4c5d6e7f80911');
