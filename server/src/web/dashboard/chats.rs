//! The list of chats: searched, sorted, and each with what is being done about its memory.

use std::cmp::Reverse;

use souvenir_frontend::api::{ApiError, ChatRow, ChatsAsk, ChatsView};
use souvenir_memory::{ChatId, Timestamp};

use super::{calendar::Calendar, episodes, errors::told, port::WebDashboard, search, views};
use crate::engine::{
    PRICES_AS_OF, Status,
    search::{SearchMode, SearchQuery},
};

impl WebDashboard {
    /// The chats that fit what was searched for.
    pub(super) async fn chats_view(&self, ask: &ChatsAsk) -> Result<ChatsView, ApiError> {
        let engine = &self.web.engine;
        let calendar = self.calendar_of(None).await?;
        let all = engine.chats().await.map_err(told)?;
        let count = all.len() as u64;
        let imported = engine.waiting_imports().await.map_err(told)?;
        let mut since: Option<Timestamp> = None;
        let mut chats = Vec::with_capacity(all.len());
        for chat in all {
            let id = chat.id;
            let first = engine.first_message_at(id).await.map_err(told)?;
            since = [since, first].into_iter().flatten().min();
            let mut row = views::chat_row(chat, &calendar);
            row.imported = imported.iter().find(|waiting| waiting.chat == id).map_or(0, |waiting| waiting.messages);
            chats.extend(self.fitting(row, ask.q.trim(), &calendar).await?);
        }
        sort(&mut chats, &ask.sort)?;
        Ok(ChatsView {
            chats,
            all: count,
            prices_of: calendar.day_of(PRICES_AS_OF),
            since: since.map(|at| calendar.day(at)),
            month: calendar.month(),
            report: ask.report.and_then(|number| self.reports.find(number)),
            telegram: engine.health().await.telegram.status != Status::Off,
        })
    }

    /// A chat whose title has the words, or in which a message is found by them; with what is done about its memory.
    async fn fitting(&self, mut row: ChatRow, words: &str, calendar: &Calendar) -> Result<Option<ChatRow>, ApiError> {
        let (engine, chat) = (&self.web.engine, ChatId(row.id));
        if !words.is_empty() && !row.title.to_lowercase().contains(&words.to_lowercase()) {
            let query = SearchQuery {
                text: words.to_owned(),
                mode: SearchMode::Lexical,
                archived: true,
                before: None,
                most: 1,
            };
            let found = engine.search(chat, &query).await.map_err(told)?;
            row.hit = found.into_iter().next().map(|found| search::hit(found, calendar));
            if row.hit.is_none() {
                return Ok(None);
            }
        }
        row.proposals = engine.proposals_waiting(chat).await.map_err(told)?;
        let analyses = engine.analyses(chat, None, 1).await.map_err(told)?.items;
        row.analysis = analyses.first().is_some_and(|newest| newest.record.state.as_str() == "proposed");
        let newest = engine.jobs(chat, None, 1).await.map_err(told)?.items.pop();
        row.job = newest.map(|item| episodes::job(item, calendar));
        Ok(Some(row))
    }
}

/// They come by their last message, the newest first.
fn sort(chats: &mut [ChatRow], by: &str) -> Result<(), ApiError> {
    match by.trim() {
        "" => {}
        "fill" => chats.sort_by_key(|chat| Reverse(chat.context.sent())),
        "tokens" => chats.sort_by_key(|chat| Reverse(chat.month_tokens)),
        // What is not known comes last.
        "cost" => chats.sort_by(|one, two| {
            two.month_cost_usd.partial_cmp(&one.month_cost_usd).unwrap_or(std::cmp::Ordering::Equal)
        }),
        "title" => chats.sort_by_key(|chat| chat.title.to_lowercase()),
        other => {
            let why =
                format!("“{other}” is no order of chats: fill, tokens, cost, title, or nothing for the last message.");
            return Err(ApiError::invalid("sort", why));
        }
    }
    Ok(())
}
