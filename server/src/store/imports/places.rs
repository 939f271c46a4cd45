//! Where imported messages stand, and whether they are there already.
//!
//! A record's place ([`place`]) is made of its time and its number, so the same record is found again by one look at that place.
//! Where another message stands there, the next free place within the second is taken. What was forgotten is not taken in again.

use std::collections::HashMap;

use souvenir_memory::{ChatId, MessageId, import::place};
use sqlx::{Sqlite, Transaction};

use super::write::{ImportedMessage, json};
use crate::store::{Result, StoreError};

type Tx = Transaction<'static, Sqlite>;

/// Where a message may stand.
pub(super) enum Place {
    Free(MessageId),
    Known(MessageId),
    Forgotten,
}

/// The places that a batch asks for, and who has them.
pub(super) struct Places<'a> {
    chat: ChatId,
    taken: HashMap<MessageId, (ChatId, Option<i64>)>,
    forgotten: &'a HashMap<MessageId, ChatId>,
}

impl<'a> Places<'a> {
    pub(super) async fn read(
        tx: &mut Tx,
        chat: ChatId,
        batch: &[ImportedMessage],
        forgotten: &'a HashMap<MessageId, ChatId>,
    ) -> Result<Self> {
        let wanted: Vec<MessageId> =
            batch.iter().filter_map(|message| place::of(message.second, message.number)).collect();
        let wanted = json(&wanted)?;
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.chat_id, m.imported_id FROM json_each(?) t CROSS JOIN messages m ON m.id = t.value"#,
            wanted
        )
        .fetch_all(&mut **tx)
        .await?;
        let taken = rows.into_iter().map(|row| (MessageId(row.id), (ChatId(row.chat_id), row.imported_id)));
        Ok(Self { chat, taken: taken.collect(), forgotten })
    }

    /// The place of a message; a free one is given to it.
    pub(super) async fn find(&mut self, tx: &mut Tx, message: &ImportedMessage) -> Result<Place> {
        let wanted = place::of(message.second, message.number);
        let mut id = wanted.ok_or_else(|| StoreError::Corrupt("a time that no message has".to_owned()))?;
        let mut is_first = true;
        loop {
            let holder = match self.taken.get(&id) {
                Some(holder) => Some(*holder),
                // The first was looked up with the batch.
                None if is_first => None,
                None => holder(tx, id).await?,
            };
            match holder {
                Some((chat, number)) if chat == self.chat && number == Some(message.number) => {
                    return Ok(Place::Known(id));
                }
                Some(other) => {
                    self.taken.insert(id, other);
                }
                None => match self.forgotten.get(&id) {
                    Some(chat) if *chat == self.chat => return Ok(Place::Forgotten),
                    // A number that named something once never names anything else.
                    Some(_) => {}
                    None => {
                        self.taken.insert(id, (self.chat, Some(message.number)));
                        return Ok(Place::Free(id));
                    }
                },
            }
            id = place::next(id);
            is_first = false;
        }
    }
}

async fn holder(tx: &mut Tx, id: MessageId) -> Result<Option<(ChatId, Option<i64>)>> {
    let row =
        sqlx::query!("SELECT chat_id, imported_id FROM messages WHERE id = ?", id.0).fetch_optional(&mut **tx).await?;
    Ok(row.map(|row| (ChatId(row.chat_id), row.imported_id)))
}
