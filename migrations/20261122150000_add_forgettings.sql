-- What people asked to have forgotten. A row comes before anything is deleted and stays, so that a crash in the middle
-- ends with it done; it names messages by number and keeps no word of theirs.
CREATE TABLE forgettings (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- No reference: the chat itself may be what went.
    chat_id      INTEGER NOT NULL,
    -- `messages`, `everything` or `chat`.
    scope        TEXT    NOT NULL CHECK (scope IN ('messages', 'everything', 'chat')),
    -- The numbers of the messages, as JSON; empty for the other scopes.
    messages     TEXT    NOT NULL DEFAULT '[]',
    asked_at     INTEGER NOT NULL,
    -- When a process began with it; taken back when that process ends before it is done.
    taken_up_at  INTEGER,
    -- When the rows were gone, and what went, as JSON.
    forgotten_at INTEGER,
    report       TEXT,
    -- The chat's newest turn then: what was being made for it or before may still know the words.
    last_turn_id INTEGER,
    -- When the file had been written anew since.
    rewritten_at INTEGER,
    -- When the bytes were gone from the file and the log.
    erased_at    INTEGER,
    -- Why it could not be done; it is not tried again.
    error        TEXT
) STRICT;

CREATE INDEX forgettings_by_chat ON forgettings (chat_id, id);
CREATE INDEX forgettings_open ON forgettings (id) WHERE erased_at IS NULL;

-- A summary of some days that covered something forgotten has no text until it was made again without it.
ALTER TABLE period_summaries ADD COLUMN stale_since INTEGER;
