-- What the model looked for with its tool while it answered, and what it was shown: numbers of messages, never their text.
CREATE TABLE model_searches (
    turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    -- The model's words; none when they could not be read, or may hold what was forgotten.
    query   TEXT,
    -- `found`, `nothing`, `above`, `no_room`, `unreadable`, `unknown_tool`, `too_many`, `failed`.
    outcome TEXT    NOT NULL,
    -- The messages it was shown, best first, as JSON; 0 stands for one that was forgotten.
    found   TEXT    NOT NULL DEFAULT '[]',
    -- Raw tokens of the call and of what it came to.
    tokens  INTEGER NOT NULL,
    PRIMARY KEY (turn_id, ordinal)
) STRICT, WITHOUT ROWID;
