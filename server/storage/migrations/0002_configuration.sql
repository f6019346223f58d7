-- What administrators configure. Every table of configured objects has the shape of model/objects/object_store.h.
CREATE TABLE tenants (id id NOT NULL, issuer text NOT NULL, host text NOT NULL, created_at int64 NOT NULL, PRIMARY KEY (id));
CREATE UNIQUE INDEX tenants_by_host ON tenants (host);

-- Singletons of a tenant, by name: settings, branding, prompts, email_provider, attack protection, …
CREATE TABLE tenant_documents (tenant id NOT NULL, name text NOT NULL, data json NOT NULL, PRIMARY KEY (tenant, name));

CREATE TABLE clients (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, name text NOT NULL, data json NOT NULL,
  created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX clients_by_position ON clients (tenant, position);

CREATE TABLE resource_servers (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, identifier text NOT NULL, data json NOT NULL,
  created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX resource_servers_by_position ON resource_servers (tenant, position);
CREATE UNIQUE INDEX resource_servers_by_identifier ON resource_servers (tenant, identifier);

CREATE TABLE client_grants (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, client_id id NOT NULL, audience text NOT NULL,
  subject_type text NOT NULL, data json NOT NULL, created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX client_grants_by_position ON client_grants (tenant, position);
CREATE UNIQUE INDEX client_grants_by_client ON client_grants (tenant, client_id, audience, subject_type);
CREATE INDEX client_grants_by_audience ON client_grants (tenant, audience);

CREATE TABLE connections (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, name text NOT NULL, strategy text NOT NULL, data json NOT NULL,
  created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX connections_by_position ON connections (tenant, position);
CREATE UNIQUE INDEX connections_by_name ON connections (tenant, name);

CREATE TABLE roles (tenant id NOT NULL, id id NOT NULL, position int64 NOT NULL, name text NOT NULL, data json NOT NULL,
  created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX roles_by_position ON roles (tenant, position);
CREATE UNIQUE INDEX roles_by_name ON roles (tenant, name);

CREATE TABLE role_permissions (tenant id NOT NULL, role_id id NOT NULL, resource_server_identifier text NOT NULL, permission_name text NOT NULL,
  PRIMARY KEY (tenant, role_id, resource_server_identifier, permission_name));
CREATE INDEX role_permissions_by_api ON role_permissions (tenant, resource_server_identifier, permission_name);
