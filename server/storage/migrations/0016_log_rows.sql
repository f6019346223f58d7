-- Tenant log events live in their primary key: each machine token writes one, and every tree costs.
CREATE TABLE log_events (tenant id NOT NULL, log_id text NOT NULL, date int64 NOT NULL, type text NOT NULL, description text NOT NULL, client_id text,
  client_name text, user_id text, user_name text, connection text, connection_id text, strategy text, strategy_type text, ip text, hostname text,
  user_agent text, organization_id text, data json NOT NULL, PRIMARY KEY (tenant, log_id)) clustered;
INSERT INTO log_events (tenant, log_id, date, type, description, client_id, client_name, user_id, user_name, connection, connection_id, strategy,
    strategy_type, ip, hostname, user_agent, organization_id, data)
  SELECT tenant, log_id, date, type, description, client_id, client_name, user_id, user_name, connection, connection_id, strategy,
    strategy_type, ip, hostname, user_agent, organization_id, data FROM logs;
DROP TABLE logs;
ALTER TABLE log_events RENAME TO logs;
CREATE INDEX logs_by_user ON logs (tenant, user_id, log_id) WHERE user_id IS NOT NULL;
CREATE INDEX logs_by_type ON logs (tenant, type, log_id);
CREATE INDEX logs_by_client ON logs (tenant, client_id, log_id);
