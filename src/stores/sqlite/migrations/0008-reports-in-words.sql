-- 1 for who wants to be told in plain words what becomes of their messages; NULL when never chosen.
ALTER TABLE account ADD COLUMN reports_in_words INTEGER;
