-- The message in which an answer is shown while it is made, where that is done by editing: it becomes the answer's first
-- part. Without an id nobody knows whether it went out.
CREATE TABLE previews (
    chat_id             INTEGER PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
    turn_id             INTEGER NOT NULL,
    telegram_message_id INTEGER,
    updated_at          INTEGER NOT NULL
) STRICT;
