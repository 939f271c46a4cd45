//! Reading a chat's document back, all of it in one transaction: a crash in the middle leaves nothing behind.

use std::collections::HashMap;

use serde_json::Value;
use souvenir_memory::{ChatId, MessageId, import::place};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};

use super::{
    Thing,
    numbers::{Numbers, messages, renumber},
    rows::{Cell, ROWS, Rows},
};
use crate::{
    clock::parse_rfc3339,
    store::{Result, Store},
};

type Tx = Transaction<'static, Sqlite>;

/// So many messages in a row may have been left out of a document.
const MOST_LEFT_OUT: usize = 100_000;
/// The largest number that anything has in a document, which counts from 1.
const LARGEST: i64 = u32::MAX as i64;

/// What became of a line; the reason when it makes no sense.
pub(super) type Taken = std::result::Result<(), &'static str>;

/// A chat that is being read back.
#[derive(Debug)]
pub struct Restoring {
    pub(super) tx: Tx,
    pub(super) chat: ChatId,
    /// The numbers of its messages, by their numbers in the document.
    pub(super) messages: Vec<i64>,
    /// The first revision of each message, and the later ones by message and place.
    pub(super) revisions: Vec<i64>,
    pub(super) later: HashMap<(i64, i64), i64>,
    /// The number of the message at which the next context begins.
    pub(super) trim_mark: Option<i64>,
    /// By how much the numbers of other things are larger than in the document.
    pub(super) shifts: HashMap<Thing, i64>,
    pub(super) facts: u64,
}

impl Restoring {
    /// The chat.
    #[must_use]
    pub fn chat(&self) -> ChatId {
        self.chat
    }

    /// How many messages and facts were read.
    #[must_use]
    pub fn read(&self) -> (u64, u64) {
        (self.messages.iter().filter(|id| **id != 0).count() as u64, self.facts)
    }

    /// Reads a line; the reason when it makes no sense.
    pub async fn line(&mut self, line: &Value) -> Result<Taken> {
        let Some(word) = line["type"].as_str() else { return Ok(Err("it has no “type”")) };
        match word {
            "message" => return self.message(line).await,
            "prompt" => return self.prompt(line).await,
            "manifest" => return self.manifest(line).await,
            _ => {}
        }
        let Some(rows) = ROWS.iter().find(|rows| rows.word == word) else {
            return Ok(Err("its “type” is none that an export has"));
        };
        self.facts += u64::from(word == "fact");
        match self.row(rows, line).await {
            // One row that refers to what is not there is told and left out.
            Err(crate::store::StoreError::Database(sqlx::Error::Database(_))) => Ok(Err("it does not fit the others")),
            other => other.map(Ok),
        }
    }

    /// Makes it last.
    pub async fn finish(mut self) -> Result<()> {
        let last = i64::try_from(self.messages.len()).unwrap_or(i64::MAX) - 1;
        let mark = self.trim_mark.map(|mark| self.since(mark));
        sqlx::query!("UPDATE chats SET last_ordinal = ?, trim_mark = ? WHERE id = ?", last, mark, self.chat.0)
            .execute(&mut *self.tx)
            .await?;
        Store::commit(self.tx).await
    }

