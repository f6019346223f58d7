INSERT INTO tenants (id, issuer, host, created_at) VALUES ('acme', 'https://acme.test/', 'acme.test', 1800000000000000);
INSERT INTO tenant_documents (tenant, name, data) VALUES ('acme', 'settings', '{"friendly_name":"Acme"}');
INSERT INTO clients (tenant, id, position, name, data, created_at, updated_at)
  VALUES ('acme', 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 1, 'Shop', '{"app_type":"regular_web"}', 1800000000000000, 1800000000000000);
INSERT INTO resource_servers (tenant, id, position, identifier, data, created_at, updated_at)
  VALUES ('acme', '65f0c1e2a3b4c5d6e7f80910', 1, 'https://api.acme.test', '{"signing_alg":"RS256"}', 1800000000000000, 1800000000000000);
INSERT INTO client_grants (tenant, id, position, client_id, audience, subject_type, data, created_at, updated_at)
  VALUES ('acme', 'cgr_1', 1, 'AaXuwsN2UC6yFKJ1zuVR2TBgD6o2jMk3', 'https://api.acme.test', 'client', '{"scope":["read:orders"]}', 1800000000000000, 1800000000000000);
INSERT INTO connections (tenant, id, position, name, strategy, data, created_at, updated_at)
  VALUES ('acme', 'con_1', 1, 'Username-Password-Authentication', 'auth0', '{}', 1800000000000000, 1800000000000000);
INSERT INTO roles (tenant, id, position, name, data, created_at, updated_at)
  VALUES ('acme', 'rol_1', 1, 'Seller', '{"description":"Sells"}', 1800000000000000, 1800000000000000);
INSERT INTO role_permissions (tenant, role_id, resource_server_identifier, permission_name)
  VALUES ('acme', 'rol_1', 'https://api.acme.test', 'read:orders');
