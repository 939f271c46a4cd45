//! What a batch is decided on: the messages, what facts rest on, what was deleted, what waits for the owner.

use souvenir_memory::{
    ChatId, Encoding, EpisodeId, FactId, MessageId, ProposalId, RevisionId, Timestamp, TurnId,
    consolidation::{Borrowed, Evidence, Place, Proposal, Utterance},
    media,
};

use crate::store::{
    Result, Store,
    messages::{kind, role, tokens_in},
};

/// What the rules stand on beside messages and facts.
#[derive(Clone, Debug, Default)]
pub struct GroundRecord {
    /// What facts rest on.
    pub evidence: Vec<(FactId, Evidence)>,
    /// Keyed hashes of deleted statements.
    pub deleted: Vec<Vec<u8>>,
    /// The words that deleted facts rested on.
    pub buried: Vec<(MessageId, Place)>,
    /// What waits for the owner.
    pub waiting: Vec<Proposal>,
}

/// A proposal as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRecord {
    /// Its number.
    pub id: ProposalId,
    /// `pending`, `update`, `retract` or `contradiction`.
    pub kind: String,
    /// What would change; JSON of a [`Proposal`].
    pub proposal: Proposal,
    /// `open`, `accepted` or `rejected`.
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the owner decided.
    pub decided_at: Option<Timestamp>,
}

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRecord {
    /// `add`, `update` or `retract`.
    pub op: String,
    /// What was done about it.
    pub outcome: String,
    /// Why it waits or was refused.
    pub reason: Option<String>,
    /// The fact it came to.
    pub fact: Option<i64>,
    /// What the model would have it say.
    pub statement: Option<String>,
}

impl Store {
    /// What became of the operations of an episode's consolidations in force, in their order.
    pub async fn operations(&self, episode: EpisodeId) -> Result<Vec<OperationRecord>> {
        Ok(sqlx::query_as!(
            OperationRecord,
            r#"SELECT o.op, o.outcome, o.reason, o.fact_id AS fact, o.body ->> '$.statement' AS "statement: String"
               FROM consolidations c JOIN operations o ON o.consolidation_id = c.id
               WHERE c.episode_id = ? AND c.reverted_at IS NULL ORDER BY o.consolidation_id, o.ordinal"#,
            episode.0
        )
        .fetch_all(&self.read)
        .await?)
    }

    /// The first messages, at most so many, of the conversation from one through another, as consolidation reads it: nothing
    /// archived, no commands.
    pub async fn utterances(
        &self,
        chat: ChatId,
        (from, through): (MessageId, MessageId),
        most: u32,
        encoding: Encoding,
    ) -> Result<Vec<(Utterance, bool)>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.revision_id, m.turn_id, m.role, m.kind, m.author, m.forwarded_from, m.said_at, r.text,
                      r.o200k_base, r.cl100k_base
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.id >= ? AND m.id <= ? AND m.kind IN ('text', 'media') AND m.archived_at IS NULL
               ORDER BY m.id LIMIT ?"#,
            chat.0,
            from.0,
            through.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                let tokens = tokens_in(encoding, row.o200k_base, row.cl100k_base);
                let kind = kind(&row.kind)?;
                let document = media::is_of_others(kind, &row.text);
                let words_from = if document { 0 } else { media::words_from(kind, &row.text) };
                let borrowed = row.forwarded_from.map(Borrowed::Forward).or(document.then_some(Borrowed::Document));
                let utterance = Utterance {
                    message: MessageId(row.id),
                    revision: RevisionId(row.revision_id),
                    turn: row.turn_id.map(TurnId),
                    role: role(&row.role)?,
                    kind,
                    author: row.author,
                    borrowed,
                    words_from,
                    text: row.text,
                    tokens: tokens.unwrap_or_default(),
                    at: Timestamp(row.said_at),
                };
                Ok((utterance, tokens.is_some()))
            })
            .collect()
    }

    /// What the rules stand on in a chat.
    pub async fn ground(&self, chat: ChatId) -> Result<GroundRecord> {
        let evidence = sqlx::query!(
            r#"SELECT e.fact_id, e.message_id, e.revision_id, e.quote, e.quote_start, e.quote_end
               FROM facts f JOIN evidence e ON e.fact_id = f.id WHERE f.chat_id = ?"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let tombstones = sqlx::query!(
            "SELECT statement_hash, message_id, quote_start, quote_end FROM tombstones WHERE chat_id = ? AND lifted_at IS NULL",
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let offset = |value: i64| usize::try_from(value).unwrap_or(0);
        let buried = tombstones.iter().filter_map(|row| {
            let place = Place { start: offset(row.quote_start?), end: offset(row.quote_end?) };
            Some((MessageId(row.message_id?), place))
        });
        Ok(GroundRecord {
            buried: buried.collect(),
            evidence: evidence
                .into_iter()
                .map(|row| {
                    let evidence = Evidence {
                        message: MessageId(row.message_id),
                        revision: RevisionId(row.revision_id),
                        quote: row.quote,
                        start: offset(row.quote_start),
                        end: offset(row.quote_end),
                    };
                    (FactId(row.fact_id), evidence)
                })
                .collect(),
            deleted: tombstones.into_iter().map(|row| row.statement_hash).collect(),
            waiting: self.proposals(chat).await?.into_iter().map(|record| record.proposal).collect(),
        })
    }

    /// What waits for the owner in a chat, oldest first. A pending fact that was decided elsewhere waits no longer.
    pub async fn proposals(&self, chat: ChatId) -> Result<Vec<ProposalRecord>> {
        let rows = sqlx::query!(
            r#"SELECT p.id AS "id!", p.kind, p.body, p.state, p.created_at, p.decided_at
               FROM proposals p JOIN fact_versions v ON v.fact_id = p.fact_id AND v.expired_at IS NULL
               WHERE p.chat_id = ? AND p.state = 'open' AND (p.kind <> 'pending' OR v.status = 'pending')
                 AND v.status <> 'tombstoned'
               ORDER BY p.id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ProposalRecord {
                    id: ProposalId(row.id),
                    kind: row.kind,
                    proposal: serde_json::from_str(&row.body)
                        .map_err(|error| crate::store::StoreError::Corrupt(format!("proposal {}: {error}", row.id)))?,
                    state: row.state,
                    created_at: Timestamp(row.created_at),
                    decided_at: row.decided_at.map(Timestamp),
                })
            })
            .collect()
    }
}
