-- Accounts that were linked to a user after it was made: whose are they? The account a user was created with is its id already
-- (provider|id), so that only linked ones have a row.
CREATE TABLE linked_identities (tenant id NOT NULL, provider text NOT NULL, own_id text NOT NULL, user_id id NOT NULL,
  PRIMARY KEY (tenant, provider, own_id)) clustered;
