-- The contexts of a chat's turns begin alike for many turns, so that a provider's cache can serve that part. Their manifests
-- name what stands there once, and each its own rest.
CREATE TABLE manifest_prefixes (
    id      INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    body    BLOB    NOT NULL
) STRICT;

CREATE INDEX manifest_prefixes_by_chat ON manifest_prefixes (chat_id);

-- No reference, since each deletion would have to look through all manifests for it: both go with their chat only.
ALTER TABLE manifests ADD COLUMN prefix_id INTEGER;
