-- Subscriptions of the notifier. details: JSON of what a refresh does not change.
CREATE TABLE subscription (id TEXT PRIMARY KEY, details TEXT NOT NULL) WITHOUT ROWID;

-- What a refresh changes, and all that is written at a stop: small rows, so that few pages are touched.
CREATE TABLE subscription_progress (
  id TEXT PRIMARY KEY,
  -- Of the server; local_cseq counts for that run, told for the next one.
  run INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  is_pending INTEGER NOT NULL,
  was_pending INTEGER NOT NULL,
  remote_cseq INTEGER NOT NULL,
  local_cseq INTEGER NOT NULL,
  told INTEGER
) WITHOUT ROWID;

-- Who asked to watch somebody and left before there was a decision.
CREATE TABLE waiting_watcher (
  owner TEXT NOT NULL,
  watcher TEXT NOT NULL,
  id TEXT NOT NULL,
  display_name TEXT,
  since INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (owner, watcher)
) WITHOUT ROWID;
