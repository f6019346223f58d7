INSERT INTO jobs (tenant, id, type, payload, status, attempts, due_at, owner, error, created_at, updated_at, state, long)
  VALUES ('acme', 'job_2', 'users_import', '{}', 'completed', 1, NULL, NULL, NULL, 1800000000000000, 1800000000000000, '{"total":1}', TRUE);
INSERT INTO job_files (tenant, job_id, number, content, created_at) VALUES ('acme', 'job_2', 0, 'v1.k.AAAA', 1800000000000000);
INSERT INTO job_errors (tenant, job_id, number, errors, created_at) VALUES ('acme', 'job_2', 0, '[]', 1800000000000000);
