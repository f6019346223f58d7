INSERT INTO meta (name, value) VALUES ('sample', 'kept');
INSERT INTO counters (tenant, name, slot, value) VALUES ('acme', 'users', 0, 42);
INSERT INTO change_counters (tenant, slot, version) VALUES ('acme', 0, 7);
