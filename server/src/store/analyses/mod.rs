//! Whole-history analyses as they are kept: what was begun, what each window said, the diff, and what it did to facts.
//!
//! [`steps`] stores each step of one in a transaction of its own, before the next is begun, so that a crash costs one
//! call to a model at most. [`lines`] carries lines out and takes them back. What is read for pages is here.

mod lines;
mod steps;

use souvenir_memory::{
    AnalysisId, ChatId, FactId, MessageId, RevisionId, Timestamp, TokenCount,
    analysis::{Declined, Finding, Known, Line, RefusedLine},
    consolidation::Evidence,
};
pub use steps::{CallRecord, Finish, NewWindow, PartRecord, WindowRecord};

use super::{Result, Store, StoreError, count, name};

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Its name in the database and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text { $($text => Ok(Self::$variant),)+ other => Err(format!("{}: {other}", stringify!($name))) }
            }
        }
    };
}

names!(
    /// How far an analysis is.
    AnalysisState {
        /// It is being made, or waits for that.
        Running = "running",
        /// Lines of it wait for the owner.
        Proposed = "proposed",
        /// Nothing of it waits.
        Done = "done",
        /// What it did was taken back.
        Undone = "undone",
        /// It was begun anew before it was done.
        Abandoned = "abandoned",
    }
);

names!(
    /// Why an analysis was begun.
    AskedBy {
        /// A person asked.
        Owner = "owner",
        /// The day's time had come.
        Schedule = "schedule",
        /// The history had grown.
        Growth = "growth",
    }
);

names!(
    /// What became of a line.
    LineState {
        /// It waits.
        Open = "open",
        /// It was carried out.
        Applied = "applied",
        /// It was turned down.
        Declined = "declined",
        /// The fact has changed since: it cannot be carried out any more.
        Outdated = "outdated",
        /// It was carried out and taken back.
        Undone = "undone",
    }
);

/// An analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisRecord {
    /// Its number.
    pub id: AnalysisId,
    /// Whose history.
    pub chat: ChatId,
    /// Why it was begun.
    pub asked_by: AskedBy,
    /// How far it is.
    pub state: AnalysisState,
    /// The model asked.
    pub model: Option<String>,
    /// The last message it reads.
    pub through: MessageId,
    /// How many messages it covers.
    pub messages: u32,
    /// Whether its windows were made.
    pub is_planned: bool,
    /// Whether findings and facts were shared out.
    pub has_parts: bool,
    /// Windows that are read for it.
    pub windows: u32,
    /// Windows of which all is known from before.
    pub known: u32,
    /// Steps done: windows and parts.
    pub steps_done: u32,
    /// Steps in all, as far as is known.
    pub steps: u32,
    /// How much of what the model asked for was refused.
    pub refused: u32,
    /// Why, for each; none for analyses of earlier versions.
    pub refusals: Vec<RefusedLine>,
    /// What its calls took: prompts and answers, in the endpoint's tokens.
    pub usage: (u64, u64),
    /// What they cost, in billionths of a dollar; none where a price is not known.
    pub cost_nanousd: Option<u64>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the diff was there.
    pub finished_at: Option<Timestamp>,
    /// When what it did was taken back.
    pub undone_at: Option<Timestamp>,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRecord {
    /// Its number within the analysis, from 1.
    pub ordinal: u32,
    /// What it says.
    pub line: Line,
    /// What became of it.
    pub state: LineState,
    /// When.
    pub decided_at: Option<Timestamp>,
}

struct Row {
    id: i64,
    chat_id: i64,
    asked_by: String,
    state: String,
    model: Option<String>,
    through: i64,
    messages: i64,
    planned_at: Option<i64>,
    parts_at: Option<i64>,
    windows: i64,
    known: i64,
    windows_left: i64,
    parts: i64,
    parts_left: i64,
    refused: i64,
    refusals: String,
    prompt_tokens: i64,
    completion_tokens: i64,
    cost: Option<i64>,
    unpriced: i64,
    created_at: i64,
    finished_at: Option<i64>,
    undone_at: Option<i64>,
}

