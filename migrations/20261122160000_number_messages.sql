-- Every message gets its place in its chat, and the index of words refers to that.
--
-- Ids grow across all chats, so the messages of one chat lie far apart where many chats are alive, and a block of postings
-- held few of them. Places in a chat are dense, and a message's neighbours are the places beside it. A place is never
-- given twice, so that what is left of a forgotten message could never point at another.
ALTER TABLE chats ADD COLUMN last_ordinal INTEGER NOT NULL DEFAULT 0;
-- The index holds the words of the messages up to this place; it is brought up to date in the background.
ALTER TABLE chats ADD COLUMN indexed_through INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET ordinal = numbered.place
FROM (SELECT id, row_number() OVER (PARTITION BY chat_id ORDER BY id) AS place FROM messages) AS numbered
WHERE numbered.id = messages.id;

UPDATE chats SET last_ordinal = ifnull((SELECT max(ordinal) FROM messages WHERE chat_id = chats.id), 0);

CREATE UNIQUE INDEX messages_by_ordinal ON messages (chat_id, ordinal);

-- Of the messages of a block of 2,048 places that hold a word, `ordinals` has one character each, oldest first: its place
-- within the block, plus one, since a text holds no zero. The words are found again from the texts, in the background.
DROP TABLE postings;

CREATE TABLE postings (
    chat_id  INTEGER NOT NULL,
    term     TEXT    NOT NULL,
    block    INTEGER NOT NULL,
    ordinals TEXT    NOT NULL,
    PRIMARY KEY (chat_id, term, block)
) STRICT, WITHOUT ROWID;
