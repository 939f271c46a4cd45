-- Vectors: which messages are near each other in meaning. All of it can be made again from the messages.

-- A model that makes them. One name with other dimensions is another model.
CREATE TABLE vector_models (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL,
    dimensions   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    -- When every message there was had its vector; the vectors of other models went then.
    completed_at INTEGER,
    UNIQUE (name, dimensions)
) STRICT;

-- How far a model has got in a chat.
CREATE TABLE embedded (
    model_id INTEGER NOT NULL,
    chat_id  INTEGER NOT NULL,
    -- The last ordinal that was looked at.
    through  INTEGER NOT NULL,
    PRIMARY KEY (model_id, chat_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX embedded_by_chat ON embedded (chat_id);

-- The signs of a chat's vectors, those of up to 256 ordinals in a row, since all of them are read for each question: for each
-- message its ordinal's place in the block (a byte), then a bit a dimension.
CREATE TABLE vector_signs (
    chat_id  INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    block    INTEGER NOT NULL,
    signs    BLOB    NOT NULL,
    PRIMARY KEY (chat_id, model_id, block)
) STRICT, WITHOUT ROWID;

-- Each vector nearly as it was, a byte a dimension: read for the best by their signs.
CREATE TABLE vectors (
    id       INTEGER PRIMARY KEY,
    chat_id  INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    steps    BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX vectors_by_message ON vectors (chat_id, model_id, ordinal);
