-- History that was said elsewhere, or before the bot was there, takes its place among the messages.
--
-- The order of a chat's messages is that of their ids everywhere. An imported message gets a negative id, made of the second in
-- which it was said: so it stands before everything the bot received itself, and in order of time among its like, however
-- often and in whatever order files are imported.

-- Its number in the exported chat: the same record is known again by it. Not Telegram's number of it here: in private chats each
-- side counts for itself.
ALTER TABLE messages ADD COLUMN imported_id INTEGER;

-- The document a chat was restored from, by the chat's own name for itself there.
ALTER TABLE chats ADD COLUMN origin TEXT;
CREATE UNIQUE INDEX chats_by_origin ON chats (origin) WHERE origin IS NOT NULL;
-- Imported messages have come that no episode holds yet.
ALTER TABLE chats ADD COLUMN has_unfollowed INTEGER NOT NULL DEFAULT 0;
-- Places are not in the order of ids: messages have come between or before others.
ALTER TABLE chats ADD COLUMN is_unordered INTEGER NOT NULL DEFAULT 0;
-- How often places were given anew: what was made of earlier places is void.
ALTER TABLE chats ADD COLUMN renumbered INTEGER NOT NULL DEFAULT 0;
-- A document is being read into it, and has not been read to its end.
ALTER TABLE chats ADD COLUMN is_restoring INTEGER NOT NULL DEFAULT 0;

-- Imported episodes wait for the owner's word before a model that costs something sums them up.
ALTER TABLE episodes ADD COLUMN held_at INTEGER;
CREATE INDEX episodes_by_place ON episodes (chat_id, first_message_id);

-- Files that were or are to be imported. No word of theirs is kept here.
CREATE TABLE imports (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Where the file is, for as long as it is needed.
    path         TEXT,
    name         TEXT    NOT NULL,
    -- Whether the file is a copy of ours, which goes when it was read.
    is_copy      INTEGER NOT NULL DEFAULT 0,
    -- The chat that was asked for; no reference, since it may go.
    chat_id      INTEGER,
    -- Whether what came is to be summed up without another word.
    consolidate  INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped')),
    done_bytes   INTEGER NOT NULL DEFAULT 0,
    total_bytes  INTEGER NOT NULL DEFAULT 0,
    -- What came of it so far: counts and places, as JSON.
    report       TEXT    NOT NULL DEFAULT '{}',
    error        TEXT,
    asked_at     INTEGER NOT NULL,
    started_at   INTEGER,
    finished_at  INTEGER
) STRICT;

CREATE INDEX imports_open ON imports (id) WHERE state IN ('queued', 'running');
