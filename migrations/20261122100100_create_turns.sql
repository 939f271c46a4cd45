-- Turns: one user message or burst, its answer, and the frozen manifest of what the model saw.

CREATE TABLE turns (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id           INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    state             TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed', 'stopped')),
    reply_id          INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    model             TEXT,
    encoding          TEXT,
    predicted_tokens  INTEGER,
    reported_tokens   INTEGER,
    cached_tokens     INTEGER,
    completion_tokens INTEGER,
    -- Billionths of a US dollar; null when the price is not known.
    cost_nanousd     INTEGER,
    error             TEXT,
    received_at       INTEGER NOT NULL,
    started_at        INTEGER NOT NULL,
    -- Durations in milliseconds: building the context, and from the request to the first piece of the answer.
    context_ms        INTEGER,
    first_token_ms    INTEGER,
    finished_at       INTEGER,
    -- What became of the reply: composed, sending, sent, unknown, failed.
    delivery          TEXT    CHECK (delivery IN ('composed', 'sending', 'sent', 'unknown', 'failed')),
    delivery_error    TEXT,
    delivered_at      INTEGER
) STRICT;

CREATE INDEX turns_by_chat ON turns (chat_id, id);
CREATE INDEX turns_running ON turns (state) WHERE state = 'running';
CREATE INDEX turns_by_time ON turns (chat_id, started_at);

-- The manifest, deflated JSON; apart from its turn so that lists of turns stay small to read.
CREATE TABLE manifests (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    body    BLOB    NOT NULL
) STRICT;

-- The parts a reply was sent in.
CREATE TABLE deliveries (
    turn_id             INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    part                INTEGER NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('sending', 'sent', 'unknown', 'failed')),
    telegram_message_id INTEGER,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (turn_id, part)
) STRICT, WITHOUT ROWID;

-- Every prompt text ever sent, by hash: what manifests name.
CREATE TABLE prompts (
    sha256     TEXT    PRIMARY KEY,
    text       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What an endpoint was found to refuse, and how its tokenizer compares to ours.
CREATE TABLE model_lessons (
    endpoint   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    quirk      TEXT    NOT NULL,
    learnt_at  INTEGER NOT NULL,
    PRIMARY KEY (endpoint, model, quirk)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_scales (
    model       TEXT    PRIMARY KEY,
    -- Thousandths: 1000 is exact.
    thousandths INTEGER NOT NULL,
    samples     INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
