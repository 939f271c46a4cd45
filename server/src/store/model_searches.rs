//! What the model looked for with its tool while it answered: its words, and the numbers of what it was shown.

use souvenir_memory::{MessageId, TokenCount, TurnId};
use sqlx::{Sqlite, Transaction};

use super::{Result, Store, StoreError, count, name};

/// What came of a search by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOutcome {
    /// It was shown messages.
    Found,
    /// Nothing matched.
    Nothing,
    /// What matched stood in the conversation already.
    Above,
    /// There was no room for what matched.
    NoRoom,
    /// Its arguments could not be read.
    Unreadable,
    /// It called a tool that there is not.
    UnknownTool,
    /// It had searched often enough.
    TooMany,
    /// The search failed.
    Failed,
}

impl SearchOutcome {
    const ALL: [Self; 8] = [
        Self::Found,
        Self::Nothing,
        Self::Above,
        Self::NoRoom,
        Self::Unreadable,
        Self::UnknownTool,
        Self::TooMany,
        Self::Failed,
    ];

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Nothing => "nothing",
            Self::Above => "above",
            Self::NoRoom => "no_room",
            Self::Unreadable => "unreadable",
            Self::UnknownTool => "unknown_tool",
            Self::TooMany => "too_many",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for SearchOutcome {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or_else(|| format!("“{text}” is no outcome of a search"))
    }
}

/// One search by the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSearch {
    /// What it looked for; none when that could not be read, or may hold what was forgotten.
    pub query: Option<String>,
    /// What came of it.
    pub outcome: SearchOutcome,
    /// The messages it was shown, best first; [`ModelSearch::FORGOTTEN`] for one that was forgotten since.
    pub found: Vec<MessageId>,
    /// Raw tokens of the call and of what it came to.
    pub tokens: TokenCount,
}

impl ModelSearch {
    /// Stands for a message that was forgotten.
    pub const FORGOTTEN: MessageId = MessageId(0);
}

impl Store {
    /// What the model looked for in a turn, in order.
    pub async fn model_searches(&self, turn: TurnId) -> Result<Vec<ModelSearch>> {
        let rows = sqlx::query!(
            "SELECT query, outcome, found, tokens FROM model_searches WHERE turn_id = ? ORDER BY ordinal",
            turn.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ModelSearch {
                    query: row.query,
                    outcome: name(&row.outcome)?,
                    found: serde_json::from_str(&row.found).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                    tokens: TokenCount(count(row.tokens)),
                })
            })
            .collect()
    }
}

/// Keeps what the model looked for, with the turn.
pub(super) async fn insert_searches(
    tx: &mut Transaction<'static, Sqlite>,
    turn: TurnId,
    searches: &[ModelSearch],
) -> Result<()> {
    for (ordinal, search) in (1_i64..).zip(searches) {
        let found = serde_json::to_string(&search.found).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let outcome = search.outcome.as_str();
        sqlx::query!(
            "INSERT INTO model_searches (turn_id, ordinal, query, outcome, found, tokens) VALUES (?, ?, ?, ?, ?, ?)",
            turn.0,
            ordinal,
            search.query,
            outcome,
            found,
            search.tokens.0
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
