-- The password of an account that logs in by a digest which needs it, encrypted under the key file of the data folder; NULL
-- for all others.
ALTER TABLE account ADD COLUMN sealed_password TEXT;
