//! Writing a chat's document, a part at a time: however long the chat is, little of it is in memory.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use souvenir_memory::{ChatId, Timestamp};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::{
    Thing, VERSION,
    rows::{Cell, ROWS, Rows},
};
use crate::{
    clock::rfc3339,
    store::{Result, Store, StoreError},
};

/// How many rows are read at a time.
const AT_A_TIME: i64 = 500;

/// Where writing a document goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// 0 is the head, 1 the messages, from 2 on the tables.
    part: usize,
    /// Rows of the part that are written.
    row: i64,
    /// The last message written.
    last: i64,
}

/// A chat's document while it is written.
#[derive(Debug)]
pub struct Document {
    store: Store,
    chat: ChatId,
    /// The name of this installation.
    instance: String,
    now: Timestamp,
    cursor: Option<Cursor>,
    numbers: HashMap<Thing, HashMap<i64, i64>>,
}

impl Store {
    /// Begins a chat's document. `instance` names this installation, so that what it wrote is known again.
    pub async fn document(&self, chat: ChatId, instance: &str, now: Timestamp) -> Result<Document> {
        let mut numbers = HashMap::new();
        let mut connection = self.read.acquire().await?;
        for thing in Thing::ALL {
            let ids: Vec<i64> = sqlx::query_scalar(thing.numbers()).bind(chat.0).fetch_all(&mut *connection).await?;
            numbers.insert(thing, ids.into_iter().zip(1..).collect());
        }
        let (store, instance) = (self.clone(), instance.to_owned());
        Ok(Document { store, chat, instance, now, cursor: Some(Cursor::default()), numbers })
    }
}

impl Document {
    /// The next lines; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<String>>> {
        let Some(at) = self.cursor else { return Ok(None) };
        let mut connection = self.store.read.acquire().await?;
        let (lines, next) = match at.part {
            0 => (vec![self.head(&mut connection).await?], Some(Cursor { part: 1, row: 0, last: i64::MIN })),
            1 => {
                let (lines, last) = self.messages(&mut connection, at.last).await?;
                (lines, Some(last.map_or(Cursor { part: 2, row: 0, last: 0 }, |last| Cursor { last, ..at })))
            }
            part => {
                let Some(rows) = ROWS.get(part - 2) else {
                    self.cursor = None;
                    return Ok(Some(vec!["{\"type\":\"end\"}".to_owned()]));
                };
                let lines = self.table(&mut connection, rows, at.row).await?;
                let is_end = (lines.len() as i64) < AT_A_TIME;
                let row = if is_end { 0 } else { at.row + AT_A_TIME };
                (lines, Some(Cursor { part: part + usize::from(is_end), row, last: 0 }))
            }
        };
        self.cursor = next;
        Ok(Some(lines))
    }

    async fn head(&self, db: &mut SqliteConnection) -> Result<String> {
        let row = sqlx::query!(
            r#"SELECT kind, title, telegram_chat_id, telegram_thread_id, language, live_messages, live_tokens,
                      archived_messages, archived_tokens, has_unfollowed, created_at, origin
               FROM chats WHERE id = ?"#,
            self.chat.0
        )
        .fetch_one(db)
        .await?;
        let origin = row.origin.unwrap_or_else(|| format!("souvenir:{}:{}", self.instance, self.chat));
        let chat = json!({
            "origin": origin, "kind": row.kind, "title": row.title, "telegram_chat_id": row.telegram_chat_id,
            "telegram_thread_id": row.telegram_thread_id, "language": row.language, "created_at": time(row.created_at),
            "live_messages": row.live_messages, "live_tokens": row.live_tokens, "archived_messages": row.archived_messages,
            "archived_tokens": row.archived_tokens, "has_unfollowed": row.has_unfollowed,
        });
        // `json!` would put the type last.
        Ok(format!(
            "{{\"type\":\"souvenir\",\"version\":{VERSION},\"exported_at\":\"{}\",\"chat\":{chat}}}",
            rfc3339(self.now)
        ))
    }

    /// Messages after one; with the last of them, unless there are none.
    async fn messages(&self, db: &mut SqliteConnection, after: i64) -> Result<(Vec<String>, Option<i64>)> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.turn_id, m.role, m.kind, m.source, m.author, m.author_id, m.telegram_message_id,
                      m.imported_id, m.reply_to, m.quoted, m.quoted_author, m.forwarded_from, m.overheard, m.said_at, m.archived_at,
                      (SELECT json_group_array(json_array(text, created_at, o200k_base, cl100k_base)) FROM (
                          SELECT * FROM revisions r WHERE r.message_id = m.id ORDER BY r.id)) AS "texts!: String",
                      (SELECT json_group_array(json_array(archived_at, restored_at)) FROM (
                          SELECT * FROM archivals a WHERE a.message_id = m.id ORDER BY a.id)) AS "archivals!: String"
               FROM messages m WHERE m.chat_id = ? AND m.id > ? ORDER BY m.id LIMIT ?"#,
            self.chat.0,
            after,
            AT_A_TIME
        )
        .fetch_all(db)
        .await?;
        let last = rows.last().map(|row| row.id);
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let mut texts: Vec<Value> = read(&row.texts)?.into_iter().map(revision).collect();
            let current = texts.pop().unwrap_or_default();
            let archivals: Vec<Value> = read(&row.archivals)?
                .into_iter()
                .map(|cells| json!([time_of(&cells[0]), time_of(&cells[1])]))
                .collect();
            let mut line = json!({
                "id": self.number(Thing::Message, row.id), "role": row.role, "kind": row.kind, "source": row.source,
                "author": row.author, "author_id": row.author_id, "telegram_message_id": row.telegram_message_id,
                "imported_id": row.imported_id, "reply_to": row.reply_to, "quoted": row.quoted,
                "quoted_author": row.quoted_author, "forwarded_from": row.forwarded_from, "overheard": row.overheard != 0,
                "said_at": time(row.said_at), "archived_at": row.archived_at.map(time), "archivals": archivals,
                "turn": row.turn_id.and_then(|turn| self.number(Thing::Turn, turn)), "earlier": texts,
                "is_imported": row.id < 0,
            });
            if let (Some(line), Value::Object(current)) = (line.as_object_mut(), current) {
                line.extend(current);
            }
            lines.push(typed("message", &line));
        }
        Ok((lines, last))
    }

    async fn table(&self, db: &mut SqliteConnection, rows: &Rows, after: i64) -> Result<Vec<String>> {
        let columns: Vec<String> = rows.cells.iter().map(|(name, cell)| column(rows.table, name, *cell)).collect();
        let id = rows.thing.map_or("NULL", |_| "id");
        let sql = format!(
            "SELECT json_array({id}, {}) FROM {} WHERE {} LIMIT {AT_A_TIME} OFFSET {after}",
            columns.join(", "),
            rows.table,
            rows.of_chat
        );
        let found = sqlx::query(AssertSqlSafe(sql)).bind(self.chat.0).fetch_all(db).await?;
        let mut lines = Vec::with_capacity(found.len());
        for row in found {
            let cells: Vec<Value> = serde_json::from_str(row.try_get(0)?).map_err(corrupt)?;
            let mut line = Map::new();
            if let Some((thing, id)) = rows.thing.zip(cells[0].as_i64()) {
                line.insert("id".to_owned(), self.number(thing, id).into());
            }
            let is_start = rows.word == "setting" && cells[1] == "context_start";
            for ((name, cell), value) in rows.cells.iter().zip(&cells[1..]) {
                let value = match cell {
                    _ if is_start && *name == "value" => self.start(value),
                    Cell::Plain | Cell::Bytes | Cell::Revision => value.clone(),
                    Cell::Time => time_of(value),
                    Cell::Of(thing) => value.as_i64().and_then(|id| self.number(*thing, id)).into(),
                    Cell::Json => json_of(value)?,
                    Cell::Body => self.body(json_of(value)?),
                };
                line.insert((*name).to_owned(), value);
            }
            lines.push(typed(rows.word, &Value::Object(line)));
        }
        Ok(lines)
    }

    /// The number in the document of something; none when it is not there any more.
    fn number(&self, thing: Thing, id: i64) -> Option<i64> {
        self.numbers.get(&thing).and_then(|numbers| numbers.get(&id)).copied()
    }

    /// Where a context starts is said as the number of the first message that is not before it, or the one that would come next.
    fn start(&self, value: &Value) -> Value {
        let Some(start) = value.as_str().and_then(|start| start.parse::<i64>().ok()) else { return value.clone() };
        let messages = self.numbers.get(&Thing::Message);
        let before = messages.into_iter().flatten().filter(|(id, _)| **id < start).count();
        (before + 1).to_string().into()
    }

    /// What a model asked for, with numbers of the document.
    fn body(&self, mut body: Value) -> Value {
        renumber(&mut body, &|thing, id| self.number(thing, id));
        body
    }
}

