-- Episodes, their summaries with receipts, and background jobs.

CREATE TABLE episodes (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id          INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    first_message_id INTEGER NOT NULL,
    last_message_id  INTEGER,
    opened_at        INTEGER NOT NULL,
    closed_at        INTEGER,
    -- Why it closed: idle, reset, topic, asked.
    closed_by        TEXT
) STRICT;

CREATE INDEX episodes_by_chat ON episodes (chat_id, id);
CREATE UNIQUE INDEX episodes_open ON episodes (chat_id) WHERE closed_at IS NULL;

-- The version without `expired_at` is in force. A row is never changed but for its end.
CREATE TABLE summaries (
    episode_id       INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    version          INTEGER NOT NULL,
    text             TEXT    NOT NULL,
    first_message_id INTEGER NOT NULL,
    covers_through   INTEGER NOT NULL,
    model            TEXT,
    tokens_before    INTEGER NOT NULL,
    tokens_after     INTEGER NOT NULL,
    -- What the summary lost: names, numbers, dates and links, as JSON.
    lost             TEXT    NOT NULL DEFAULT '[]',
    recorded_at      INTEGER NOT NULL,
    expired_at       INTEGER,
    PRIMARY KEY (episode_id, version)
) STRICT;

CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id         INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped')),
    payload         TEXT    NOT NULL DEFAULT '{}',
    done            INTEGER NOT NULL DEFAULT 0,
    total           INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    error           TEXT,
    created_at      INTEGER NOT NULL,
    started_at      INTEGER,
    finished_at     INTEGER
) STRICT;

CREATE INDEX jobs_by_chat ON jobs (chat_id, id);
CREATE INDEX jobs_waiting ON jobs (state, next_attempt_at) WHERE state IN ('queued', 'running');
