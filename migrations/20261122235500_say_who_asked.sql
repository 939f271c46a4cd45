-- Who asked for what was spent; null for work that nobody asked for by name. Their daily budget pays for it.
ALTER TABLE spendings ADD COLUMN asked_by INTEGER;
