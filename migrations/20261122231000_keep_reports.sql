-- The ratios of a model's last reports to our counts, in thousandths, as a JSON list with the newest last: the scale is
-- their median, so that one absurd report moves nothing.
ALTER TABLE model_scales ADD COLUMN recent TEXT NOT NULL DEFAULT '[]';