    async fn message(&mut self, line: &Value) -> Result<Taken> {
        let (Some(number), Some(said_at)) = (line["id"].as_i64(), moment(&line["said_at"])) else {
            return Ok(Err("it has no number or no time"));
        };
        if usize::try_from(number) != Ok(self.messages.len()) {
            // Something before it was left out: its number stays empty. A slip in a number leaves out no more than that.
            let next = self.messages.len();
            let following = next + 1..=next + MOST_LEFT_OUT;
            let Some(missing) = usize::try_from(number).ok().filter(|number| following.contains(number)) else {
                return Ok(Err("its number is out of order"));
            };
            self.messages.resize(missing, 0);
            self.revisions.resize(missing, 0);
        }
        let is_imported = line["is_imported"].as_bool() == Some(true);
        let wanted = if is_imported {
            match self.free_place(said_at.div_euclid(1000), line["imported_id"].as_i64().unwrap_or(number)).await? {
                Some(id) => id,
                None => return Ok(Err("its time is none that a message has")),
            }
        } else {
            self.shifts[&Thing::Message] + number
        };
        let turn = line["turn"].as_i64().and_then(|turn| self.shifted(Thing::Turn, turn));
        let text = line.to_string();
        // What was not answered then is not answered now.
        let overheard = line["overheard"].as_bool() == Some(true) || is_unanswered(turn, &line["role"], &line["kind"]);
        let archived = moment(&line["archived_at"]);
        sqlx::query!(
            r#"INSERT INTO messages (id, chat_id, ordinal, turn_id, role, kind, source, author, author_id, telegram_message_id,
                                     imported_id, reply_to, quoted, quoted_author, forwarded_from, overheard, revision_id,
                                     said_at, archived_at)
               SELECT ?1, ?2, ?3, ?4, ?5 ->> '$.role', ?5 ->> '$.kind', ?5 ->> '$.source', ?5 ->> '$.author', ?5 ->> '$.author_id',
                      ?5 ->> '$.telegram_message_id', ?5 ->> '$.imported_id', ?5 ->> '$.reply_to', ?5 ->> '$.quoted',
                      ?5 ->> '$.quoted_author', ?5 ->> '$.forwarded_from', ?6, 0, ?7, ?8"#,
            wanted,
            self.chat.0,
            number,
            turn,
            text,
            overheard,
            said_at,
            archived
        )
        .execute(&mut *self.tx)
        .await?;
        let revisions = self.texts(wanted, is_imported, line, said_at).await?;
        self.revisions.push(revisions[0]);
        self.later.extend((2..).zip(&revisions[1..]).map(|(place, id)| ((number, place), *id)));
        for archival in line["archivals"].as_array().into_iter().flatten() {
            let (from, to) = (moment(&archival[0]).unwrap_or(said_at), moment(&archival[1]));
            sqlx::query!(
                "INSERT INTO archivals (message_id, archived_at, restored_at) VALUES (?, ?, ?)",
                wanted,
                from,
                to
            )
            .execute(&mut *self.tx)
            .await?;
        }
        self.messages.push(wanted);
        Ok(Ok(()))
    }

    /// The texts of a message, the one in force last; gives their numbers.
    async fn texts(&mut self, message: i64, is_imported: bool, line: &Value, said_at: i64) -> Result<Vec<i64>> {
        let mut revisions = Vec::new();
        let earlier = line["earlier"].as_array().into_iter().flatten();
        for (place, text) in earlier.chain([line]).enumerate() {
            let own = (is_imported && place == 0).then_some(message);
            let (words, at) =
                (text["text"].as_str().unwrap_or_default(), moment(&text["written_at"]).unwrap_or(said_at));
            let (o200k, cl100k) = (text["o200k_base"].as_i64(), text["cl100k_base"].as_i64());
            let revision = sqlx::query_scalar!(
                r#"INSERT INTO revisions (id, message_id, text, o200k_base, cl100k_base, created_at) VALUES (?, ?, ?, ?, ?, ?)
                   RETURNING id AS "id!""#,
                own,
                message,
                words,
                o200k,
                cl100k,
                at
            )
            .fetch_one(&mut *self.tx)
            .await?;
            revisions.push(revision);
        }
        let newest = revisions.last().copied();
        sqlx::query!("UPDATE messages SET revision_id = ? WHERE id = ?", newest, message)
            .execute(&mut *self.tx)
            .await?;
        Ok(revisions)
    }

    async fn free_place(&mut self, second: i64, number: i64) -> Result<Option<i64>> {
        let Some(mut id) = place::of(second, number) else { return Ok(None) };
        loop {
            let taken =
                sqlx::query_scalar!("SELECT id FROM messages WHERE id = ?", id.0).fetch_optional(&mut *self.tx).await?;
            if taken.is_none() {
                return Ok(Some(id.0));
            }
            id = place::next(id);
        }
    }

    async fn row(&mut self, rows: &Rows, line: &Value) -> Result<()> {
        let mut names = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        if let Some(thing) = rows.thing {
            names.push("id");
            values.push(self.id(thing, &line["id"]));
        }
        if rows.names_chat {
            names.push("chat_id");
            values.push(self.chat.0.into());
        }
        for (name, cell) in rows.cells {
            names.push(name);
            values.push(self.cell(rows, name, *cell, line).await?);
        }
        let reads: Vec<String> = rows_of(rows, &names);
        let sql = format!("INSERT INTO {} ({}) SELECT {}", rows.table, names.join(", "), reads.join(", "));
        sqlx::query(AssertSqlSafe(sql)).bind(Value::Array(values).to_string()).execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn cell(&mut self, rows: &Rows, name: &str, cell: Cell, line: &Value) -> Result<Value> {
        let value = &line[name];
        Ok(match cell {
            _ if rows.word == "setting" && name == "value" && line["key"] == "context_start" => self.start(value),
            Cell::Plain | Cell::Bytes => value.clone(),
            Cell::Time => moment(value).into(),
            Cell::Of(thing) => self.id(thing, value),
            Cell::Json => value.to_string().into(),
            Cell::Body => {
                let mut body = value.clone();
                renumber(&mut body, self);
                body.to_string().into()
            }
            Cell::Messages => {
                let mut list = value.clone();
                messages(&mut list, self);
                list.to_string().into()
            }
            Cell::Since => value.as_i64().map(|number| self.since(number)).into(),
            Cell::Upto => value.as_i64().map(|number| self.upto(number)).into(),
            Cell::Revision => {
                let message = self.id(Thing::Message, &line["message_id"]).as_i64();
                let before = value.as_i64().unwrap_or(1).max(1) - 1;
                let id = sqlx::query_scalar!(
                    r#"SELECT id AS "id!" FROM revisions WHERE message_id = ? ORDER BY id LIMIT 1 OFFSET ?"#,
                    message,
                    before
                )
                .fetch_optional(&mut *self.tx)
                .await?;
                id.into()
            }
        })
    }

    /// The number here of what has a number in the document.
    pub(super) fn id(&self, thing: Thing, number: &Value) -> Value {
        let Some(number) = number.as_i64() else { return Value::Null };
        if thing != Thing::Message {
            return self.shifted(thing, number).into();
        }
        let known = usize::try_from(number).ok().and_then(|number| self.messages.get(number)).copied();
        known.filter(|id| *id != 0).into()
    }

    /// A number of the document in the database; none where no document has it.
    fn shifted(&self, thing: Thing, number: i64) -> Option<i64> {
        (0..=LARGEST).contains(&number).then(|| self.shifts[&thing] + number)
    }

    /// Where a context starts: a message, or behind the last.
    fn start(&self, value: &Value) -> Value {
        let Some(number) = value.as_str().and_then(|number| number.parse().ok()) else { return value.clone() };
        MessageId(self.since(number)).to_string().into()
    }

    /// The message with a number of the document.
    fn message_at(&self, number: i64) -> Option<i64> {
        let known = usize::try_from(number).ok().and_then(|number| self.messages.get(number)).copied();
        known.filter(|id| *id != 0)
    }
}

