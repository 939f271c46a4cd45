-- Who may come in: sessions of the dashboard, one-time links, strangers met, and what the process keeps for itself.

CREATE TABLE sessions (
    id         TEXT    PRIMARY KEY,
    data       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One-time sign-in links, by the SHA-256 of their token.
CREATE TABLE signin_links (
    token_sha256 BLOB    PRIMARY KEY,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Strangers who were refused once: a keyed hash of their id, for a while.
CREATE TABLE strangers (
    id_hash    BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The installation's own values: the key of the hashes above, the paired owner.
CREATE TABLE installation (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
