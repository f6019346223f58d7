-- What the storage layer itself needs.

-- Facts about this database as a whole: the master key's canary, the issuer it was made for.
CREATE TABLE meta (
  name text NOT NULL PRIMARY KEY,
  value text NOT NULL
);

-- Totals kept in the transaction that changes them. One row for each connection that writes (its slot; always 0 on
-- SQLite), so that concurrent writers never wait for each other or conflict; the total is the sum.
CREATE TABLE counters (
  tenant id NOT NULL,
  name text NOT NULL,
  slot int64 NOT NULL,
  value int64 NOT NULL,
  PRIMARY KEY (tenant, name, slot)
);

-- How often something cached of a tenant changed, again by slot. Other nodes compare the sum at each transaction.
CREATE TABLE change_counters (
  tenant id NOT NULL,
  slot int64 NOT NULL,
  version int64 NOT NULL,
  PRIMARY KEY (tenant, slot)
);
