//! Quotes in the place where they were said.

use souvenir_frontend::api::{ApiError, EvidenceView, NeighbourView};
use souvenir_memory::{ChatId, MessageId};

use super::{calendar::Calendar, errors::told, port::WebDashboard, views};
use crate::engine::{EngineError, inspect::MessageItem};

/// How many messages are shown on each side of a quote.
const REACH: u32 = 1;
/// The longest text of a neighbour of a quote.
const NEIGHBOUR: usize = 300;

impl WebDashboard {
    /// A quote between the messages around it; none when its message is gone. `version` is that of the fact that rests
    /// on it, 0 for a proposal.
    pub(super) async fn evidence(
        &self,
        chat: ChatId,
        (version, message, quote): (u32, MessageId, &str),
        calendar: &Calendar,
    ) -> Result<Option<EvidenceView>, ApiError> {
        let around = match self.web.engine.around(chat, message, REACH).await {
            Ok(page) => page.items,
            Err(EngineError::NoMessage(_)) => return Ok(None),
            Err(error) => return Err(told(error)),
        };
        let Some(place) = around.iter().position(|item| item.id == message) else { return Ok(None) };
        let quoted = &around[place];
        let found = quoted.text.split_once(quote);
        let (before, after) = found.unwrap_or(("", ""));
        // Newest first: what comes before in the list was said after.
        let next = around[..place].iter().rev();
        let previous = around[place + 1..].iter().rev();
        Ok(Some(EvidenceView {
            version,
            message: message.0,
            who: views::who(quoted.role, quoted.author.as_deref()),
            at: calendar.moment(quoted.at),
            before: before.to_owned(),
            quote: quote.to_owned(),
            after: after.to_owned(),
            edited: found.is_none(),
            previous: previous.map(|item| neighbour(item, calendar)).collect(),
            next: next.map(|item| neighbour(item, calendar)).collect(),
        }))
    }
}

fn neighbour(message: &MessageItem, calendar: &Calendar) -> NeighbourView {
    NeighbourView {
        who: views::who(message.role, message.author.as_deref()),
        at: calendar.moment(message.at),
        text: views::excerpt(&views::plain(message.role, &message.text), NEIGHBOUR),
    }
}
