//! Turns: the list, and one with everything known of it.

use souvenir_memory::{
    ChatId, Encoding, MessageId, Role, TurnId,
    manifest::{ItemRef, Section},
};

use super::{FoundItem, Page, SearchItem, TurnDetail, TurnItem, dollars};
use crate::{
    engine::{Engine, EngineError, Result},
    store::{MessageRecord, TurnRecord},
};

impl Engine {
    /// Turns of a chat before `cursor`, newest first.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn turns(&self, id: ChatId, cursor: Option<TurnId>, limit: u32) -> Result<Page<TurnItem>> {
        self.record(id).await?;
        let limit = if limit == 0 { 50 } else { limit.min(200) };
        let mut records = self.store().list_turns(id, cursor, limit + 1).await?;
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let next_cursor = records.last().filter(|_| more).map(|record| record.id.0);
        let mut items = Vec::with_capacity(records.len());
        for record in records {
            let messages = self.store().turn_messages(id, record.id, Encoding::default()).await?;
            items.push(self.turn_item(record, &messages).await?);
        }
        Ok(Page { items, next_cursor })
    }

    /// One turn with what the model saw.
    ///
    /// # Errors
    /// [`EngineError::NoTurn`].
    pub async fn turn(&self, id: ChatId, turn: TurnId) -> Result<TurnDetail> {
        let record = self.turn_record(id, turn).await?;
        let settings = self.settings_at(Some(id), record.started_at).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let messages = self.store().turn_messages(id, turn, encoding).await?;
        let manifest = self.store().manifest(turn).await?;
        let at = record.started_at;
        let (texts, left_out_texts) = match &manifest {
            Some(manifest) => self.texts(id, manifest, at, &settings, None).await?,
            None => (Vec::new(), Vec::new()),
        };
        let now_settings = self.settings_at(Some(id), self.now()).await?;
        let mid_start = self.mid_term_start(id, &now_settings).await?;
        let previous = self.store().list_turns(id, Some(turn), 1).await?.pop().map(|record| record.id);
        let delivery = self.delivery_of(id, &record).await?;
        let undelivered = self.undelivered(id).await?;
        let searches = self.searches_of(id, turn).await?;
        let cost_reasons = self.cost_reasons(id, &record, manifest.as_ref()).await?;
        Ok(TurnDetail {
            cost_reasons,
            cost_parts_usd: self.cost_parts_usd(&record),
            searches,
            delivery,
            item: self.turn_item(record, &messages).await?,
            messages: messages
                .into_iter()
                .map(|message| self.item(message, &now_settings, mid_start, &undelivered))
                .collect(),
            manifest,
            texts,
            left_out_texts,
            settings,
            previous,
            next: self.store().turn_after(id, turn).await?,
        })
    }

    /// What the model looked for in a turn, with what it was shown as that reads now.
    async fn searches_of(&self, chat: ChatId, turn: TurnId) -> Result<Vec<SearchItem>> {
        let mut items = Vec::new();
        for search in self.store().model_searches(turn).await? {
            let mut found = Vec::with_capacity(search.found.len());
            for id in &search.found {
                let spoken = self.store().spoken(chat, *id).await?;
                found.push(spoken.map(|spoken| FoundItem {
                    message: spoken.id,
                    role: spoken.role,
                    author: spoken.author,
                    at: spoken.at,
                    text: spoken.text,
                }));
            }
            items.push(SearchItem { query: search.query, outcome: search.outcome, found, tokens: search.tokens });
        }
        Ok(items)
    }

    pub(in crate::engine) async fn turn_record(&self, chat: ChatId, turn: TurnId) -> Result<TurnRecord> {
        self.record(chat).await?;
        let found = self.store().list_turns(chat, Some(TurnId(turn.0.saturating_add(1))), 1).await?.pop();
        found.filter(|record| record.id == turn).ok_or(EngineError::NoTurn(turn))
    }

    async fn turn_item(&self, record: TurnRecord, messages: &[MessageRecord]) -> Result<TurnItem> {
        let question: Vec<&str> =
            messages.iter().filter(|message| message.role == Role::User).map(|message| message.text.as_str()).collect();
        let answer = messages.iter().find(|message| message.role == Role::Assistant);
        let answer = answer.map(|message| message.text.clone());
        let answered_anew = if question.is_empty() { self.answered_anew(&record).await? } else { None };
        let cost_usd = record.cost_nanousd.map(dollars);
        Ok(TurnItem { question: question.join("\n"), answered_anew, answer, cost_usd, record })
    }

    /// Where the words of a turn that has none any more were answered anew.
    async fn answered_anew(&self, record: &TurnRecord) -> Result<Option<TurnId>> {
        let asked = self.asked_in(record).await?;
        Ok(self.store().answered_anew_in(record.chat, record.id, &asked).await?)
    }

    /// The messages that a turn answered, by its manifest: it names them also where they belong to a later turn now.
    pub(super) async fn asked_in(&self, record: &TurnRecord) -> Result<Vec<MessageId>> {
        let Some(manifest) = self.store().manifest(record.id).await? else { return Ok(Vec::new()) };
        let current = manifest.segments.iter().filter(|segment| segment.section == Section::Current);
        let asked = current.filter_map(|segment| match segment.item {
            Some(ItemRef::Message { message_id, .. }) => Some(MessageId(message_id)),
            _ => None,
        });
        Ok(asked.collect())
    }
}
