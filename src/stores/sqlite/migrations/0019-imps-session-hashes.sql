-- Of the id of a session only the hash is kept, as of a token: the ids that were kept cannot be hashed here, and their clients log in anew.
DROP TABLE imps_session;
CREATE TABLE imps_session (
  id_hash TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  details TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX imps_session_by_owner ON imps_session (owner);
