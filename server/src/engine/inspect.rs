//! Reads for pages and the API: chats, messages by tier, turns with their manifests, and what the next reply would see.
//!
//! Previews and replays call the same builder as the reply path; nothing here changes anything.

use souvenir_memory::{
    ChatId, Encoding, MessageId, MessageKind, Role, SessionDuration, Source, Tier, Timestamp, TokenBudget, TokenCount,
    TurnId,
    context::ContextMessage,
    manifest::{ItemKind, ItemRef, Manifest},
    prompt,
};

use super::{
    Engine, EngineError, TelegramChat,
    assemble::{Request, count, unsent},
    error::Result,
    settings::Settings,
};
use crate::{
    clock,
    llm::tokens::count_off_thread,
    store::{ChatRecord, MessageFilter, MessageRecord, Totals, TurnRecord},
};

pub use crate::store::ChatKind;

/// Messages and tokens of one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierCount {
    /// How many messages.
    pub messages: u64,
    /// Their tokens, without overhead.
    pub tokens: u64,
}

/// What each tier holds. The whole history holds the archived messages too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierCounts {
    /// Younger than the session duration.
    pub short_term: TierCount,
    /// The newest that left it.
    pub mid_term: TierCount,
    /// All of them.
    pub whole_history: TierCount,
    /// Those put away.
    pub archived: TierCount,
}

/// The newest message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMessage {
    /// Who spoke.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// The text.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// A chat in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatSummary {
    /// Its number.
    pub id: ChatId,
    /// Its title.
    pub title: String,
    /// What kind.
    pub kind: ChatKind,
    /// The newest message.
    pub last: Option<LastMessage>,
    /// Rows of history, commands included.
    pub messages: u64,
    /// What each tier holds.
    pub tiers: TierCounts,
    /// What the next reply would see, without its message.
    pub next_context: Manifest,
    /// Facts that are not deleted.
    pub facts: u64,
    /// Goals that are open.
    pub open_goals: u64,
    /// Prompt and answer tokens of this month.
    pub month_tokens: u64,
    /// This month's cost in dollars; none when a price is not known.
    pub month_cost_usd: Option<f64>,
    /// The time zone its times are shown in.
    pub time_zone: String,
    /// When it began.
    pub created_at: Timestamp,
}

/// A chat with everything its overview shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatDetail {
    /// As in the list.
    pub summary: ChatSummary,
    /// Its settings.
    pub settings: Settings,
    /// Telegram's view of it.
    pub telegram: Option<TelegramChat>,
    /// How many episodes.
    pub episodes: u64,
    /// How many turns.
    pub turns: u64,
    /// Where `short_term` begins now.
    pub short_term_since: Timestamp,
    /// When its first message was said.
    pub first_message_at: Option<Timestamp>,
    /// When the oldest message of `mid_term` was said.
    pub mid_term_since: Option<Timestamp>,
    /// Messages per slice of time from the first to now: start and number.
    pub histogram: Vec<(Timestamp, u32)>,
}

/// Which messages to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageQuery {
    /// Only this tier.
    pub tier: Option<Tier>,
    /// Only archived, or only those that are not.
    pub archived: Option<bool>,
    /// Only before this message.
    pub cursor: Option<MessageId>,
    /// At most so many; 50 when zero, never over 500.
    pub limit: u32,
}

/// A message with its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageItem {
    /// Its number.
    pub id: MessageId,
    /// Who spoke.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// What kind.
    pub kind: MessageKind,
    /// The text.
    pub text: String,
    /// Its tokens.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
    /// Its tier now.
    pub tier: Tier,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// The door it came through.
    pub source: Source,
    /// Telegram's id of it.
    pub telegram_message_id: Option<i64>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next_cursor: Option<i64>,
}

/// Other settings to try, and a message to try them with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Another session duration.
    pub session_duration: Option<SessionDuration>,
    /// Another window.
    pub max_context_tokens: Option<u32>,
    /// The message to answer.
    pub text: Option<String>,
}

/// A context that was not sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Its manifest.
    pub manifest: Manifest,
    /// The text of each segment, in the same order.
    pub texts: Vec<ItemText>,
    /// The text of each thing left out, where it is one thing.
    pub left_out_texts: Vec<Option<String>>,
    /// The request's messages.
    pub messages: Vec<ContextMessage>,
}

/// The text behind an item of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemText {
    /// What it is, in few words: `message 12`, `fact 3 v2`, `clock`.
    pub label: String,
    /// Its text; empty for frames, or when it has been forgotten.
    pub text: String,
    /// Who said it.
    pub author: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A turn in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnItem {
    /// The record.
    pub record: TurnRecord,
    /// What was said, the burst in one.
    pub question: String,
    /// What was answered.
    pub answer: Option<String>,
    /// What it cost in dollars.
    pub cost_usd: Option<f64>,
}

