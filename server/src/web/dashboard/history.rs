//! The history: messages by tier, those around one or after one, and the first of a day.

use souvenir_frontend::api::{ApiError, HistoryAsk, HistoryView, numbers};
use souvenir_memory::{ChatId, MessageId, Tier};

use super::{calendar::Calendar, errors::told, facts::no_date, port::WebDashboard, views};
use crate::engine::{
    Forget,
    inspect::{MessageItem, MessageQuery, Page},
};

/// How many messages a page has.
const PAGE: u32 = 50;
/// How many messages are shown on each side of one that is asked for.
const REACH: u32 = 20;
/// How many are read at once where all that is on screen is drawn anew.
const STRIDE: u32 = 500;
/// How many are drawn anew at most.
const MOST: usize = 2_000;

impl WebDashboard {
    /// A page of the history.
    pub(super) async fn history_view(&self, chat: ChatId, ask: &HistoryAsk) -> Result<HistoryView, ApiError> {
        let detail = self.web.engine.chat(chat).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let found = self.first_of_day(chat, ask, &calendar).await?;
        let page = self.page_of(chat, ask, found).await?;
        let forgetting: Vec<MessageId> = numbers(&ask.forget).into_iter().map(MessageId).collect();
        let would_forget = match forgetting.is_empty() {
            true => None,
            false => Some(self.would_forget(chat, &Forget::Messages(forgetting)).await?),
        };
        let tiers = detail.summary.tiers;
        // Everything is listed, commands too, which are in no tier.
        let counts =
            [detail.summary.messages, tiers.short_term.messages, tiers.mid_term.messages, tiers.archived.messages];
        Ok(HistoryView {
            newer: self.newer(chat, ask, found, &page).await?,
            messages: page.items.iter().map(|message| views::message(message, &calendar)).collect(),
            next_cursor: page.next_cursor,
            found,
            counts,
            would_forget,
            report: ask.report.and_then(|number| self.reports.find(number)),
        })
    }

    async fn first_of_day(&self, chat: ChatId, ask: &HistoryAsk, calendar: &Calendar) -> Result<Option<i64>, ApiError> {
        let day = ask.day.trim();
        if day.is_empty() {
            return Ok(None);
        }
        let midnight = calendar.midnight(day).ok_or_else(|| no_date("day", day))?;
        let first = self.web.engine.first_message_since(chat, midnight).await.map_err(told)?;
        Ok(first.map(|message| message.0))
    }

    async fn page_of(&self, chat: ChatId, ask: &HistoryAsk, found: Option<i64>) -> Result<Page<MessageItem>, ApiError> {
        let engine = &self.web.engine;
        let query = MessageQuery {
            tier: tier(&ask.tier)?,
            archived: ask.archived.then_some(true),
            cursor: ask.cursor.map(MessageId),
            limit: PAGE,
        };
        let page = match (ask.from, ask.after, ask.at.or(found)) {
            (Some(from), ..) => return self.down_to(chat, query, MessageId(from)).await,
            (_, Some(after), _) => engine.messages_after(chat, MessageId(after), PAGE).await,
            (.., Some(message)) => engine.around(chat, MessageId(message), REACH).await,
            _ => engine.messages(chat, query).await,
        };
        page.map_err(told)
    }

    /// Everything from where `query` begins down to a message.
    async fn down_to(&self, chat: ChatId, query: MessageQuery, from: MessageId) -> Result<Page<MessageItem>, ApiError> {
        let mut items: Vec<MessageItem> = Vec::new();
        let mut next = MessageQuery { limit: STRIDE, ..query };
        while items.len() < MOST {
            let page = self.web.engine.messages(chat, next).await.map_err(told)?;
            items.extend(page.items.into_iter().filter(|item| item.id >= from));
            let Some(cursor) = page.next_cursor.filter(|cursor| *cursor > from.0) else { break };
            next.cursor = Some(MessageId(cursor));
        }
        let Some(last) = items.last().map(|item| item.id) else { return Ok(Page { items, next_cursor: None }) };
        let older = MessageQuery { cursor: Some(last), limit: 1, ..query };
        let older = self.web.engine.messages(chat, older).await.map_err(told)?;
        Ok(Page { items, next_cursor: (!older.items.is_empty()).then_some(last.0) })
    }

    /// Where newer messages go on, where the page does not begin with the newest. Only everything can be read upwards.
    async fn newer(
        &self,
        chat: ChatId,
        ask: &HistoryAsk,
        found: Option<i64>,
        page: &Page<MessageItem>,
    ) -> Result<Option<i64>, ApiError> {
        let is_everything = ask.tier.trim().is_empty() && !ask.archived;
        let in_the_middle = ask.cursor.or(ask.after).or(ask.at).or(found).is_some();
        let Some(newest) = page.items.first().filter(|_| is_everything && in_the_middle) else { return Ok(None) };
        let is_newest = self.web.engine.is_newest(chat, newest.id).await.map_err(told)?;
        Ok((!is_newest).then_some(newest.id.0))
    }
}

fn tier(name: &str) -> Result<Option<Tier>, ApiError> {
    match name.trim() {
        // The whole history is everything, not what the other tiers leave.
        "" | "whole_history" => Ok(None),
        "short_term" => Ok(Some(Tier::ShortTerm)),
        "mid_term" => Ok(Some(Tier::MidTerm)),
        other => {
            Err(ApiError::invalid("tier", format!("“{other}” is no tier: short_term, mid_term or whole_history.")))
        }
    }
}
