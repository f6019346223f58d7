INSERT INTO logs (tenant, log_id, date, type, description, client_id, user_id, data)
  VALUES ('acme', '90020270115080000000000000000000000014000000000000000001', 1800000000000000, 'fp', 'Wrong password', 'client', 'auth0|1', '{}');
INSERT INTO user_roles (tenant, user_id, role_id, position) VALUES ('acme', 'auth0|1', 'rol_growth', 1);
