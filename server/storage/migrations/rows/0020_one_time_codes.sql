INSERT INTO one_time_codes (tenant, purpose, subject, digest, data, wrong, created_at, expires_at, used_at)
  VALUES ('acme', 'mfa', 'sms|dev_1', '00ff', '{}', 0, 1800000000000000, 1800000180000000, NULL);
