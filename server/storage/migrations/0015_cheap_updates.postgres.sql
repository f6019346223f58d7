-- Refresh tokens are cleaned up by the day: an index on the exact idle end would change with every exchange, and its new entries on pages
-- that others have read would make exchanges of unrelated families collide. For the same reason rows that change often find room for
-- their next version on their own page.
ALTER TABLE refresh_tokens ADD COLUMN forget_at int64;
UPDATE refresh_tokens SET forget_at = CASE WHEN idle_expires_at < expires_at OR expires_at IS NULL THEN idle_expires_at ELSE expires_at END;
DROP INDEX refresh_tokens_by_expiry;
DROP INDEX refresh_tokens_by_idle_expiry;
CREATE INDEX refresh_tokens_by_forgetting ON refresh_tokens (forget_at);
ALTER TABLE refresh_tokens SET (fillfactor = 60);
ALTER TABLE users SET (fillfactor = 80);
ALTER TABLE sessions SET (fillfactor = 70);
ALTER TABLE login_transactions SET (fillfactor = 60);
ALTER TABLE counters SET (fillfactor = 50);
ALTER TABLE change_counters SET (fillfactor = 50);
