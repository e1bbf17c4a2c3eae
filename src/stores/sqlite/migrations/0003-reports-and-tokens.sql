-- What a message came by and what its sender asked to be told: the protocol and the kinds of reports, with spaces between;
-- NULL for SIP and nothing.
ALTER TABLE entry ADD COLUMN origin TEXT;
ALTER TABLE finished ADD COLUMN origin TEXT;

-- The state that began with a step, as a number of 0001; NULL where it went on.
ALTER TABLE step ADD COLUMN state INTEGER;

-- Whom reports are for: the newest number, and how many are not told. Numbers grow by one for each owner and protocol.
CREATE TABLE report_owner (
  owner TEXT NOT NULL,
  protocol TEXT NOT NULL,
  last_number INTEGER NOT NULL,
  untold INTEGER NOT NULL,
  PRIMARY KEY (owner, protocol)
) WITHOUT ROWID;

-- Delivery reports that are not told yet, and the newest that were.
CREATE TABLE report (
  owner TEXT NOT NULL,
  protocol TEXT NOT NULL,
  number INTEGER NOT NULL,
  message TEXT NOT NULL,
  recipient TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  is_told INTEGER NOT NULL,
  PRIMARY KEY (owner, protocol, number)
) WITHOUT ROWID;
CREATE INDEX report_by_time ON report (at);

-- Bearer tokens, by the hash of their secrets.
CREATE TABLE token (
  hash TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX token_by_address ON token (address, expires_at);

-- push, notify or pull, for the clients that listen over HTTP; NULL when never chosen.
ALTER TABLE account ADD COLUMN http_delivery TEXT;
