-- Where a duplicate key may be, in place of a table of long hashes: the row of that sequence has the key itself. Rows up to
-- the counter `hinted` are in here; those after it are added in sorted bulk, since one by one each would dirty a page.
CREATE TABLE duplicate_hint (
  hash INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (hash, sequence)
) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('hinted', 0);
DROP TABLE duplicate_key;
