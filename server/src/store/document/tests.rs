//! Nothing of a chat is forgotten in its document: each table and each column is in it, or is left out for a reason.

use std::collections::BTreeSet;

use sqlx::{Row as _, SqlitePool};

use super::rows::ROWS;
use crate::store::open::MIGRATIONS;

/// Tables that lines of their own tell, by code.
const BY_CODE: [&str; 6] = ["chats", "messages", "revisions", "archivals", "manifests", "prompts"];

/// Tables that are not in a document, and why.
const LEFT_OUT: [(&str, &str); 23] = [
    ("postings", "made again"),
    ("vectors", "made again"),
    ("vector_signs", "made again"),
    ("vector_models", "made again"),
    ("embedded", "made again"),
    ("manifest_prefixes", "made again with the manifests"),
    ("analysis_parts", "of an analysis that is under way"),
    ("errands", "under way"),
    ("previews", "under way"),
    ("updates", "the bot's"),
    ("imports", "the installation's"),
    ("spending_notices", "who was told on which day"),
    ("budget_notices", "who was told on which day"),
    ("model_lessons", "the installation's"),
    ("model_scales", "the installation's"),
    ("installation", "the installation's"),
    ("sessions", "the installation's"),
    ("signin_links", "the installation's"),
    ("strangers", "the installation's"),
    ("sqlite_sequence", "SQLite's"),
    ("sqlite_stat1", "SQLite's"),
    ("sqlite_stat4", "SQLite's"),
    ("_sqlx_migrations", "the schema's"),
];

/// Columns that are not in a document, though their tables are, and why.
const COLUMNS_LEFT_OUT: [(&str, &str, &str); 12] = [
    ("chats", "unreachable", "the bot's"),
    ("chats", "unreachable_since", "the bot's"),
    ("chats", "last_ordinal", "made again"),
    ("chats", "indexed_through", "made again"),
    ("chats", "is_unordered", "made again"),
    ("chats", "renumbered", "made again"),
    ("chats", "is_restoring", "made again"),
    ("forgettings", "facts", "numbers of what is not there"),
    ("forgettings", "taken_up_at", "it is done"),
    ("forgettings", "last_turn_id", "it is done"),
    ("forgettings", "rewritten_at", "it is done"),
    ("forgettings", "error", "it is done"),
];

/// The columns of chats and messages that their lines tell.
const TOLD: [(&str, &[&str]); 6] = [
    (
        "chats",
        &[
            "kind",
            "title",
            "telegram_chat_id",
            "telegram_thread_id",
            "language",
            "trim_mark",
            "live_messages",
            "live_tokens",
            "archived_messages",
            "archived_tokens",
            "created_at",
            "origin",
            "has_unfollowed",
        ],
    ),
    (
        "messages",
        &[
            "turn_id",
            "role",
            "kind",
            "source",
            "author",
            "author_id",
            "telegram_message_id",
            "reply_to",
            "forwarded_from",
            "revision_id",
            "said_at",
            "archived_at",
            "ordinal",
            "quoted",
            "quoted_author",
            "overheard",
            "imported_id",
        ],
    ),
    ("revisions", &["message_id", "text", "o200k_base", "cl100k_base", "created_at"]),
    ("archivals", &["message_id", "archived_at", "restored_at"]),
    ("manifests", &["turn_id", "body", "prefix_id"]),
    ("prompts", &["sha256", "text", "created_at"]),
];

async fn names(pool: &SqlitePool, sql: &str) -> BTreeSet<String> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(pool).await.unwrap();
    rows.into_iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_table_and_column_is_in_a_document_or_is_left_out_for_a_reason() {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    MIGRATIONS.run(&pool).await.unwrap();
    let tables = names(&pool, "SELECT name FROM sqlite_master WHERE type = 'table'").await;
    for table in &tables {
        let rows = ROWS.iter().find(|rows| rows.table == table);
        let is_left_out = LEFT_OUT.iter().any(|(name, _)| name == table);
        let is_told = BY_CODE.contains(&table.as_str());
        assert!(
            rows.is_some() || is_told || is_left_out,
            "the table {table} is neither in `ROWS` nor left out: add it, or say here why a chat's export does without"
        );
        if is_left_out {
            assert!(rows.is_none() && !is_told, "{table} is left out, and is not");
            continue;
        }
        for column in names(&pool, &format!("SELECT name FROM pragma_table_info('{table}')")).await {
            let by_code = TOLD.iter().any(|(name, told)| name == table && told.contains(&column.as_str()));
            let is_told = by_code
                || matches!(column.as_str(), "id" | "chat_id")
                || rows.is_some_and(|rows| rows.cells.iter().any(|(name, _)| *name == column));
            let is_left_out = COLUMNS_LEFT_OUT.iter().any(|(of, name, _)| of == table && *name == column);
            assert!(is_told != is_left_out, "the column {column} of {table} is neither told nor left out, or both");
        }
    }
    let known = ROWS.iter().map(|rows| rows.table).chain(BY_CODE).find(|table| !tables.contains(*table));
    assert_eq!(known, None, "a table that is not there");
}
