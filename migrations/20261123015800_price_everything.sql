-- Vectors, transcriptions and trials are paid for like the rest. What is for no chat in particular has none, and recordings are
-- paid for by their length.
CREATE TABLE spendings_of_all (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Null for what is for no chat: a model that is tried out, the first vectors of a model.
    chat_id           INTEGER REFERENCES chats (id) ON DELETE CASCADE,
    -- The job it was for; null where a person waited for it.
    job_id            INTEGER REFERENCES jobs (id) ON DELETE SET NULL,
    -- consolidation, summary, analysis, digest; embedding, transcription, test; forgotten answers.
    purpose           TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    cached_tokens     INTEGER,
    completion_tokens INTEGER NOT NULL,
    -- How long a recording was, where that was known.
    seconds           INTEGER,
    -- Billionths of a US dollar; null when the price was not known.
    cost_nanousd      INTEGER,
    spent_at          INTEGER NOT NULL,
    -- Who asked for it; null for work that nobody asked for by name. Their daily budget pays for it.
    asked_by          INTEGER
) STRICT;

INSERT INTO spendings_of_all (id, chat_id, job_id, purpose, model, prompt_tokens, cached_tokens, completion_tokens,
                              cost_nanousd, spent_at, asked_by)
SELECT id, chat_id, job_id, purpose, model, prompt_tokens, cached_tokens, completion_tokens, cost_nanousd, spent_at, asked_by
FROM spendings;
DROP TABLE spendings;
ALTER TABLE spendings_of_all RENAME TO spendings;

CREATE INDEX spendings_by_time ON spendings (spent_at);
CREATE INDEX spendings_by_chat ON spendings (chat_id, spent_at);
CREATE INDEX spendings_by_job ON spendings (job_id) WHERE job_id IS NOT NULL;

-- How long a recording is, as whoever brought it says.
ALTER TABLE attachments ADD COLUMN seconds INTEGER;
