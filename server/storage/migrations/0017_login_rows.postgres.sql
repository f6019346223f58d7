-- Rate buckets are looked at by the time they may be forgotten, which is set when a row is made: an index on the moment they are full again
-- would change with every attempt, and keep the row's next version from its own page.
ALTER TABLE rate_buckets ADD COLUMN forget_at int64 NOT NULL DEFAULT 0;
UPDATE rate_buckets SET forget_at = full_at;
DROP INDEX rate_buckets_by_expiry;
CREATE INDEX rate_buckets_by_forgetting ON rate_buckets (forget_at);
ALTER TABLE rate_buckets SET (fillfactor = 60);
