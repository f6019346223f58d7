INSERT INTO logs (tenant, log_id, date, type, description, client_id, user_id, data)
  VALUES ('acme', '90020270115080000000000000000000000001000000000000000002', 1800000000000000, 's', 'Successful login', 'client', 'auth0|1', '{}');