/// Gives the messages and facts that a body names other numbers. Those that are not there any more are 0.
pub(super) fn renumber(body: &mut Value, number: &dyn Fn(Thing, i64) -> Option<i64>) {
    match body {
        Value::Array(all) => all.iter_mut().for_each(|one| renumber(one, number)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let thing = match name.as_str() {
                    "message" | "message_id" => Some(Thing::Message),
                    "fact" | "fact_id" => Some(Thing::Fact),
                    _ => None,
                };
                match thing.zip(value.as_i64()) {
                    Some((thing, id)) => *value = number(thing, id).unwrap_or(0).into(),
                    None => renumber(value, number),
                }
            }
        }
        _ => {}
    }
}

fn column(table: &str, name: &str, cell: Cell) -> String {
    match (table, name, cell) {
        // What was under way when this was written is not under way when it is read.
        ("turns", "state", _) => "iif(state = 'running', 'failed', state)".to_owned(),
        ("turns", "delivery", _) => "iif(delivery IN ('composed', 'sending'), 'unknown', delivery)".to_owned(),
        (_, _, Cell::Bytes) => format!("hex({name})"),
        (_, _, Cell::Revision) => format!(
            "(SELECT count(*) FROM revisions r WHERE r.message_id = {table}.message_id AND r.id <= {table}.{name})"
        ),
        _ => name.to_owned(),
    }
}

/// A line with its type in front, where people look for it.
fn typed(word: &str, fields: &Value) -> String {
    let fields = fields.to_string();
    format!("{{\"type\":\"{word}\",{}", fields.strip_prefix('{').unwrap_or(&fields))
}

fn revision(cells: Vec<Value>) -> Value {
    let [text, at, o200k, cl100k] = <[Value; 4]>::try_from(cells).unwrap_or_default();
    json!({"text": text, "written_at": time_of(&at), "o200k_base": o200k, "cl100k_base": cl100k})
}

fn read(cells: &str) -> Result<Vec<Vec<Value>>> {
    serde_json::from_str(cells).map_err(corrupt)
}

fn json_of(value: &Value) -> Result<Value> {
    value.as_str().map_or(Ok(Value::Null), |text| serde_json::from_str(text).map_err(corrupt))
}

fn time(ms: i64) -> String {
    rfc3339(Timestamp(ms))
}

fn time_of(value: &Value) -> Value {
    value.as_i64().map(time).into()
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
