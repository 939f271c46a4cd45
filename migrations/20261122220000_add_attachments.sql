-- Files that came with messages: how to ask for them, and whether they were read. The files themselves are never kept.
CREATE TABLE attachments (
    message_id    INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    -- 1 where it came with what this message replies to.
    of_reply      INTEGER NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('picture', 'voice', 'audio', 'document')),
    file_id       TEXT    NOT NULL,
    name          TEXT,
    mime          TEXT,
    bytes         INTEGER,
    -- due; read, so that its words are among the message's; or set aside, because it cannot be read.
    state         TEXT    NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'read', 'aside')),
    -- How often reading it was tried in vain.
    tries         INTEGER NOT NULL DEFAULT 0,
    -- How much at the end of the message's text was read of it, in bytes.
    reading_bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, of_reply)
) STRICT, WITHOUT ROWID;
