-- What a timeline says of the end itself, which came at `ended_at` with `state`: its last step, in the row that the end writes anyway. NULL
-- where it is among the steps, as it is once others came after it.
ALTER TABLE finished ADD COLUMN last_step TEXT;
