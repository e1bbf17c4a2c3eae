-- Whether an owner's block list and grant list are in use, and whom they grant (JSON); without a row only the blocks are.
CREATE TABLE lists_use (
  owner TEXT PRIMARY KEY,
  is_blocking INTEGER NOT NULL,
  is_granting INTEGER NOT NULL,
  granted TEXT NOT NULL
) WITHOUT ROWID;
