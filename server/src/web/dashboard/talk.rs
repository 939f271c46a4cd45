//! The console: the newest part of a conversation, each reply with the line that leads to its turn.

use std::collections::HashMap;

use souvenir_frontend::api::{ApiError, BarView, ConsoleView, TalkView, TurnLine};
use souvenir_memory::{ChatId, MessageKind, Role, TurnId};

use super::{errors::told, port::WebDashboard, views};
use crate::engine::inspect::{ChatKind, MessageItem, MessageQuery, TurnItem};

/// How many messages the console shows.
const SHOWN: u32 = 50;
/// How many of the newest replies show what was sent for them as a bar; older ones are a click away.
const BARS: usize = 10;

impl WebDashboard {
    /// The console of a chat.
    pub(super) async fn console_view(&self, chat: ChatId) -> Result<ConsoleView, ApiError> {
        let detail = self.web.engine.chat(chat).await.map_err(told)?;
        let calendar = self.calendar(&detail.settings);
        let query = MessageQuery { limit: SHOWN, ..MessageQuery::default() };
        let page = self.web.engine.messages(chat, query).await.map_err(told)?;
        let turns = self.web.engine.turns(chat, None, SHOWN).await.map_err(told)?.items;
        let newest = turns.first().map(|turn| &turn.record);
        let writing = newest.filter(|turn| turn.state.as_str() == "running").map(|turn| turn.id.0);
        let failure = newest.filter(|turn| turn.state.as_str() == "failed").and_then(|turn| turn.error.clone());
        let mut lines = self.lines(chat, &turns).await?;
        let talk = page.items.iter().rev().map(|message| TalkView {
            line: turn_of_reply(message).and_then(|turn| lines.remove(&turn)),
            message: views::message(message, &calendar),
        });
        Ok(ConsoleView {
            talk: talk.collect(),
            more: page.next_cursor.is_some(),
            writing,
            failure,
            next: BarView::from_manifest(&detail.summary.next_context),
            console: detail.summary.kind == ChatKind::Console,
        })
    }

    /// The lines under replies, by turn. `turns` are newest first.
    async fn lines(&self, chat: ChatId, turns: &[TurnItem]) -> Result<HashMap<TurnId, TurnLine>, ApiError> {
        let mut lines = HashMap::with_capacity(turns.len());
        for (place, turn) in turns.iter().enumerate() {
            let manifest = match place < BARS {
                true => self.web.engine.turn(chat, turn.record.id).await.map_err(told)?.manifest,
                false => None,
            };
            lines.insert(turn.record.id, line(turn, manifest.as_ref().map(BarView::from_manifest)));
        }
        Ok(lines)
    }
}

/// The turn whose reply a message is.
fn turn_of_reply(message: &MessageItem) -> Option<TurnId> {
    let is_reply = message.role == Role::Assistant && message.kind == MessageKind::Text;
    message.turn.filter(|_| is_reply)
}

fn line(turn: &TurnItem, bar: Option<BarView>) -> TurnLine {
    let record = &turn.record;
    TurnLine {
        id: record.id.0,
        bar,
        tokens: record.reported.or(record.predicted).unwrap_or_default().0,
        took_ms: views::took_ms(turn),
        cost_usd: turn.cost_usd,
        state: record.state.as_str().to_owned(),
    }
}
