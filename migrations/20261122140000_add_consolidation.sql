-- Consolidation: how far each episode is, what each batch did, and how to take it back.

-- The last message that was consolidated. It stays when a consolidation is reverted: what the owner took back is not
-- done again by itself.
ALTER TABLE episodes ADD COLUMN consolidated_through INTEGER;
ALTER TABLE episodes ADD COLUMN reverted_at INTEGER;

-- One row a batch: committed together with everything that the batch changed.
CREATE TABLE consolidations (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id           INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    episode_id        INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    first_message_id  INTEGER NOT NULL,
    last_message_id   INTEGER NOT NULL,
    summary_version   INTEGER NOT NULL,
    model             TEXT,
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    recorded_at       INTEGER NOT NULL,
    reverted_at       INTEGER
) STRICT;

CREATE INDEX consolidations_by_episode ON consolidations (episode_id, id);

-- What became of each operation that the model asked for, the refused ones too.
CREATE TABLE operations (
    consolidation_id INTEGER NOT NULL REFERENCES consolidations (id) ON DELETE CASCADE,
    ordinal          INTEGER NOT NULL,
    op               TEXT    NOT NULL CHECK (op IN ('add', 'update', 'retract')),
    outcome          TEXT    NOT NULL
        CHECK (outcome IN ('added', 'pending', 'confirmed', 'updated', 'retracted', 'proposed', 'refused')),
    reason           TEXT,
    fact_id          INTEGER,
    version_before   INTEGER,
    version_after    INTEGER,
    proposal_id      INTEGER,
    -- The operation as the model asked for it, as JSON.
    body             TEXT    NOT NULL,
    PRIMARY KEY (consolidation_id, ordinal)
) STRICT, WITHOUT ROWID;

ALTER TABLE evidence ADD COLUMN consolidation_id INTEGER;
ALTER TABLE proposals ADD COLUMN consolidation_id INTEGER;

-- One job a chat at a time.
CREATE UNIQUE INDEX jobs_one_a_chat ON jobs (chat_id) WHERE state IN ('queued', 'running');

-- Summaries of the last so many days, made when a person asks.
CREATE TABLE period_summaries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id          INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    days_back        INTEGER NOT NULL,
    text             TEXT    NOT NULL,
    first_message_id INTEGER NOT NULL,
    last_message_id  INTEGER NOT NULL,
    message_count    INTEGER NOT NULL,
    tokens_before    INTEGER NOT NULL,
    tokens_after     INTEGER NOT NULL,
    lost             TEXT    NOT NULL DEFAULT '[]',
    model            TEXT,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX period_summaries_by_chat ON period_summaries (chat_id, days_back, id);
