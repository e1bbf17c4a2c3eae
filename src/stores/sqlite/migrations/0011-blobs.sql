-- The body of a large message is in the blob store, under this name; NULL where it is in `content`. `bytes` is its size.
ALTER TABLE entry ADD COLUMN blob TEXT;
-- Partial, so that the others cost nothing: the quota of large bodies, and the names that are in use.
CREATE INDEX entry_with_blob ON entry (recipient, state, bytes) WHERE blob IS NOT NULL;
CREATE UNIQUE INDEX entry_by_blob ON entry (blob) WHERE blob IS NOT NULL;
