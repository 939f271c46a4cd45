//! Files that are to be imported. A command line that finds Souvenir running writes down what it wants, and that one does it.

use std::path::Path;

use souvenir_memory::{ChatId, Timestamp};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::store::{JobState, Result, Store, name};

/// How far an import is.
pub type ImportState = JobState;

/// How long to wait for another program's lock.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A file to be imported.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// Where it is.
    pub path: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// Whether it is a copy of ours, which goes when it was read.
    pub is_copy: bool,
    /// The chat to go to; otherwise what was exported says.
    pub chat: Option<ChatId>,
    /// Whether what came is to be summed up at once.
    pub consolidate: bool,
    /// How large it is.
    pub bytes: u64,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its number.
    pub id: i64,
    /// Where the file is; none once it is not needed.
    pub path: Option<String>,
    /// What it is called.
    pub name: String,
    /// Whether it is a copy of ours.
    pub is_copy: bool,
    /// The chat that was asked for.
    pub chat: Option<ChatId>,
    /// Whether what came is to be summed up at once.
    pub consolidate: bool,
    /// How far it is.
    pub state: ImportState,
    /// Bytes read.
    pub done_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// What came of it so far, as JSON.
    pub report: String,
    /// Why it ended early.
    pub error: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

struct Row {
    id: i64,
    path: Option<String>,
    name: String,
    is_copy: i64,
    chat_id: Option<i64>,
    consolidate: i64,
    state: String,
    done_bytes: i64,
    total_bytes: i64,
    report: String,
    error: Option<String>,
    asked_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<Row> for ImportRecord {
    type Error = crate::store::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            path: row.path,
            name: row.name,
            is_copy: row.is_copy != 0,
            chat: row.chat_id.map(ChatId),
            consolidate: row.consolidate != 0,
            state: name(&row.state)?,
            done_bytes: row.done_bytes.unsigned_abs(),
            total_bytes: row.total_bytes.unsigned_abs(),
            report: row.report,
            error: row.error,
            asked_at: Timestamp(row.asked_at),
            finished_at: row.finished_at.map(Timestamp),
        })
    }
}

impl Store {
    /// Writes down what is to be imported; gives its number.
    pub async fn queue_import(&self, new: NewImport<'_>, now: Timestamp) -> Result<i64> {
        let mut connection = self.write.acquire().await?;
        queue(&mut connection, new, now).await
    }

    /// The import that waits longest.
    pub async fn next_import(&self) -> Result<Option<ImportRecord>> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", path, name, is_copy, chat_id, consolidate, state, done_bytes, total_bytes, report, error,
                      asked_at, finished_at
               FROM imports WHERE state = 'queued' ORDER BY id LIMIT 1"#
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(ImportRecord::try_from).transpose()
    }

    /// One import.
    pub async fn import(&self, id: i64) -> Result<Option<ImportRecord>> {
        Ok(self.imports(Some(id.saturating_add(1)), 1).await?.into_iter().find(|record| record.id == id))
    }

    /// Imports, newest first, those before `cursor`.
    pub async fn imports(&self, cursor: Option<i64>, most: u32) -> Result<Vec<ImportRecord>> {
        let before = cursor.unwrap_or(i64::MAX);
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", path, name, is_copy, chat_id, consolidate, state, done_bytes, total_bytes, report, error,
                      asked_at, finished_at
               FROM imports WHERE id < ? ORDER BY id DESC LIMIT ?"#,
            before,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(ImportRecord::try_from).collect()
    }

    /// Begins an import that waits; false when it no longer does.
    pub async fn begin_import(&self, id: i64, now: Timestamp) -> Result<bool> {
        let changed = sqlx::query!(
            "UPDATE imports SET state = 'running', started_at = ifnull(started_at, ?) WHERE id = ? AND state = 'queued'",
            now.0,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Keeps how far an import is; false when somebody stopped it.
    pub async fn import_got_on(&self, id: i64, (done, total): (u64, u64), report: &str) -> Result<bool> {
        let (done, total) = (done.cast_signed(), total.cast_signed());
        let changed = sqlx::query!(
            "UPDATE imports SET done_bytes = ?, total_bytes = ?, report = ? WHERE id = ? AND state = 'running'",
            done,
            total,
            report,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Ends an import that waits or runs; false when it had ended.
    pub async fn end_import(&self, id: i64, state: ImportState, error: Option<&str>, now: Timestamp) -> Result<bool> {
        let state = state.as_str();
        let changed = sqlx::query!(
            r#"UPDATE imports SET state = ?, error = ?, finished_at = ?, path = NULL
               WHERE id = ? AND state IN ('queued', 'running')"#,
            state,
            error,
            now.0,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Imports that a stop cut off wait again; gives how many.
    pub async fn recover_imports(&self) -> Result<u64> {
        let changed =
            sqlx::query!("UPDATE imports SET state = 'queued' WHERE state = 'running'").execute(&self.write).await?;
        Ok(changed.rows_affected())
    }

    /// The copies that are still needed.
    pub async fn import_copies(&self) -> Result<Vec<String>> {
        let paths =
            sqlx::query_scalar!(r#"SELECT path AS "path!" FROM imports WHERE is_copy = 1 AND path IS NOT NULL"#)
                .fetch_all(&self.read)
                .await?;
        Ok(paths)
    }
}

/// A connection of its own, beside whoever has the database open, for asking it to import.
#[derive(Debug)]
pub struct ImportRequest {
    db: SqliteConnection,
}

impl ImportRequest {
    /// Opens the database at `path`, which is there and up to date.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(PATIENCE);
        Ok(Self { db: SqliteConnection::connect_with(&options).await? })
    }

    /// Writes down what is to be imported; gives its number.
    pub async fn ask(&mut self, new: NewImport<'_>, now: Timestamp) -> Result<i64> {
        queue(&mut self.db, new, now).await
    }

    /// How far it is.
    pub async fn look(&mut self, id: i64) -> Result<ImportRecord> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", path, name, is_copy, chat_id, consolidate, state, done_bytes, total_bytes, report, error,
                      asked_at, finished_at
               FROM imports WHERE id = ?"#,
            id
        )
        .fetch_one(&mut self.db)
        .await?;
        row.try_into()
    }

    /// Takes a request back unless somebody has begun with it; says whether it was.
    pub async fn withdraw(&mut self, id: i64) -> Result<bool> {
        let gone =
            sqlx::query!("DELETE FROM imports WHERE id = ? AND state = 'queued'", id).execute(&mut self.db).await?;
        Ok(gone.rows_affected() > 0)
    }
}

async fn queue(db: &mut SqliteConnection, new: NewImport<'_>, now: Timestamp) -> Result<i64> {
    let (chat, bytes) = (new.chat.map(|chat| chat.0), new.bytes.cast_signed());
    let id = sqlx::query_scalar!(
        r#"INSERT INTO imports (path, name, is_copy, chat_id, consolidate, state, total_bytes, asked_at)
           VALUES (?, ?, ?, ?, ?, 'queued', ?, ?) RETURNING id AS "id!""#,
        new.path,
        new.name,
        new.is_copy,
        chat,
        new.consolidate,
        bytes,
        now.0
    )
    .fetch_one(db)
    .await?;
    Ok(id)
}
