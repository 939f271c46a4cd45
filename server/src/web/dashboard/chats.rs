//! The list of chats: searched, sorted, and each with what is being done about its memory.

use std::cmp::Reverse;

use souvenir_frontend::api::{ApiError, ChatRow, ChatsAsk, ChatsView};
use souvenir_memory::ChatId;

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
        let since = all.iter().map(|chat| chat.created_at).min();
        let count = all.len() as u64;
        let mut chats = Vec::with_capacity(all.len());
        for chat in all {
            let row = views::chat_row(chat, &calendar);
            chats.extend(self.fitting(row, ask.q.trim(), &calendar).await?);
        }
        sort(&mut chats, &ask.sort)?;
        Ok(ChatsView {
            chats,
            all: count,
            prices_of: calendar.midnight(PRICES_AS_OF).map(|at| calendar.day(at)).unwrap_or_default(),
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