impl Numbers for Restoring {
    fn of(&self, thing: Thing, number: i64) -> Option<i64> {
        (number != 0).then(|| self.id(thing, &number.into()).as_i64())?
    }

    fn revision(&self, message: i64, revision: i64) -> Option<i64> {
        let first = usize::try_from(message).ok().and_then(|number| self.revisions.get(number)).copied();
        let first = first.filter(|id| *id != 0);
        if revision <= 1 { first } else { self.later.get(&(message, revision)).copied().or(first) }
    }

    fn since(&self, number: i64) -> i64 {
        self.message_at(number).unwrap_or_else(|| self.messages.last().copied().unwrap_or(0) + 1)
    }

    fn upto(&self, number: i64) -> i64 {
        let before_all = || self.message_at(1).map_or(0, |first| first - 1);
        self.message_at(number).unwrap_or_else(before_all)
    }
}

/// Whether a message would wait for an answer.
pub(super) fn is_unanswered(turn: Option<i64>, role: &Value, kind: &Value) -> bool {
    turn.is_none() && role == "user" && (kind == "text" || kind == "media")
}

/// How each column is read from the list of values.
fn rows_of(rows: &Rows, names: &[&str]) -> Vec<String> {
    let is_bytes = |name: &str| rows.cells.iter().any(|(cell, of)| *cell == name && *of == Cell::Bytes);
    let read = |(place, name): (usize, &&str)| {
        if is_bytes(name) { format!("unhex(?1 ->> {place})") } else { format!("?1 ->> {place}") }
    };
    names.iter().enumerate().map(read).collect()
}

pub(super) fn moment(value: &Value) -> Option<i64> {
    value.as_str().and_then(parse_rfc3339).map(|at| at.0)
}
