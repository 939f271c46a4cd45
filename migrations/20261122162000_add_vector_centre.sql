-- Where the vectors of ordinary talk lie, as 32-bit numbers: signs are taken from there. Many models place all texts near each other,
-- so that seen from zero most signs are the same for everything. It never changes for a model, since signs are kept.
ALTER TABLE vector_models ADD COLUMN centre BLOB NOT NULL DEFAULT X'';
