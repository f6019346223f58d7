-- Tenant log events. log_id begins with the time, so that the key is the order.
CREATE TABLE logs (tenant id NOT NULL, log_id text NOT NULL, date int64 NOT NULL, type text NOT NULL, description text NOT NULL, client_id text,
  client_name text, user_id text, user_name text, connection text, connection_id text, strategy text, strategy_type text, ip text, hostname text,
  user_agent text, organization_id text, data json NOT NULL, PRIMARY KEY (tenant, log_id));
CREATE INDEX logs_by_user ON logs (tenant, user_id, log_id) WHERE user_id IS NOT NULL;
CREATE INDEX logs_by_type ON logs (tenant, type, log_id);
