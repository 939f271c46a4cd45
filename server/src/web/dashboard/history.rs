//! The history: messages by tier, or those around one.

use souvenir_frontend::api::{ApiError, HistoryAsk, HistoryView};
use souvenir_memory::{ChatId, MessageId, Tier};

use super::{errors::told, port::WebDashboard, views};
use crate::engine::{Forget, inspect::MessageQuery};

/// How many messages a page has.
const PAGE: u32 = 50;
/// How many messages are shown on each side of one that is asked for.
const REACH: u32 = 20;

impl WebDashboard {
    /// A page of the history.
    pub(super) async fn history_view(&self, chat: ChatId, ask: &HistoryAsk) -> Result<HistoryView, ApiError> {
        let detail = self.web.engine.chat(chat).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let query = MessageQuery {
            tier: tier(&ask.tier)?,
            archived: ask.archived.then_some(true),
            cursor: ask.cursor.map(MessageId),
            limit: PAGE,
        };
        let page = match ask.at {
            Some(message) => self.web.engine.around(chat, MessageId(message), REACH).await,
            None => self.web.engine.messages(chat, query).await,
        };
        let page = page.map_err(told)?;
        let would_forget = match ask.forget {
            Some(message) => Some(self.would_forget(chat, &Forget::Messages(vec![MessageId(message)])).await?),
            None => None,
        };
        let tiers = detail.summary.tiers;
        let counts = [tiers.whole_history, tiers.short_term, tiers.mid_term, tiers.archived];
        Ok(HistoryView {
            messages: page.items.iter().map(|message| views::message(message, &calendar)).collect(),
            next_cursor: page.next_cursor,
            counts: counts.map(|count| count.messages),
            would_forget,
            report: ask.report.and_then(|number| self.reports.find(number)),
        })
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
