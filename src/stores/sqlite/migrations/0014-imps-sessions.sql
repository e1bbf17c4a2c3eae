-- Sessions of IMPS clients, which go on after a restart. What a session is like is one JSON text that its room reads.
CREATE TABLE imps_session (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  details TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX imps_session_by_owner ON imps_session (owner);
