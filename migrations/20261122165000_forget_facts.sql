-- Facts are forgotten as messages are: a `messages` forgetting may name them instead, by number, as JSON.
ALTER TABLE forgettings ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';
