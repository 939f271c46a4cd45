-- Whole-history analyses: the whole of a chat read again in windows, and a diff of its facts proposed.

CREATE TABLE analyses (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    -- Why it was begun.
    asked_by   TEXT    NOT NULL CHECK (asked_by IN ('owner', 'schedule', 'growth')),
    -- `proposed` has lines that wait for the owner; `abandoned` was begun anew before it was done.
    state      TEXT    NOT NULL CHECK (state IN ('running', 'proposed', 'done', 'undone', 'abandoned')),
    model      TEXT,
    -- The last message it reads.
    through    INTEGER NOT NULL,
    -- How many messages it covers: growth is counted from there.
    messages   INTEGER NOT NULL,
    -- When its windows were made, and when findings and facts were shared out into parts.
    planned_at INTEGER,
    parts_at   INTEGER,
    -- Windows it read itself, and those known from before.
    windows    INTEGER NOT NULL DEFAULT 0,
    known      INTEGER NOT NULL DEFAULT 0,
    -- What the model asked for and was refused.
    refused    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    undone_at  INTEGER
) STRICT;

CREATE INDEX analyses_by_chat ON analyses (chat_id, id);
CREATE UNIQUE INDEX analyses_running ON analyses (chat_id) WHERE state = 'running';

-- The windows of a chat's history, with what was found in each: it serves the next analysis too, unless something in it
-- was changed, put away or forgotten since.
CREATE TABLE analysis_windows (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id          INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    model            TEXT    NOT NULL,
    first_message_id INTEGER NOT NULL,
    last_message_id  INTEGER NOT NULL,
    -- Whether no more fits into it; the last one of a history grows.
    is_full          INTEGER NOT NULL,
    -- As JSON; none until it was read.
    findings         TEXT,
    -- When its messages were read.
    read_at          INTEGER
) STRICT;

CREATE INDEX analysis_windows_by_chat ON analysis_windows (chat_id, first_message_id);

-- What the model is asked of facts and findings, a part at a time. Gone when the diff is there.
CREATE TABLE analysis_parts (
    analysis_id INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    ordinal     INTEGER NOT NULL,
    -- Numbers of facts and of findings, as JSON.
    facts       TEXT    NOT NULL,
    findings    TEXT    NOT NULL,
    -- What it answered, as JSON; none until it was asked.
    operations  TEXT,
    PRIMARY KEY (analysis_id, ordinal)
) STRICT, WITHOUT ROWID;

-- The diff.
CREATE TABLE analysis_lines (
    analysis_id INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    ordinal     INTEGER NOT NULL,
    -- The line with its quotes, as JSON.
    body        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'applied', 'declined', 'outdated', 'undone')),
    decided_at  INTEGER,
    PRIMARY KEY (analysis_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What an applied line did to each fact, so that it can be taken back.
CREATE TABLE analysis_effects (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    analysis_id    INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    line           INTEGER NOT NULL,
    fact_id        INTEGER NOT NULL,
    version_before INTEGER,
    version_after  INTEGER NOT NULL
) STRICT;

CREATE INDEX analysis_effects_by_line ON analysis_effects (analysis_id, line);

-- What the memory model was asked for an analysis, a row a call, with what it took: what it cost is shown with it. What
-- counts against budgets and in the usage is in `spendings`, with all other work on memory.
CREATE TABLE analysis_calls (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    analysis_id       INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    model             TEXT    NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    -- Billionths of a US dollar; null when the price is not known.
    cost_nanousd      INTEGER,
    called_at         INTEGER NOT NULL
) STRICT;

CREATE INDEX analysis_calls_by_analysis ON analysis_calls (analysis_id);

-- An analysis may wait while a chat is being consolidated: one job of a kind a chat; one of them runs at a time.
DROP INDEX jobs_one_a_chat;
CREATE UNIQUE INDEX jobs_one_a_chat ON jobs (chat_id, kind) WHERE state IN ('queued', 'running');
