-- What work on memory took, call by call, also where nothing came of it: answers have their turns, this has nothing else.
CREATE TABLE spendings (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id           INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    -- The job it was for; null where a person waited for it.
    job_id            INTEGER REFERENCES jobs (id) ON DELETE SET NULL,
    -- consolidation, summary, analysis, digest.
    purpose           TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    cached_tokens     INTEGER,
    completion_tokens INTEGER NOT NULL,
    -- Billionths of a US dollar; null when the price was not known.
    cost_nanousd      INTEGER,
    spent_at          INTEGER NOT NULL
) STRICT;

CREATE INDEX spendings_by_time ON spendings (spent_at);
CREATE INDEX spendings_by_chat ON spendings (chat_id, spent_at);
CREATE INDEX spendings_by_job ON spendings (job_id) WHERE job_id IS NOT NULL;

-- What was kept of it until now.
INSERT INTO spendings (chat_id, purpose, model, prompt_tokens, completion_tokens, spent_at)
SELECT chat_id, 'consolidation', model, prompt_tokens, ifnull(completion_tokens, 0), recorded_at
FROM consolidations WHERE model IS NOT NULL AND prompt_tokens IS NOT NULL ORDER BY id;

-- What all requests of a turn took together, and how many there were, with those that failed and were tried again.
ALTER TABLE turns ADD COLUMN requests INTEGER;
ALTER TABLE turns ADD COLUMN retries INTEGER;
ALTER TABLE turns ADD COLUMN spent_prompt_tokens INTEGER;
ALTER TABLE turns ADD COLUMN spent_cached_tokens INTEGER;
ALTER TABLE turns ADD COLUMN spent_completion_tokens INTEGER;

-- Of which budget the owner and the chat were told on which day; chat 0 is all of them together.
CREATE TABLE spending_notices (
    chat_id INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    -- Null while they have not been told yet.
    told_owner_at INTEGER,
    told_chat_at  INTEGER,
    PRIMARY KEY (chat_id, day, percent)
) STRICT, WITHOUT ROWID;
