-- Who keeps transcripts of their conversations, and those that they keep; `lines` is JSON.
CREATE TABLE transcript_keeper (owner TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE transcript (
  owner TEXT NOT NULL,
  id TEXT NOT NULL,
  other TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  is_missed INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  lines TEXT NOT NULL,
  PRIMARY KEY (owner, id)
);
