//! Writing a chat's document, a part at a time: however long the chat is, little of it is in memory.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use souvenir_memory::{ChatId, Timestamp};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::{
    Thing, VERSION, manifests,
    numbers::{Numbers, messages, renumber},
    restore::is_unanswered,
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
    /// 0 is the head, 1 the messages, from 2 on the tables, then the manifests.
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
    numbers: Numbering,
    /// The prompts that were written.
    prompts: HashSet<String>,
}

/// The numbers in the document of all that has some.
#[derive(Debug, Default)]
struct Numbering {
    /// The messages, in order.
    messages: Vec<i64>,
    /// The places of revisions, of messages that have several.
    revisions: HashMap<i64, i64>,
    others: HashMap<Thing, HashMap<i64, i64>>,
}

impl Numbers for Numbering {
    fn of(&self, thing: Thing, number: i64) -> Option<i64> {
        match thing {
            Thing::Message => self.messages.binary_search(&number).ok().map(place),
            other => self.others.get(&other).and_then(|numbers| numbers.get(&number)).copied(),
        }
    }

    fn revision(&self, message: i64, revision: i64) -> Option<i64> {
        self.of(Thing::Message, message).map(|_| self.revisions.get(&revision).copied().unwrap_or(1))
    }

    fn since(&self, number: i64) -> i64 {
        place(self.messages.partition_point(|id| *id < number))
    }

    fn upto(&self, number: i64) -> i64 {
        place(self.messages.partition_point(|id| *id <= number)) - 1
    }
}

/// The number of what comes after so many others.
fn place(before: usize) -> i64 {
    i64::try_from(before).map_or(i64::MAX, |before| before + 1)
}

impl Store {
    /// Begins a chat's document. `instance` names this installation, so that what it wrote is known again.
    pub async fn document(&self, chat: ChatId, instance: &str, now: Timestamp) -> Result<Document> {
        let mut numbers = Numbering::default();
        let mut connection = self.read.acquire().await?;
        for thing in Thing::ALL {
            let ids: Vec<i64> = sqlx::query_scalar(thing.numbers()).bind(chat.0).fetch_all(&mut *connection).await?;
            match thing {
                Thing::Message => numbers.messages = ids,
                other => drop(numbers.others.insert(other, ids.into_iter().zip(1..).collect())),
            }
        }
        let rows = sqlx::query!(
            r#"SELECT r.id AS "id!", (SELECT count(*) FROM revisions o WHERE o.message_id = r.message_id AND o.id <= r.id) AS "place!: i64"
               FROM messages m JOIN revisions r ON r.message_id = m.id
               WHERE m.chat_id = ? AND EXISTS (SELECT 1 FROM revisions o WHERE o.message_id = m.id AND o.id <> m.revision_id)"#,
            chat.0
        )
        .fetch_all(&mut *connection)
        .await?;
        numbers.revisions = rows.into_iter().map(|row| (row.id, row.place)).collect();
        let (store, instance) = (self.clone(), instance.to_owned());
        let (cursor, prompts) = (Some(Cursor::default()), HashSet::new());
        Ok(Document { store, chat, instance, now, cursor, numbers, prompts })
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
                    let told = &mut self.prompts;
                    let (mut lines, count) =
                        manifests::lines(&mut connection, self.chat.0, at.row, &self.numbers, told).await?;
                    let is_end = count < manifests::AT_A_TIME;
                    self.cursor = (!is_end).then_some(Cursor { row: at.row + count, ..at });
                    lines.extend(is_end.then(|| "{\"type\":\"end\"}".to_owned()));
                    return Ok(Some(lines));
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
                      archived_messages, archived_tokens, has_unfollowed, trim_mark, created_at, origin
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
            "trim_mark": row.trim_mark.map(|mark| self.numbers.since(mark)),
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
            let turn = row.turn_id.and_then(|turn| self.number(Thing::Turn, turn));
            // What was not answered when this was written is not answered when it is read.
            let unheard = is_unanswered(turn, &row.role.as_str().into(), &row.kind.as_str().into());
            let mut line = json!({
                "id": self.number(Thing::Message, row.id), "role": row.role, "kind": row.kind, "source": row.source,
                "author": row.author, "author_id": row.author_id, "telegram_message_id": row.telegram_message_id,
                "imported_id": row.imported_id, "reply_to": row.reply_to, "quoted": row.quoted,
                "quoted_author": row.quoted_author, "forwarded_from": row.forwarded_from, "overheard": row.overheard != 0 || unheard,
                "said_at": time(row.said_at), "archived_at": row.archived_at.map(time), "archivals": archivals,
                "turn": turn, "earlier": texts,
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
                    Cell::Body => {
                        let mut body = json_of(value)?;
                        renumber(&mut body, &self.numbers);
                        body
                    }
                    Cell::Messages => {
                        let mut list = json_of(value)?;
                        messages(&mut list, &self.numbers);
                        list
                    }
                    Cell::Since => value.as_i64().map(|id| self.numbers.since(id)).into(),
                    Cell::Upto => value.as_i64().map(|id| self.numbers.upto(id)).into(),
                };
                line.insert((*name).to_owned(), value);
            }
            lines.push(typed(rows.word, &Value::Object(line)));
        }
        Ok(lines)
    }

    /// The number in the document of something; none when it is not there any more.
    fn number(&self, thing: Thing, id: i64) -> Option<i64> {
        self.numbers.of(thing, id)
    }

    /// Where a context starts is said as the number of the first message that is not before it, or the one that would come next.
    fn start(&self, value: &Value) -> Value {
        let Some(start) = value.as_str().and_then(|start| start.parse::<i64>().ok()) else { return value.clone() };
        self.numbers.since(start).to_string().into()
    }
}

fn column(table: &str, name: &str, cell: Cell) -> String {
    match (table, name, cell) {
        // What was under way when this was written is not under way when it is read.
        ("turns", "state", _) => "iif(state = 'running', 'failed', state)".to_owned(),
        ("deliveries", "state", _) => "iif(state = 'sending', 'unknown', state)".to_owned(),
        ("announcements", "state", _) => "iif(state IN ('due', 'sending'), 'unknown', state)".to_owned(),
        // Places of imported messages are the same everywhere; they stay forgotten when their file comes again.
        ("forgettings", "messages", _) => {
            "(SELECT json_group_array(value) FROM json_each(messages) WHERE value < 0)".to_owned()
        }
        ("forgettings", "erased_at", _) => "ifnull(erased_at, forgotten_at)".to_owned(),
        ("turns", "delivery", _) => "iif(delivery IN ('composed', 'sending'), 'unknown', delivery)".to_owned(),
        (_, _, Cell::Bytes) => format!("hex({name})"),
        (_, _, Cell::Revision) => format!(
            "(SELECT count(*) FROM revisions r WHERE r.message_id = {table}.message_id AND r.id <= {table}.{name})"
        ),
        _ => name.to_owned(),
    }
}

/// A line with its type in front, where people look for it.
pub(super) fn typed(word: &str, fields: &Value) -> String {
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

pub(super) fn time(ms: i64) -> String {
    rfc3339(Timestamp(ms))
}

fn time_of(value: &Value) -> Value {
    value.as_i64().map(time).into()
}

pub(super) fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
