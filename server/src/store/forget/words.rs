//! What is distinctive of the messages to be forgotten, and which of the bot's own repeat it.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::{
    MessageId, Timestamp,
    forgetting::{Elsewhere, ForgetReport, is_distinctive},
};
use sqlx::SqliteConnection;

use super::{Wish, Work, json, many};
use crate::{
    store::{Result, index},
    words,
};

/// Of longer texts not every word is in the index.
const LONG_TEXT: i64 = 1_500;

/// A word of the messages that go, and where it stands besides.
#[derive(Default)]
struct Standing {
    elsewhere: Elsewhere,
    /// The bot's later messages that hold it.
    repeated_by: BTreeSet<MessageId>,
}

/// Reads what there is to forget; messages that are not in this chat are left alone.
pub(super) async fn gather<'a>(db: &'a mut SqliteConnection, wish: &'a Wish, ids: &[MessageId]) -> Result<Work<'a>> {
    let wanted = json(&ids)?;
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id!", m.role, r.text, r.created_at FROM messages m JOIN revisions r ON r.message_id = m.id
           WHERE m.chat_id = ? AND m.id IN (SELECT value FROM json_each(?))"#,
        wish.chat.0,
        wanted
    )
    .fetch_all(&mut *db)
    .await?;
    let messages: BTreeSet<MessageId> = rows.iter().map(|row| MessageId(row.id)).collect();
    let since = rows.iter().map(|row| row.created_at).min().map_or(wish.now, Timestamp);
    let report =
        ForgetReport { messages: many(messages.len()), revisions: many(rows.len()), ..ForgetReport::default() };
    // What the bot said is nobody's secret by itself: only people's words are looked for elsewhere.
    let mut said: BTreeMap<String, MessageId> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.role == "user") {
        for term in words::terms(&row.text) {
            let first = said.entry(term).or_insert(MessageId(row.id));
            *first = (*first).min(MessageId(row.id));
        }
    }
    follow(db, wish, messages, &said, since, report).await
}

/// What is distinctive among the words that were said, each with the first message that said it, and the bot's messages
/// that repeat them.
pub(super) async fn follow<'a>(
    db: &'a mut SqliteConnection,
    wish: &'a Wish,
    mut messages: BTreeSet<MessageId>,
    said: &BTreeMap<String, MessageId>,
    since: Timestamp,
    mut report: ForgetReport,
) -> Result<Work<'a>> {
    let standing = standing(db, wish, &messages, said).await?;
    let distinctive: BTreeSet<String> = standing
        .iter()
        .filter(|(term, standing)| is_distinctive(term, standing.elsewhere))
        .map(|(term, _)| term.clone())
        .collect();
    for term in &distinctive {
        messages.extend(standing.get(term).into_iter().flat_map(|standing| &standing.repeated_by));
    }
    report.replies = many(messages.len()) - report.messages;
    let list = json(&messages)?;
    Ok(Work {
        db,
        wish,
        list,
        messages,
        since,
        distinctive,
        asked: BTreeSet::new(),
        statements: Vec::new(),
        no_talk: BTreeSet::new(),
        facts: BTreeSet::new(),
        versions: BTreeSet::new(),
        episodes: BTreeSet::new(),
        periods: BTreeSet::new(),
        orphaned: BTreeSet::new(),
        report,
    })
}

/// Where the words stand besides, each with the first of the messages that said it.
async fn standing(
    db: &mut SqliteConnection,
    wish: &Wish,
    messages: &BTreeSet<MessageId>,
    said: &BTreeMap<String, MessageId>,
) -> Result<BTreeMap<String, Standing>> {
    let mut standing: BTreeMap<String, Standing> = BTreeMap::new();
    let names = names(db, wish, messages).await?;
    for (term, first) in said {
        let here = standing.entry(term.clone()).or_default();
        here.elsewhere.is_ordinary = wish.vocabulary.contains(term) || names.contains(term);
        if !here.elsewhere.is_ordinary {
            look_in_index(db, wish, messages, (term, *first), here).await?;
        }
    }
    // Commands, notices, what has just been said, earlier revisions and the ends of long texts are not in the index.
    let list = json(messages)?;
    let unindexed = sqlx::query!(
        r#"SELECT m.id AS "id!", m.role, r.text FROM messages m JOIN revisions r ON r.message_id = m.id
           WHERE m.chat_id = ?1 AND m.id NOT IN (SELECT value FROM json_each(?2))
             AND (m.kind IN ('command', 'service') OR m.ordinal > (SELECT indexed_through FROM chats WHERE id = ?1)
                  OR r.id <> m.revision_id OR length(r.text) > ?3)"#,
        wish.chat.0,
        list,
        LONG_TEXT
    )
    .fetch_all(&mut *db)
    .await?;
    for row in unindexed {
        for term in words::terms(&row.text) {
            if let (Some(here), Some(first)) = (standing.get_mut(&term), said.get(&term)) {
                here.note(MessageId(row.id), &row.role, *first);
            }
        }
    }
    Ok(standing)
}

impl Standing {
    fn note(&mut self, message: MessageId, role: &str, first: MessageId) {
        match role {
            "user" => self.elsewhere.said_by_people = true,
            _ if message < first => self.elsewhere.said_by_bot_before = true,
            _ => {
                self.repeated_by.insert(message);
            }
        }
    }
}

async fn look_in_index(
    db: &mut SqliteConnection,
    wish: &Wish,
    messages: &BTreeSet<MessageId>,
    (term, first): (&str, MessageId),
    here: &mut Standing,
) -> Result<()> {
    let rows = sqlx::query!("SELECT block, ordinals FROM postings WHERE chat_id = ? AND term = ?", wish.chat.0, term)
        .fetch_all(&mut *db)
        .await?;
    let found: Vec<u32> = rows.iter().flat_map(|row| index::ordinals(row.block, &row.ordinals)).collect();
    let list = json(&found)?;
    let holders = sqlx::query!(
        r#"SELECT id AS "id!", role FROM messages WHERE chat_id = ? AND ordinal IN (SELECT value FROM json_each(?))"#,
        wish.chat.0,
        list
    )
    .fetch_all(&mut *db)
    .await?;
    for holder in holders.into_iter().filter(|holder| !messages.contains(&MessageId(holder.id))) {
        here.note(MessageId(holder.id), &holder.role, first);
    }
    Ok(())
}

/// The words in the names of those who speak, or are passed on, in messages that stay, and in the chat's title.
async fn names(db: &mut SqliteConnection, wish: &Wish, messages: &BTreeSet<MessageId>) -> Result<BTreeSet<String>> {
    let list = json(messages)?;
    let names = sqlx::query_scalar!(
        r#"SELECT title AS "name!: String" FROM chats WHERE id = ?1
           UNION SELECT author FROM messages
               WHERE chat_id = ?1 AND author IS NOT NULL AND id NOT IN (SELECT value FROM json_each(?2))
           UNION SELECT forwarded_from FROM messages
               WHERE chat_id = ?1 AND forwarded_from IS NOT NULL AND id NOT IN (SELECT value FROM json_each(?2))"#,
        wish.chat.0,
        list
    )
    .fetch_all(&mut *db)
    .await?;
    Ok(names.iter().flat_map(|name| words::terms(name)).collect())
}
