-- Up to where the conditions of somebody were evaluated: nobody needs it, since all are evaluated after a start.
DROP TABLE recipient_seen;
ALTER TABLE entry DROP COLUMN presence_version;
