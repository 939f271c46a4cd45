//! Chats: the list, and one chat with its tiers.

use souvenir_memory::{ChatId, Encoding, GoalState, Tier, Timestamp};

use super::{ChatDetail, ChatSummary, LastMessage, TierCount, TierCounts, WhatIf, dollars};
use crate::{
    clock,
    engine::{Engine, Result, facts::FactItem, facts::FactQuery, settings::Settings, telegram_of},
    store::{ChatRecord, MessageFilter, Totals},
};

/// Slices of an overview's histogram in each tier's part of the time line.
const SLICES: i64 = 120;
/// Episodes on an overview's time line.
const EPISODES: u32 = 80;

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

    /// The number and title of every chat, the one with the newest message first. Cheap, unlike [`Engine::chats`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat_titles(&self) -> Result<Vec<(ChatId, String)>> {
        let records = self.store().chats().await?;
        Ok(records.into_iter().map(|record| (record.id, record.title)).collect())
    }

    /// When the oldest message of a chat was said.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_message_at(&self, id: ChatId) -> Result<Option<Timestamp>> {
        Ok(self.store().first_said(id).await?)
    }

    /// One chat with its tiers and what the next reply would see.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](crate::engine::EngineError::NoChat).
    pub async fn chat(&self, id: ChatId) -> Result<ChatDetail> {
        let record = self.record(id).await?;
        let now = self.now();
        let settings = self.settings_at(Some(id), now).await?;
        let (turns, episodes) = self.store().turn_and_episode_counts(id).await?;
        let first = self.store().first_said(id).await?;
        let mid = self.tier_filter(Tier::MidTerm, &settings);
        let mid_term = self.store().measure_messages(id, mid, Encoding::default()).await?;
        let short_term_since = settings.session_duration.value.start(now);
        let histogram = match first {
            Some(first) => {
                self.histogram(id, [Some(first), mid_term.since, Some(short_term_since), Some(Timestamp(now.0 + 1))])
                    .await?
            }
            None => Vec::new(),
        };
        let telegram = telegram_of(&record);
        let summary = self.summary(record.clone(), &settings).await?;
        Ok(ChatDetail {
            in_reach: self.in_reach(&record, &summary.next_context).await?,
            last_recalled: self.last_recalled(id).await?,
            summary,
            short_term_since,
            settings,
            telegram,
            episodes,
            turns,
            first_message_at: first,
            mid_term_since: mid_term.since,
            histogram,
            episode_spans: self.store().episode_spans(id, EPISODES).await?,
        })
    }

    /// Messages per slice of time between each two of `marks`: finer where time is nearer, as the time line is drawn.
    async fn histogram(&self, id: ChatId, marks: [Option<Timestamp>; 4]) -> Result<Vec<(Timestamp, u32, u32)>> {
        let mut slices = Vec::new();
        let mut marks = marks.into_iter().flatten();
        let Some(mut from) = marks.next() else { return Ok(slices) };
        for until in marks {
            if until > from {
                let width = until.millis_since(from) / SLICES + 1;
                slices.extend(self.store().histogram(id, from, until, width).await?);
                from = until;
            }
        }
        Ok(slices)
    }

    pub(super) async fn summary(&self, record: ChatRecord, settings: &Settings) -> Result<ChatSummary> {
        let id = record.id;
        let now = self.now();
        let facts = self.facts(id, FactQuery::default()).await?;
        let open = |item: &&FactItem| item.fact.goal_state == Some(GoalState::Open);
        let filter = MessageFilter { conversation: true, limit: 1, ..MessageFilter::default() };
        let last = self.store().list_messages(id, filter, Encoding::default()).await?.pop();
        let used = self.store().use_since(id, clock::month_start(now, &settings.zone())).await?;
        let messages = self.store().message_count(id).await?;
        let preview = self.preview(id, WhatIf::default()).await?;
        Ok(ChatSummary {
            unreachable: record.unreachable.clone(),
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

    pub(super) async fn tier_counts(&self, record: &ChatRecord, settings: &Settings) -> Result<TierCounts> {
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let mut counts = [TierCount::default(); 2];
        for (count, tier) in counts.iter_mut().zip([Tier::ShortTerm, Tier::MidTerm]) {
            let measured = self.store().measure_messages(record.id, self.tier_filter(tier, settings), encoding).await?;
            *count = TierCount { messages: measured.messages, tokens: measured.tokens };
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
}
