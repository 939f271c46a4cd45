-- What a message refers to: the words it replies to or quotes, and whose they are. Shown to the model, never evidence.
ALTER TABLE messages ADD COLUMN quoted TEXT;
ALTER TABLE messages ADD COLUMN quoted_author TEXT;

-- Said where the bot hears it but not to it: kept and read with what follows, never answered by itself.
ALTER TABLE messages ADD COLUMN overheard INTEGER NOT NULL DEFAULT 0;
DROP INDEX messages_unanswered;
CREATE INDEX messages_unanswered ON messages (chat_id, id)
    WHERE turn_id IS NULL AND role = 'user' AND kind IN ('text', 'media') AND overheard = 0;

-- What people used today is found without reading all turns.
CREATE INDEX turns_by_start ON turns (started_at);

-- Who was told today how much of their daily budget is used.
CREATE TABLE budget_notices (
    user_id INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    PRIMARY KEY (user_id, day, percent)
) STRICT, WITHOUT ROWID;
