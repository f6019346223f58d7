INSERT INTO jobs (tenant, id, type, payload, status, attempts, due_at, owner, error, created_at, updated_at)
  VALUES ('acme', 'job_0000000000000001', 'mail', '{}', 'pending', 0, 1800000000000000, NULL, NULL, 1800000000000000, 1800000000000000);
INSERT INTO periodic_work (name, owner, lease_until, next_at) VALUES ('sessions', 'node', 0, 1800000000000000);
