-- What another process needs to finish a reply that was on its way: once, and no more.

-- The message whose text goes out: the reply, or the words that stand in for it when there is none.
ALTER TABLE turns ADD COLUMN outgoing_id INTEGER;
-- How the door cuts the text into parts (its own word, given back to it), and into how many. Parts without a row in
-- `deliveries` have not gone out.
ALTER TABLE turns ADD COLUMN delivery_format TEXT;
ALTER TABLE turns ADD COLUMN delivery_parts INTEGER NOT NULL DEFAULT 1;

UPDATE turns SET outgoing_id = reply_id;
-- Nobody knows what became of replies that an earlier version was sending when it stopped; a console shows its own.
UPDATE turns SET delivery = CASE (SELECT kind FROM chats WHERE chats.id = turns.chat_id)
                                WHEN 'console' THEN 'sent' ELSE 'unknown' END
    WHERE delivery IN ('composed', 'sending');

-- What is to be sent, and what a person may want to send again, without reading every turn.
CREATE INDEX turns_undelivered ON turns (chat_id, id) WHERE delivery IN ('composed', 'sending', 'unknown', 'failed');

-- Why nothing can be sent to a chat, in plain words, until somebody writes in it again.
ALTER TABLE chats ADD COLUMN unreachable TEXT;
ALTER TABLE chats ADD COLUMN unreachable_since INTEGER;

-- Commands that were not yet answered. A row comes with the command's message and goes with the answer's: `due` is
-- done, again if need be; what was `answering` when the process stopped may have arrived and is not repeated.
CREATE TABLE errands (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    chat_id    INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    state      TEXT    NOT NULL CHECK (state IN ('due', 'answering', 'unknown', 'failed')),
    error      TEXT,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX errands_by_chat ON errands (chat_id);
