-- The first schema. Keys of mailbox tables begin with the recipient, whose address is interned, so that the rows of one
-- recipient lie together. Times are wall milliseconds. States: 1 held, 2 waiting, 3 delivered, 4 displayed, 5 rejected,
-- 6 recalled, 7 expired, 8 failed.

-- Values that must outlive the rows they count: the newest sequence that may be in use, the change acted upon, and how
-- often a server was started.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('run', 0);

-- Every address that a mailbox table mentions.
CREATE TABLE address (number INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE);

-- Hot: what is held or waits. Gone at its end.
CREATE TABLE entry (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  recipient INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  state INTEGER NOT NULL,
  accepted_state INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  turns_at INTEGER,
  retry_at INTEGER,
  -- 0 when nothing but a client is missing, else retry_at; beyond every time for one that is set aside.
  ready_at INTEGER NOT NULL,
  -- The earliest of expires_at, turns_at and retry_at.
  due_at INTEGER NOT NULL,
  -- As of the run of the server that wrote it; each later run counts attemptsPerRun more.
  attempts INTEGER NOT NULL,
  run INTEGER NOT NULL,
  message_failures INTEGER NOT NULL,
  is_aside INTEGER NOT NULL,
  has_condition INTEGER NOT NULL,
  condition TEXT,
  presence_version INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  content INTEGER NOT NULL,
  -- JSON arrays; NULL for an empty one.
  attributes TEXT,
  latches TEXT,
  refused_by TEXT,
  duplicate_keys TEXT
);
CREATE UNIQUE INDEX entry_by_id ON entry (id);
-- Covers what is counted: quotas and the list of recipients never touch the table.
CREATE INDEX entry_by_recipient ON entry (recipient, state, sequence, ready_at, has_condition, bytes, sender);
CREATE INDEX entry_by_sender ON entry (sender, sequence, recipient);
CREATE INDEX entry_by_due ON entry (due_at);

-- Conditional entries by what they mention; the empty name stands for "has a condition".
CREATE TABLE entry_attribute (
  recipient INTEGER NOT NULL,
  attribute TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (recipient, attribute, sequence)
) WITHOUT ROWID;

-- A log: rows are appended, overwritten in place at the end of their entry, and removed from the front when no row near
-- them is live. So SQLite never moves a live row within the file, and no stale copy of one stays behind.
CREATE TABLE content (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- Up to which presence version the conditions of a recipient were evaluated; only while there are some.
CREATE TABLE recipient_seen (recipient INTEGER PRIMARY KEY, version INTEGER NOT NULL);

-- Hashes of (sender, recipient, key): which message a submission was.
CREATE TABLE duplicate_key (hash TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;

-- History: what is left of a message after its end. kept_for: 1 history and duplicate keys, 2 history, 3 duplicate keys.
CREATE TABLE finished (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  recipient INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  state INTEGER NOT NULL,
  accepted_state INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  is_aside INTEGER NOT NULL,
  condition TEXT,
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  duplicate_keys TEXT,
  kept_for INTEGER NOT NULL
);
CREATE UNIQUE INDEX finished_by_id ON finished (id);
CREATE INDEX finished_by_recipient ON finished (recipient, sequence);
CREATE INDEX finished_by_sender ON finished (sender, sequence);
CREATE INDEX finished_by_end ON finished (kept_for, ended_at);

CREATE TABLE step (
  sequence INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  PRIMARY KEY (sequence, number)
) WITHOUT ROWID;

CREATE TABLE account (
  address TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  is_operator INTEGER NOT NULL,
  md5 TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE block (owner TEXT NOT NULL, blocked TEXT NOT NULL, PRIMARY KEY (owner, blocked)) WITHOUT ROWID;

-- JSON array of rules, as a whole.
CREATE TABLE rule (owner TEXT PRIMARY KEY, rules TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE journal (number INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, what TEXT NOT NULL);

-- State and last known values are JSON arrays of [attribute, values].
CREATE TABLE publication (
  presentity TEXT NOT NULL,
  entity_tag TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  named_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (presentity, entity_tag)
);
CREATE TABLE known_presence (presentity TEXT PRIMARY KEY, version INTEGER NOT NULL, last_known TEXT NOT NULL) WITHOUT ROWID;

-- details: JSON of what is never searched for and does not change with a refresh.
CREATE TABLE binding (
  address_of_record TEXT NOT NULL,
  key TEXT NOT NULL,
  cseq INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (address_of_record, key)
) WITHOUT ROWID;