impl TryFrom<Row> for AnalysisRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let state: AnalysisState = name(&row.state)?;
        // The last question, what is to become of the facts, is one step at least.
        let (windows, parts) = (count(row.windows), count(row.parts).max(1));
        let left = match state {
            AnalysisState::Running if row.planned_at.is_none() => windows + parts,
            AnalysisState::Running if row.parts_at.is_none() => count(row.windows_left) + parts,
            AnalysisState::Running => count(row.windows_left) + count(row.parts_left),
            _ => 0,
        };
        Ok(Self {
            id: AnalysisId(row.id),
            chat: ChatId(row.chat_id),
            asked_by: name(&row.asked_by)?,
            state,
            model: row.model,
            through: MessageId(row.through),
            messages: count(row.messages),
            is_planned: row.planned_at.is_some(),
            has_parts: row.parts_at.is_some(),
            windows,
            known: count(row.known),
            steps_done: (windows + parts).saturating_sub(left),
            steps: windows + parts,
            refused: count(row.refused),
            // What an export of an earlier version brought says nothing.
            refusals: read::<Option<Vec<RefusedLine>>>(&row.refusals)?.unwrap_or_default(),
            usage: (row.prompt_tokens.unsigned_abs(), row.completion_tokens.unsigned_abs()),
            cost_nanousd: (row.unpriced == 0).then(|| row.cost.unwrap_or_default().unsigned_abs()),
            created_at: Timestamp(row.created_at),
            finished_at: row.finished_at.map(Timestamp),
            undone_at: row.undone_at.map(Timestamp),
        })
    }
}

impl Store {
    /// The analyses of a chat, newest first, those before `cursor`.
    pub async fn analyses(&self, chat: ChatId, cursor: Option<AnalysisId>, most: u32) -> Result<Vec<AnalysisRecord>> {
        let before = cursor.map_or(i64::MAX, |cursor| cursor.0);
        sqlx::query_as!(
            Row,
            r#"SELECT a.id AS "id!", a.chat_id, a.asked_by, a.state, a.model, a.through, a.messages, a.planned_at, a.parts_at,
                      a.windows, a.known,
                      (SELECT count(*) FROM analysis_windows w WHERE w.chat_id = a.chat_id AND w.findings IS NULL)
                          AS "windows_left!: i64",
                      (SELECT count(*) FROM analysis_parts p WHERE p.analysis_id = a.id) AS "parts!: i64",
                      (SELECT count(*) FROM analysis_parts p WHERE p.analysis_id = a.id AND p.operations IS NULL)
                          AS "parts_left!: i64",
                      a.refused, a.refusals,
                      (SELECT ifnull(sum(c.prompt_tokens), 0) FROM analysis_calls c WHERE c.analysis_id = a.id)
                          AS "prompt_tokens!: i64",
                      (SELECT ifnull(sum(c.completion_tokens), 0) FROM analysis_calls c WHERE c.analysis_id = a.id)
                          AS "completion_tokens!: i64",
                      (SELECT sum(c.cost_nanousd) FROM analysis_calls c WHERE c.analysis_id = a.id) AS "cost: i64",
                      (SELECT count(*) FROM analysis_calls c WHERE c.analysis_id = a.id AND c.cost_nanousd IS NULL)
                          AS "unpriced!: i64",
                      a.created_at, a.finished_at, a.undone_at
               FROM analyses a WHERE a.chat_id = ? AND a.id < ? ORDER BY a.id DESC LIMIT ?"#,
            chat.0,
            before,
            most
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(AnalysisRecord::try_from)
        .collect()
    }

    /// One analysis of a chat.
    pub async fn analysis(&self, chat: ChatId, id: AnalysisId) -> Result<Option<AnalysisRecord>> {
        let next = AnalysisId(id.0.saturating_add(1));
        Ok(self.analyses(chat, Some(next), 1).await?.into_iter().find(|found| found.id == id))
    }

    /// The analysis of a chat that is being made, or waits for that.
    pub async fn running_analysis(&self, chat: ChatId) -> Result<Option<AnalysisRecord>> {
        let newest = self.analyses(chat, None, 1).await?.pop();
        Ok(newest.filter(|found| found.state == AnalysisState::Running))
    }

    /// The lines of an analysis, in their order.
    pub async fn analysis_lines(&self, id: AnalysisId) -> Result<Vec<LineRecord>> {
        let rows = sqlx::query!(
            "SELECT ordinal, body, state, decided_at FROM analysis_lines WHERE analysis_id = ? ORDER BY ordinal",
            id.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(LineRecord {
                    ordinal: count(row.ordinal),
                    line: read(&row.body)?,
                    state: name(&row.state)?,
                    decided_at: row.decided_at.map(Timestamp),
                })
            })
            .collect()
    }

