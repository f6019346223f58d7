INSERT INTO user_terms (tenant, path, value, position) VALUES ('acme', 'name', 'zoë', 1);
