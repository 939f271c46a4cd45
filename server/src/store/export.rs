//! Everything held about a chat, as JSON lines: for whoever wants it elsewhere, and to be read back.
//!
//! This module is the format, version 1. Each line is an object with a `type`; the first says what this is. Ids are
//! Souvenir's and hold within the document only; times are RFC 3339 in UTC. What can be made again from the rest (vectors,
//! the index of words, the record of turns) is not in it.

use souvenir_memory::{ChatId, Timestamp};

use super::{Result, Store};

impl Store {
    /// The lines of a chat's document, the first one first; none when there is no such chat.
    pub async fn export(&self, chat: ChatId, now: Timestamp) -> Result<Vec<String>> {
        let mut lines = vec![self.export_header(chat, now).await?];
        lines.extend(self.export_settings(chat).await?);
        lines.extend(self.export_messages(chat).await?);
        lines.extend(self.export_facts(chat).await?);
        lines.extend(self.export_summaries(chat).await?);
        Ok(lines)
    }

    async fn export_header(&self, chat: ChatId, now: Timestamp) -> Result<String> {
        let line = sqlx::query_scalar!(
            r#"SELECT json_object('type', 'souvenir', 'version', 1,
                          'exported_at', strftime('%Y-%m-%dT%H:%M:%S', ?2 / 1000, 'unixepoch') || printf('.%03dZ', ?2 % 1000),
                          'chat', json_object('id', id, 'kind', kind, 'title', title, 'telegram_chat_id', telegram_chat_id,
                              'telegram_thread_id', telegram_thread_id, 'language', language,
                              'created_at', strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000, 'unixepoch')
                                  || printf('.%03dZ', created_at % 1000))) AS "line!: String"
               FROM chats WHERE id = ?1"#,
            chat.0,
            now.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(line)
    }

    async fn export_settings(&self, chat: ChatId) -> Result<Vec<String>> {
        let lines = sqlx::query_scalar!(
            r#"SELECT json_object('type', 'setting', 'key', key, 'value', value,
                          'set_at', strftime('%Y-%m-%dT%H:%M:%S', set_at / 1000, 'unixepoch')
                              || printf('.%03dZ', set_at % 1000)) AS "line!: String"
               FROM settings WHERE chat_id = ? ORDER BY set_at, key"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(lines)
    }

    async fn export_messages(&self, chat: ChatId) -> Result<Vec<String>> {
        let lines = sqlx::query_scalar!(
            r#"SELECT json_object('type', 'message', 'id', m.id, 'role', m.role, 'kind', m.kind, 'source', m.source,
                          'author', m.author, 'author_id', m.author_id, 'telegram_message_id', m.telegram_message_id,
                          'reply_to', m.reply_to, 'quoted', m.quoted, 'quoted_author', m.quoted_author,
                          'forwarded_from', m.forwarded_from, 'overheard', json(iif(m.overheard, 'true', 'false')),
                          'said_at', strftime('%Y-%m-%dT%H:%M:%S', m.said_at / 1000, 'unixepoch')
                              || printf('.%03dZ', m.said_at % 1000),
                          'archived', json(iif(m.archived_at IS NULL, 'false', 'true')), 'turn', m.turn_id,
                          'text', (SELECT r.text FROM revisions r WHERE r.id = m.revision_id),
                          'earlier_texts', json((SELECT json_group_array(text) FROM (
                              SELECT r.text AS text FROM revisions r
                              WHERE r.message_id = m.id AND r.id <> m.revision_id ORDER BY r.id)))) AS "line!: String"
               FROM messages m WHERE m.chat_id = ? ORDER BY m.id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(lines)
    }

    async fn export_facts(&self, chat: ChatId) -> Result<Vec<String>> {
        let lines = sqlx::query_scalar!(
            r#"SELECT json_object('type', 'fact', 'id', f.id,
                          'pinned', json(iif(EXISTS (SELECT 1 FROM pins p WHERE p.fact_id = f.id AND p.unpinned_at IS NULL),
                                             'true', 'false')),
                          'versions', json((SELECT json_group_array(json(body)) FROM (
                              SELECT json_object('version', v.version, 'kind', v.kind, 'subject', v.subject,
                                         'statement', v.statement, 'status', v.status, 'source', v.source,
                                         'confidence', v.confidence, 'goal_state', v.goal_state,
                                         'due_at', strftime('%Y-%m-%dT%H:%M:%SZ', v.due_at / 1000, 'unixepoch'),
                                         'valid_at', strftime('%Y-%m-%dT%H:%M:%SZ', v.valid_at / 1000, 'unixepoch'),
                                         'recorded_at', strftime('%Y-%m-%dT%H:%M:%S', v.recorded_at / 1000, 'unixepoch')
                                             || printf('.%03dZ', v.recorded_at % 1000)) AS body
                              FROM fact_versions v WHERE v.fact_id = f.id ORDER BY v.version))),
                          'evidence', json((SELECT json_group_array(json_object('version', e.version,
                                  'message', e.message_id, 'quote', e.quote))
                              FROM evidence e WHERE e.fact_id = f.id))) AS "line!: String"
               FROM facts f WHERE f.chat_id = ? ORDER BY f.id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(lines)
    }

    async fn export_summaries(&self, chat: ChatId) -> Result<Vec<String>> {
        let lines = sqlx::query_scalar!(
            r#"SELECT json_object('type', 'summary', 'episode', e.id, 'text', s.text,
                          'first_message', s.first_message_id, 'last_message', s.covers_through, 'model', s.model,
                          'recorded_at', strftime('%Y-%m-%dT%H:%M:%S', s.recorded_at / 1000, 'unixepoch')
                              || printf('.%03dZ', s.recorded_at % 1000)) AS "line!: String"
               FROM episodes e JOIN summaries s ON s.episode_id = e.id
               WHERE e.chat_id = ? AND s.expired_at IS NULL ORDER BY e.id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(lines)
    }
}
