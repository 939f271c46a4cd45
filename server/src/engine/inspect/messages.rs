//! Messages by tier: [`souvenir_memory::tier`]'s rules said in the database's terms.

use souvenir_memory::{ChatId, Encoding, MessageId, MessageKind, Tier, Timestamp};

use super::{MessageItem, MessageQuery, Page};
use crate::{
    engine::{ChatEvent, Engine, EngineError, Result, settings::Settings},
    store::{MessageFilter, MessageRecord, Undelivered},
};

impl Engine {
    /// Messages of a chat, newest first, each with its tier now.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn messages(&self, id: ChatId, query: MessageQuery) -> Result<Page<MessageItem>> {
        self.record(id).await?;
        let settings = self.settings_at(Some(id), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let limit = if query.limit == 0 { 50 } else { query.limit.min(500) };
        let mut filter = query.tier.map_or_else(MessageFilter::default, |tier| self.tier_filter(tier, &settings));
        let mid_start = self.mid_term_start(id, &settings).await?;
        if query.tier == Some(Tier::MidTerm) {
            filter.from = mid_start;
        }
        filter.before = query.cursor;
        filter.archived = query.archived.or(filter.archived);
        filter.limit = limit + 1;
        let mut records = self.store().list_messages(id, filter, encoding).await?;
        if query.tier == Some(Tier::MidTerm) && mid_start.is_none() {
            records.clear();
        }
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let next_cursor = records.last().filter(|_| more).map(|record| record.id.0);
        let undelivered = self.undelivered(id).await?;
        let item = |record| self.item(record, &settings, mid_start, &undelivered);
        let items = records.into_iter().map(item).collect();
        Ok(Page { items, next_cursor })
    }

    /// A message with at most `reach` messages on each side of it, newest first; the cursor leads to older ones.
    ///
    /// # Errors
    /// [`EngineError::NoChat`];
    /// [`EngineError::NoMessage`] when this chat has no such message.
    pub async fn around(&self, chat: ChatId, message: MessageId, reach: u32) -> Result<Page<MessageItem>> {
        let last = self.store().message_after(chat, message, reach).await?.unwrap_or(message);
        let query =
            MessageQuery { cursor: Some(MessageId(last.0 + 1)), limit: 2 * reach + 1, ..MessageQuery::default() };
        let mut page = self.messages(chat, query).await?;
        let place = page.items.iter().position(|item| item.id == message);
        let place = place.ok_or(EngineError::NoMessage(message))?;
        let end = place + 1 + usize::try_from(reach).unwrap_or(usize::MAX);
        if end < page.items.len() {
            page.items.truncate(end);
            page.next_cursor = page.items.last().map(|item| item.id.0);
        }
        Ok(page)
    }

    /// The messages after one, newest first, at most so many, without a gap; the cursor leads to older ones.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn messages_after(&self, chat: ChatId, after: MessageId, most: u32) -> Result<Page<MessageItem>> {
        let Some(last) = self.store().message_after(chat, after, most).await? else {
            return Ok(Page { items: Vec::new(), next_cursor: None });
        };
        let query = MessageQuery { cursor: Some(MessageId(last.0 + 1)), limit: most, ..MessageQuery::default() };
        let mut page = self.messages(chat, query).await?;
        page.items.retain(|item| item.id > after);
        Ok(page)
    }

    /// Whether anything was said after a message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_newest(&self, chat: ChatId, message: MessageId) -> Result<bool> {
        Ok(self.store().message_after(chat, message, 1).await?.is_none())
    }

    /// The first message said at a time or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_message_since(&self, chat: ChatId, at: Timestamp) -> Result<Option<MessageId>> {
        Ok(self.store().first_message_since(chat, at).await?)
    }

    /// Puts messages away or brings them back; gives those that changed.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn archive(&self, chat: ChatId, ids: &[MessageId], archived: bool) -> Result<Vec<MessageId>> {
        self.record(chat).await?;
        let changed = self.store().archive(chat, ids, archived, self.now()).await?;
        self.emit(ChatEvent::Settings { chat });
        Ok(changed)
    }

    /// Puts away what is older than so many days; gives how many messages that was.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn archive_older_than(&self, chat: ChatId, keep_days: u32) -> Result<u64> {
        const BATCH: u32 = 500;
        self.record(chat).await?;
        let until = self.now().minus_minutes(keep_days.saturating_mul(24 * 60));
        let mut changed = 0;
        loop {
            let ids = self.store().live_before(chat, until, BATCH).await?;
            if ids.is_empty() {
                break;
            }
            changed += self.store().archive(chat, &ids, true, self.now()).await?.len() as u64;
        }
        self.emit(ChatEvent::Settings { chat });
        Ok(changed)
    }

    /// The rows that a tier admits now: [`souvenir_memory::tier`] said in the database's terms.
    pub(super) fn tier_filter(&self, tier: Tier, settings: &Settings) -> MessageFilter {
        let start = settings.session_duration.value.start(self.now());
        let conversation = MessageFilter { conversation: true, archived: Some(false), ..MessageFilter::default() };
        match tier {
            Tier::ShortTerm => {
                MessageFilter { since: Some(start), from: settings.context_start, limit: 10_000, ..conversation }
            }
            Tier::MidTerm => MessageFilter {
                until: Some(start),
                reset: settings.context_start,
                limit: settings.mid_term_messages.value,
                ..conversation
            },
            Tier::WholeHistory => MessageFilter { limit: 500, ..MessageFilter::default() },
        }
    }

    /// The oldest message of `mid_term`; none when it is empty.
    pub(super) async fn mid_term_start(&self, chat: ChatId, settings: &Settings) -> Result<Option<MessageId>> {
        let filter = self.tier_filter(Tier::MidTerm, settings);
        Ok(self.store().measure_messages(chat, filter, Encoding::default()).await?.first)
    }

    pub(super) fn item(
        &self,
        record: MessageRecord,
        settings: &Settings,
        mid_start: Option<MessageId>,
        undelivered: &[Undelivered],
    ) -> MessageItem {
        let conversation =
            matches!(record.kind, MessageKind::Text | MessageKind::Media) && record.archived_at.is_none();
        let short = record.at >= settings.session_duration.value.start(self.now())
            && settings.context_start.is_none_or(|start| record.id >= start);
        let tier = match mid_start {
            _ if conversation && short => Tier::ShortTerm,
            Some(start) if conversation && record.id >= start => Tier::MidTerm,
            _ => Tier::WholeHistory,
        };
        let (delivery, delivery_error) = super::delivery::of_message(undelivered, record.id);
        MessageItem {
            id: record.id,
            role: record.role,
            author: record.author,
            kind: record.kind,
            text: record.text,
            tokens: record.tokens,
            at: record.at,
            tier,
            archived_at: record.archived_at,
            turn: record.turn,
            source: record.source,
            telegram_message_id: record.telegram_message_id,
            delivery,
            delivery_error,
            stopped: record.stopped,
        }
    }
}