/// A turn with everything known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnDetail {
    /// As in the list.
    pub item: TurnItem,
    /// Its messages.
    pub messages: Vec<MessageItem>,
    /// What the model saw.
    pub manifest: Option<Manifest>,
    /// The text of each segment.
    pub texts: Vec<ItemText>,
    /// The text of each thing left out.
    pub left_out_texts: Vec<Option<String>>,
    /// The settings as they were.
    pub settings: Settings,
    /// The turn before.
    pub previous: Option<TurnId>,
    /// The turn after.
    pub next: Option<TurnId>,
}

/// Slices of an overview's histogram.
const SLICES: i64 = 96;

impl Engine {
    /// Every chat, the one with the newest message first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chats(&self) -> Result<Vec<ChatSummary>> {
        let mut summaries = Vec::new();
        for record in self.store().chats().await? {
            let settings = self.settings_at(Some(record.id), self.now()).await?;
            summaries.push(self.summary(record, &settings).await?);
        }
        Ok(summaries)
    }

    /// One chat with its tiers and what the next reply would see.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn chat(&self, id: ChatId) -> Result<ChatDetail> {
        let record = self.record(id).await?;
        let now = self.now();
        let settings = self.settings_at(Some(id), now).await?;
        let (turns, episodes) = self.store().turn_and_episode_counts(id).await?;
        let (_, first) = self.store().message_span(id).await?;
        let mid = self.tier_filter(Tier::MidTerm, &settings);
        let mid_term = self.store().list_messages(id, mid, Encoding::default()).await?;
        let histogram = match first {
            Some(first) => self.store().histogram(id, first, (now.millis_since(first) + 1) / SLICES + 1).await?,
            None => Vec::new(),
        };
        let telegram = super::telegram_of(&record);
        Ok(ChatDetail {
            summary: self.summary(record, &settings).await?,
            short_term_since: settings.session_duration.value.start(now),
            settings,
            telegram,
            episodes,
            turns,
            first_message_at: first,
            mid_term_since: mid_term.last().map(|message| message.at),
            histogram,
        })
    }

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
        let items = records.into_iter().map(|record| self.item(record, &settings, mid_start)).collect();
        Ok(Page { items, next_cursor })
    }

    /// What the next reply would see; with other settings or a message, what it would see then.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Invalid`] for an impossible budget or a message that is too large.
    pub async fn preview(&self, id: ChatId, what_if: WhatIf) -> Result<Preview> {
        let record = self.record(id).await?;
        let now = self.now();
        let mut settings = self.settings_at(Some(id), now).await?;
        let mark =
            record.trim_mark.filter(|_| what_if.session_duration.is_none() && what_if.max_context_tokens.is_none());
        let budget = adopt(&mut settings, &what_if)?;
        let current = match what_if.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                let tokens = count_off_thread(Encoding::of_model(&settings.chat_model.value), text).await;
                vec![unsent(text, tokens, now)]
            }
            None => Vec::new(),
        };
        let request = Request {
            chat: id,
            current,
            before: MessageId(i64::MAX),
            at: now,
            budget,
            scale: self.scale(&settings.chat_model.value).await?,
            trim_mark: mark,
            totals: record.totals,
            settings: &settings,
        };
        self.built(request, what_if.text).await
    }

    /// A past turn built again with other settings: what the model would have seen.
    ///
    /// # Errors
    /// [`EngineError::NoTurn`]; [`EngineError::Invalid`] for an impossible budget.
    pub async fn replay(&self, id: ChatId, turn: TurnId, what_if: WhatIf) -> Result<Preview> {
        let record = self.turn_record(id, turn).await?;
        let at = record.started_at;
        let mut settings = self.settings_at(Some(id), at).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let asked = self.store().turn_messages(id, turn, encoding).await?;
        let ids: Vec<MessageId> =
            asked.iter().filter(|message| message.role == Role::User).map(|message| message.id).collect();
        let current =
            self.store().messages_by_id(id, &ids, encoding, at).await?.into_iter().map(|(message, _)| message);
        let budget = adopt(&mut settings, &what_if)?;
        let before = ids.first().copied().unwrap_or(MessageId(i64::MAX));
        let request = Request {
            chat: id,
            current: current.collect(),
            before,
            at,
            budget,
            scale: self.scale(&settings.chat_model.value).await?,
            trim_mark: None,
            totals: with_current(self.store().totals_before(id, before, at).await?, &asked),
            settings: &settings,
        };
        self.built(request, None).await
    }

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
            items.push(turn_item(record, &messages));
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
            Some(manifest) => self.texts(manifest, at, &settings, None).await?,
            None => (Vec::new(), Vec::new()),
        };
        let now_settings = self.settings_at(Some(id), self.now()).await?;
        let mid_start = self.mid_term_start(id, &now_settings).await?;
        let previous = self.store().list_turns(id, Some(turn), 1).await?.pop().map(|record| record.id);
        Ok(TurnDetail {
            item: turn_item(record, &messages),
            messages: messages.into_iter().map(|message| self.item(message, &now_settings, mid_start)).collect(),
            manifest,
            texts,
            left_out_texts,
            settings,
            previous,
            next: self.store().turn_after(id, turn).await?,
        })
    }

    /// Puts messages away or brings them back; gives how many changed.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn archive(&self, chat: ChatId, ids: &[MessageId], archived: bool) -> Result<u64> {
        self.record(chat).await?;
        let changed = self.store().archive(chat, ids, archived, self.now()).await?;
        self.emit(super::ChatEvent::Settings { chat });
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
            changed += self.store().archive(chat, &ids, true, self.now()).await?;
        }
        self.emit(super::ChatEvent::Settings { chat });
        Ok(changed)
    }

    async fn turn_record(&self, chat: ChatId, turn: TurnId) -> Result<TurnRecord> {
        self.record(chat).await?;
        let found = self.store().list_turns(chat, Some(TurnId(turn.0.saturating_add(1))), 1).await?.pop();
        found.filter(|record| record.id == turn).ok_or(EngineError::NoTurn(turn))
    }

    async fn built(&self, request: Request<'_>, text: Option<String>) -> Result<Preview> {
        let (at, settings) = (request.at, request.settings);
        let built = self.build(request).await?;
        let (context, manifest) = built.map_err(|error| EngineError::invalid("text", error))?;
        let (texts, left_out_texts) = self.texts(&manifest, at, settings, text.as_deref()).await?;
        Ok(Preview { manifest, texts, left_out_texts, messages: context.messages })
    }

    async fn summary(&self, record: ChatRecord, settings: &Settings) -> Result<ChatSummary> {
        let id = record.id;
        let now = self.now();
        let facts = self.facts(id, super::facts::FactQuery::default()).await?;
        let open = |item: &&super::facts::FactItem| item.fact.goal_state == Some(souvenir_memory::GoalState::Open);
        let filter = MessageFilter { conversation: true, limit: 1, ..MessageFilter::default() };
        let last = self.store().list_messages(id, filter, Encoding::default()).await?.pop();
        let used = self.store().use_since(id, clock::month_start(now, &settings.zone())).await?;
        let (messages, _) = self.store().message_span(id).await?;
        let preview = self.preview(id, WhatIf::default()).await?;
        Ok(ChatSummary {
            id,
            tiers: self.tier_counts(&record, settings).await?,
            title: record.title,
            kind: record.kind,
            last: last.map(|last| LastMessage { role: last.role, author: last.author, text: last.text, at: last.at }),
            messages,
            next_context: preview.manifest,
            open_goals: facts.iter().filter(open).count() as u64,
            facts: facts.len() as u64,
            month_tokens: used.tokens,
            month_cost_usd: used.cost_nanousd.map(dollars),
            time_zone: settings.time_zone.value.clone(),
            created_at: record.created_at,
        })
    }

    async fn tier_counts(&self, record: &ChatRecord, settings: &Settings) -> Result<TierCounts> {
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let mut counts = [TierCount::default(); 2];
        for (count, tier) in counts.iter_mut().zip([Tier::ShortTerm, Tier::MidTerm]) {
            let messages = self.store().list_messages(record.id, self.tier_filter(tier, settings), encoding).await?;
            count.messages = messages.len() as u64;
            count.tokens = messages.iter().map(|message| u64::from(message.tokens.0)).sum();
        }
        let Totals { live_messages, live_tokens, archived_messages, archived_tokens } = record.totals;
        Ok(TierCounts {
            short_term: counts[0],
            mid_term: counts[1],
            whole_history: TierCount {
                messages: u64::from(live_messages) + u64::from(archived_messages),
                tokens: u64::from(live_tokens.0) + u64::from(archived_tokens.0),
            },
            archived: TierCount { messages: archived_messages.into(), tokens: archived_tokens.0.into() },
        })
    }

    /// The rows that a tier admits now: [`souvenir_memory::tier`] said in the database's terms.
    fn tier_filter(&self, tier: Tier, settings: &Settings) -> MessageFilter {
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
    async fn mid_term_start(&self, chat: ChatId, settings: &Settings) -> Result<Option<MessageId>> {
        let filter = self.tier_filter(Tier::MidTerm, settings);
        let messages = self.store().list_messages(chat, filter, Encoding::default()).await?;
        Ok(messages.last().map(|message| message.id))
    }

    fn item(&self, record: MessageRecord, settings: &Settings, mid_start: Option<MessageId>) -> MessageItem {
        let conversation =
            matches!(record.kind, MessageKind::Text | MessageKind::Media) && record.archived_at.is_none();
        let short = record.at >= settings.session_duration.value.start(self.now())
            && settings.context_start.is_none_or(|start| record.id >= start);
        let tier = match mid_start {
            _ if conversation && short => Tier::ShortTerm,
            Some(start) if conversation && record.id >= start => Tier::MidTerm,
            _ => Tier::WholeHistory,
        };
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
        }
    }

    /// The texts that a manifest names.
    async fn texts(
        &self,
        manifest: &Manifest,
        at: Timestamp,
        settings: &Settings,
        typed: Option<&str>,
    ) -> Result<(Vec<ItemText>, Vec<Option<String>>)> {
        let mut texts = Vec::with_capacity(manifest.segments.len());
        for segment in &manifest.segments {
            texts.push(match (&segment.kind, &segment.item) {
                (ItemKind::Clock, _) => ItemText {
                    label: "clock".to_owned(),
                    text: prompt::clock_line(&clock::spoken(at, &settings.zone())),
                    ..ItemText::default()
                },
                (ItemKind::Priming, _) => ItemText { label: "start of the answer".to_owned(), ..ItemText::default() },
                (_, None) => ItemText { label: "frame".to_owned(), ..ItemText::default() },
                (_, Some(item)) => self.text(item, typed).await?,
            });
        }
        let mut left_out = Vec::with_capacity(manifest.left_out.len());
        for item in &manifest.left_out {
            left_out.push(match &item.item {
                Some(item) => Some(self.text(item, None).await?.text).filter(|text| !text.is_empty()),
                None => None,
            });
        }
        Ok((texts, left_out))
    }

    async fn text(&self, item: &ItemRef, typed: Option<&str>) -> Result<ItemText> {
        let store = self.store();
        let named = |label: String, text: Option<String>| ItemText {
            label,
            text: text.unwrap_or_default(),
            ..ItemText::default()
        };
        Ok(match item {
            ItemRef::Message { message_id: 0, .. } => named("the message typed".to_owned(), typed.map(str::to_owned)),
            ItemRef::Message { message_id, revision_id } => {
                let label = format!("message {message_id}");
                match store.revision_text(*revision_id).await? {
                    Some((text, author, role, at)) => {
                        let author = if role == Role::Assistant { Some("Souvenir".to_owned()) } else { author };
                        ItemText { label, text, author, at: Some(at) }
                    }
                    None => named(label, None),
                }
            }
            ItemRef::Fact { fact_id, version } => {
                named(format!("fact {fact_id} v{version}"), store.fact_version_text(*fact_id, *version).await?)
            }
            ItemRef::Summary { episode_id, version } => {
                named(format!("episode {episode_id} v{version}"), store.summary_text(*episode_id, *version).await?)
            }
            ItemRef::Prompt { sha256 } => {
                named(format!("prompt {}", sha256.get(..6).unwrap_or(sha256)), store.prompt(sha256).await?)
            }
            ItemRef::Forgotten { .. } => named("forgotten".to_owned(), None),
        })
    }

    /// The tokens of a text for this chat's model, as they would be counted when stored.
    #[must_use]
    pub fn count_tokens(&self, settings: &Settings, text: &str) -> TokenCount {
        count(Encoding::of_model(&settings.chat_model.value), text)
    }
}

