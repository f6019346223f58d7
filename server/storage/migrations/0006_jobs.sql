-- Background work. A row is due at `due_at`: the next attempt of a pending one, the end of the lease of one being worked
-- on, nothing for one that is over.
CREATE TABLE jobs (tenant id NOT NULL, id id NOT NULL, type text NOT NULL, payload json NOT NULL, status text NOT NULL, attempts int64 NOT NULL,
  due_at int64, owner text, error text, created_at int64 NOT NULL, updated_at int64 NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX jobs_by_due ON jobs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_by_age ON jobs (updated_at) WHERE due_at IS NULL;

-- Work that recurs on one node at a time (clean-up), of the whole deployment.
CREATE TABLE periodic_work (name text NOT NULL PRIMARY KEY, owner text NOT NULL, lease_until int64 NOT NULL, next_at int64 NOT NULL);
