-- Digests: summaries of a day or a week, made by themselves. `day` is the first day they are of, in the chat's time zone, so
-- that each is made once.
ALTER TABLE period_summaries ADD COLUMN kind TEXT NOT NULL DEFAULT 'asked' CHECK (kind IN ('asked', 'daily', 'weekly'));
ALTER TABLE period_summaries ADD COLUMN day TEXT;

CREATE UNIQUE INDEX period_summaries_digests ON period_summaries (chat_id, kind, day) WHERE day IS NOT NULL;

-- What Souvenir says in a chat without being asked there and then: digests, and reminders of goals. No text: it is written
-- when it goes out, from the summary or the fact. A row is `sending` before anything goes, so that nothing goes twice.
CREATE TABLE announcements (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    period_id  INTEGER REFERENCES period_summaries (id) ON DELETE CASCADE,
    fact_id    INTEGER REFERENCES facts (id) ON DELETE CASCADE,
    -- When the goal is due: another date is another reminder.
    due_at     INTEGER,
    state      TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'unknown', 'failed')),
    error      TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((period_id IS NULL) <> (fact_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX announcements_by_period ON announcements (period_id) WHERE period_id IS NOT NULL;
CREATE UNIQUE INDEX announcements_by_goal ON announcements (fact_id, due_at) WHERE fact_id IS NOT NULL;
CREATE INDEX announcements_waiting ON announcements (state) WHERE state IN ('due', 'sending');