/// Takes the what-if over into the settings and gives the budget to build with.
fn adopt(settings: &mut Settings, what_if: &WhatIf) -> Result<TokenBudget> {
    if let Some(duration) = what_if.session_duration {
        settings.session_duration.value = duration;
    }
    if let Some(max) = what_if.max_context_tokens {
        settings.max_context_tokens.value = max;
    }
    TokenBudget::new(settings.max_context_tokens.value, settings.reserve_tokens.value)
        .map_err(|error| EngineError::invalid("max_context_tokens", error))
}

/// The messages being answered count as stored, as they did when the turn was made.
fn with_current(totals: Totals, asked: &[MessageRecord]) -> Totals {
    let current = asked.iter().filter(|message| message.role == Role::User);
    current.fold(totals, |totals, message| Totals {
        live_messages: totals.live_messages + 1,
        live_tokens: totals.live_tokens + message.tokens,
        ..totals
    })
}

fn turn_item(record: TurnRecord, messages: &[MessageRecord]) -> TurnItem {
    let question: Vec<&str> =
        messages.iter().filter(|message| message.role == Role::User).map(|message| message.text.as_str()).collect();
    let answer = messages.iter().find(|message| message.role == Role::Assistant).map(|message| message.text.clone());
    TurnItem { question: question.join("\n"), answer, cost_usd: record.cost_nanousd.map(dollars), record }
}

#[expect(clippy::cast_precision_loss, reason = "a cost of 2^53 billionths of a dollar is out of reach")]
fn dollars(nanousd: i64) -> f64 {
    nanousd as f64 / 1_000_000_000.0
}
