-- Documents that users keep over XCAP, as they came. That of `pres-rules` is the one that the rules of table rule came in
-- last, and may be older than they.
CREATE TABLE document (
  owner TEXT NOT NULL,
  application TEXT NOT NULL,
  name TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (owner, application, name)
);