    /// The lines of a chat that its owner has turned down or taken back.
    pub async fn declined_lines(&self, chat: ChatId) -> Result<Vec<Declined>> {
        let rows = sqlx::query!(
            r#"SELECT l.body, l.decided_at AS "decided_at!" FROM analyses a JOIN analysis_lines l ON l.analysis_id = a.id
               WHERE a.chat_id = ? AND l.state IN ('declined', 'undone') AND l.decided_at IS NOT NULL"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(|row| Ok(Declined { line: read(&row.body)?, at: Timestamp(row.decided_at) })).collect()
    }

    /// Everything that was found in a chat, window by window.
    pub async fn findings(&self, chat: ChatId) -> Result<Vec<Finding>> {
        let rows = sqlx::query_scalar!(
            r#"SELECT findings AS "findings!" FROM analysis_windows
               WHERE chat_id = ? AND findings IS NOT NULL ORDER BY first_message_id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let mut all = Vec::new();
        for row in rows {
            all.extend(read::<Vec<Finding>>(&row)?);
        }
        Ok(all)
    }

    /// The last of so many messages of conversation from one on, and no later than another; none when there are none.
    pub async fn conversation_through(
        &self,
        chat: ChatId,
        from: MessageId,
        last: MessageId,
        most: u32,
    ) -> Result<Option<MessageId>> {
        let through = sqlx::query_scalar!(
            r#"SELECT max(id) AS "id: i64" FROM (
                   SELECT id FROM messages WHERE chat_id = ? AND id >= ? AND id <= ? AND kind IN ('text', 'media')
                     AND archived_at IS NULL ORDER BY id LIMIT ?)"#,
            chat.0,
            from.0,
            last.0,
            most
        )
        .fetch_one(&self.read)
        .await?;
        Ok(through.map(MessageId))
    }

    /// How many messages of conversation came after one.
    pub async fn said_after(&self, chat: ChatId, after: MessageId) -> Result<u32> {
        let found = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM messages
               WHERE chat_id = ? AND id > ? AND kind IN ('text', 'media') AND role = 'user' AND archived_at IS NULL"#,
            chat.0,
            after.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(count(found))
    }

    /// How many messages of conversation lie outside of a range, and their tokens, about.
    pub async fn said_outside(&self, chat: ChatId, (first, last): (MessageId, MessageId)) -> Result<(u32, TokenCount)> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "messages!: i64",
                      ifnull(sum(coalesce(r.o200k_base, r.cl100k_base, length(r.text) / 3 + 1)), 0) AS "tokens!: i64"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND (m.id < ?2 OR m.id > ?3) AND m.kind IN ('text', 'media') AND m.archived_at IS NULL"#,
            chat.0,
            first.0,
            last.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok((count(row.messages), TokenCount(count(row.tokens))))
    }

    /// What the facts of a chat rest on in the version that is in force, and when that was said.
    pub async fn known(&self, chat: ChatId) -> Result<Vec<Known>> {
        let rows = sqlx::query!(
            r#"SELECT DISTINCT e.fact_id, e.message_id, e.revision_id, e.quote, e.quote_start, e.quote_end, m.said_at
               FROM facts f JOIN fact_versions v ON v.fact_id = f.id AND v.expired_at IS NULL
               JOIN evidence e ON e.fact_id = f.id AND e.version = v.version JOIN messages m ON m.id = e.message_id
               WHERE f.chat_id = ? ORDER BY e.fact_id, e.message_id, e.quote_start"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let offset = |value: i64| usize::try_from(value).unwrap_or(0);
        Ok(rows
            .into_iter()
            .map(|row| Known {
                fact: FactId(row.fact_id),
                evidence: Evidence {
                    message: MessageId(row.message_id),
                    revision: RevisionId(row.revision_id),
                    quote: row.quote,
                    start: offset(row.quote_start),
                    end: offset(row.quote_end),
                },
                said_at: Timestamp(row.said_at),
            })
            .collect())
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("an analysis: {error}")))
}

fn written<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
