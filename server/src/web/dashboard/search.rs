//! Search as a page shows it.

use souvenir_frontend::api::{ApiError, HistoryAsk, HitView, SearchView, StretchView};
use souvenir_memory::{ChatId, Role};

use super::{calendar::Calendar, errors::told, port::WebDashboard, views};
use crate::engine::{
    excerpt::excerpt,
    search::{FoundMessage, SearchMode, SearchQuery},
};

/// How many messages are shown.
const MOST: usize = 20;
/// How much of a message is shown, in characters.
const PIECE: usize = 400;

impl WebDashboard {
    /// What is found in a chat, archived messages too.
    pub(super) async fn found(&self, chat: ChatId, ask: &HistoryAsk) -> Result<SearchView, ApiError> {
        let calendar = self.calendar_of(Some(chat)).await?;
        let mode: SearchMode = match ask.mode.trim() {
            "" => SearchMode::default(),
            name => name.parse().map_err(|error: String| ApiError::invalid("mode", error))?,
        };
        let query = SearchQuery { text: ask.q.trim().to_owned(), mode, archived: true, before: None, most: MOST };
        let found = self.web.engine.search(chat, &query).await.map_err(told)?;
        Ok(SearchView {
            hits: found.into_iter().map(|found| hit(found, &calendar)).collect(),
            by_meaning: self.web.engine.finds_by_meaning(),
        })
    }
}

pub(super) fn hit(found: FoundMessage, calendar: &Calendar) -> HitView {
    let message = found.message;
    let piece = excerpt(&message.text, &found.marks, PIECE).into_iter();
    HitView {
        id: message.id.0,
        who: views::who(message.role, message.author.as_deref()),
        person: message.role == Role::User,
        at: calendar.moment(message.at),
        piece: piece.map(|stretch| StretchView { text: stretch.text, marked: stretch.marked }).collect(),
        lang: views::language(&message.text),
        archived: message.archived_at.is_some(),
        score: found.score,
        words: found.matched,
        word_rank: found.word_rank,
        meaning_rank: found.meaning_rank,
        beside: found.beside.map(|id| id.0),
    }
}
