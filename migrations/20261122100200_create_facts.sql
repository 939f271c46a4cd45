-- Facts of `history_context`, every version of each, and what they rest on.

CREATE TABLE facts (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id        INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    created_at     INTEGER NOT NULL,
    -- Use so far: contexts it was in, and the tokens it cost there.
    uses           INTEGER NOT NULL DEFAULT 0,
    used_tokens    INTEGER NOT NULL DEFAULT 0,
    last_used_turn INTEGER,
    last_used_at   INTEGER
) STRICT;

CREATE INDEX facts_by_chat ON facts (chat_id, id);

-- The version without `expired_at` is the current one; each fact has exactly one.
CREATE TABLE fact_versions (
    fact_id     INTEGER NOT NULL REFERENCES facts (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    kind        TEXT    NOT NULL
        CHECK (kind IN ('identity', 'preference', 'relationship', 'goal', 'event', 'task', 'other')),
    subject     TEXT,
    statement   TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('active', 'pending', 'superseded', 'retracted', 'tombstoned')),
    source      TEXT    NOT NULL CHECK (source IN ('extracted', 'owner', 'chatter', 'imported')),
    confidence  REAL    NOT NULL,
    goal_state  TEXT    CHECK (goal_state IN ('open', 'done', 'dropped')),
    due_at      INTEGER,
    valid_at    INTEGER,
    invalid_at  INTEGER,
    recorded_at INTEGER NOT NULL,
    expired_at  INTEGER,
    PRIMARY KEY (fact_id, version)
) STRICT;

CREATE UNIQUE INDEX fact_versions_current ON fact_versions (fact_id) WHERE expired_at IS NULL;

-- When a fact was pinned and unpinned; the row without `unpinned_at` is the pin in force.
CREATE TABLE pins (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fact_id     INTEGER NOT NULL REFERENCES facts (id) ON DELETE CASCADE,
    pinned_at   INTEGER NOT NULL,
    unpinned_at INTEGER
) STRICT;

CREATE UNIQUE INDEX pins_in_force ON pins (fact_id) WHERE unpinned_at IS NULL;

CREATE TABLE evidence (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fact_id     INTEGER NOT NULL REFERENCES facts (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    message_id  INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    revision_id INTEGER NOT NULL REFERENCES revisions (id) ON DELETE CASCADE,
    quote       TEXT    NOT NULL,
    -- Byte offsets of the quote in the revision's text.
    quote_start INTEGER NOT NULL,
    quote_end   INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX evidence_by_fact ON evidence (fact_id);
CREATE INDEX evidence_by_message ON evidence (message_id);

-- What was deleted and is not to be learnt again: a keyed hash of the statement, and spans of messages. No text.
CREATE TABLE tombstones (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id        INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    fact_id        INTEGER,
    statement_hash BLOB    NOT NULL,
    message_id     INTEGER,
    quote_start    INTEGER,
    quote_end      INTEGER,
    created_at     INTEGER NOT NULL,
    lifted_at      INTEGER
) STRICT;

CREATE INDEX tombstones_by_chat ON tombstones (chat_id);

-- Changes that wait for the owner.
CREATE TABLE proposals (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    fact_id    INTEGER REFERENCES facts (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'accepted', 'rejected')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER
) STRICT;

CREATE INDEX proposals_open ON proposals (chat_id) WHERE state = 'open';
