-- Why lines of an analysis were refused, as JSON without anybody's words: what each would have done, to which fact, and the reason
-- by its name. Of analyses before this one only their number is known.
ALTER TABLE analyses ADD COLUMN refusals TEXT NOT NULL DEFAULT '[]';
