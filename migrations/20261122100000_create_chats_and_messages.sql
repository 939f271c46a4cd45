-- Chats, and everything ever said in them.
--
-- Times are milliseconds since 1970-01-01T00:00:00Z. Ids are never used twice (AUTOINCREMENT), so that a manifest
-- that names a forgotten message can never come to name another.

CREATE TABLE chats (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    kind               TEXT    NOT NULL CHECK (kind IN ('private', 'group', 'console')),
    title              TEXT    NOT NULL,
    telegram_chat_id   INTEGER,
    telegram_thread_id INTEGER,
    language           TEXT,
    -- The first recent message of the last context sent: see the context builder's hysteresis.
    trim_mark          INTEGER,
    -- Totals of conversation (text and media), kept with each change, so that a reply never counts history.
    live_messages      INTEGER NOT NULL DEFAULT 0,
    live_tokens        INTEGER NOT NULL DEFAULT 0,
    archived_messages  INTEGER NOT NULL DEFAULT 0,
    archived_tokens    INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    CHECK ((kind = 'console') = (telegram_chat_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX chats_by_telegram ON chats (telegram_chat_id, ifnull(telegram_thread_id, 0))
    WHERE telegram_chat_id IS NOT NULL;

CREATE TABLE messages (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id             INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    turn_id             INTEGER,
    role                TEXT    NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    kind                TEXT    NOT NULL CHECK (kind IN ('text', 'command', 'media', 'service')),
    source              TEXT    NOT NULL CHECK (source IN ('telegram', 'console', 'import')),
    author              TEXT,
    author_id           INTEGER,
    telegram_message_id INTEGER,
    reply_to            INTEGER,
    forwarded_from      TEXT,
    -- The newest revision, whose text is the message's.
    revision_id         INTEGER NOT NULL,
    said_at             INTEGER NOT NULL,
    archived_at         INTEGER
) STRICT;

CREATE INDEX messages_by_chat ON messages (chat_id, id);
CREATE INDEX messages_by_turn ON messages (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX messages_archived ON messages (chat_id, id) WHERE archived_at IS NOT NULL;
-- What waits for an answer is found without reading history.
CREATE INDEX messages_unanswered ON messages (chat_id, id)
    WHERE turn_id IS NULL AND role = 'user' AND kind IN ('text', 'media');

-- Every text a message ever had. A row is never changed.
CREATE TABLE revisions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id    INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    text          TEXT    NOT NULL,
    -- Token counts, one column an encoding; null until counted.
    o200k_base    INTEGER,
    cl100k_base   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX revisions_by_message ON revisions (message_id);

-- When a message was put away and brought back, so that any past moment can be shown as it was.
CREATE TABLE archivals (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id  INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    archived_at INTEGER NOT NULL,
    restored_at INTEGER
) STRICT;

CREATE INDEX archivals_by_message ON archivals (message_id);

-- The words of each message, reduced to stems, clustered by chat: recall reads one chat's postings and no other's.
-- There is no index by message, which would double the table: whoever deletes a message finds its words in its text.
CREATE TABLE terms (
    chat_id    INTEGER NOT NULL,
    term       TEXT    NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (chat_id, term, message_id)
) STRICT, WITHOUT ROWID;

-- Updates of each bot already received, so that a redelivered one does nothing.
CREATE TABLE updates (
    bot_id      INTEGER NOT NULL,
    update_id   INTEGER NOT NULL,
    message_id  INTEGER,
    chat_id     INTEGER,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (bot_id, update_id)
) STRICT, WITHOUT ROWID;

-- Settings a person changed, with the time of each change; the newest row of a key is in force, a null value takes
-- the override back. Chat 0 stands for the whole dashboard.
CREATE TABLE settings (
    chat_id INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    set_at  INTEGER NOT NULL,
    value   TEXT,
    PRIMARY KEY (chat_id, key, set_at)
) STRICT, WITHOUT ROWID;
