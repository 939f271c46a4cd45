//! Messages: the history by tier, and the console.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use souvenir_memory::Tier;

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, BarView, ForgetView, Moment, Sheet, TurnLine};
#[cfg(feature = "ssr")]
use crate::words;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its number.
    pub id: i64,
    /// `You`, `Souvenir`, or a name.
    pub who: String,
    /// Whether a person said it.
    pub person: bool,
    /// The text as safe HTML: paragraphs, lists, emphasis, code; nothing that loads anything.
    pub html: String,
    /// The language of the text as an IETF tag, where it is plain to see.
    pub lang: Option<String>,
    /// Its tokens.
    pub tokens: u32,
    /// When.
    pub at: Moment,
    /// Its tier now.
    pub tier: Tier,
    /// Whether it was put away.
    pub archived: bool,
    /// `command`, `media`, `service`, `imported`: what it is when it is not plain talk.
    pub note: Option<String>,
    /// What is not right with its way to Telegram: `may not have arrived`.
    pub trouble: Option<String>,
    /// The turn it belongs to.
    pub turn: Option<i64>,
}

/// Which part of the history to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryAsk {
    /// Only this tier: `short_term`, `mid_term`, `whole_history` (everything); empty for everything.
    #[serde(default)]
    pub tier: String,
    /// Only archived messages.
    #[serde(default)]
    pub archived: bool,
    /// Before this message.
    #[serde(default)]
    pub cursor: Option<i64>,
    /// This message, with those around it.
    #[serde(default)]
    pub at: Option<i64>,
    /// After this message: those that are newer.
    #[serde(default)]
    pub after: Option<i64>,
    /// From this message on, with whatever else is asked for: what is on screen already, drawn anew.
    #[serde(default)]
    pub from: Option<i64>,
    /// A day, `2026-11-20`: its first message, with those around it.
    #[serde(default)]
    pub day: String,
    /// The messages that are about to be forgotten, `3` or `3,7`: what would go is shown.
    #[serde(default)]
    pub forget: String,
    /// The report of what has been forgotten.
    #[serde(default)]
    pub report: Option<u64>,
    /// What is searched for; empty for no search.
    #[serde(default)]
    pub q: String,
    /// How: `hybrid`, `lexical`, `semantic`; empty for the best there is.
    #[serde(default)]
    pub mode: String,
}

/// A page of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Newest first.
    pub messages: Vec<MessageView>,
    /// Where to go on with older ones.
    pub next_cursor: Option<i64>,
    /// Where to go on with newer ones.
    pub newer: Option<i64>,
    /// The first message of the day that was asked for; none where nothing was said since.
    pub found: Option<i64>,
    /// How many messages: everything, `short_term`, `mid_term`, archived.
    pub counts: [u64; 4],
    /// What forgetting the messages that were asked for would take along.
    pub would_forget: Option<ForgetView>,
    /// What was forgotten just now.
    pub report: Option<ForgetView>,
}

/// A message of the console with the line of its turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TalkView {
    /// The message.
    pub message: MessageView,
    /// For a reply: its turn.
    pub line: Option<TurnLine>,
}

/// The console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsoleView {
    /// Oldest first; the newest fifty.
    pub talk: Vec<TalkView>,
    /// Whether there are older ones than these.
    pub more: bool,
    /// The turn being answered now, and what is written of it so far.
    pub writing: Option<i64>,
    /// Why the last turn failed, when it did: said in place of the answer.
    pub failure: Option<String>,
    /// What the next reply would see.
    pub next: BarView,
    /// Whether the chat takes messages here; a Telegram chat does not.
    pub console: bool,
}

/// The console, drawn, with what the browser must know to show what is not stored yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleSheet {
    /// The conversation.
    pub talk: Sheet,
    /// What the next reply would see.
    pub next: Sheet,
    /// Its tokens.
    pub next_tokens: u32,
    /// The newest message; 0 when there is none.
    pub newest: i64,
    /// The turns whose answers are in the conversation.
    pub answered: Vec<i64>,
    /// Whether an answer is being written.
    pub writing: bool,
    /// Why the last turn failed, when it did.
    pub failure: Option<String>,
}

/// A page of the history, or what is searched for in it.
#[server(prefix = "/fn", endpoint = "history")]
pub async fn history(chat: i64, #[server(default)] ask: HistoryAsk) -> Result<Sheet, ApiError> {
    if !ask.q.trim().is_empty() {
        let found = dashboard()?.search(chat, ask.clone()).await?;
        return Ok(Sheet::of(crate::sheets::search::results(chat, &ask, &found)));
    }
    let history = dashboard()?.history(chat, ask.clone()).await?;
    Ok(Sheet::of(crate::sheets::history::history(chat, &ask, &history)))
}

/// More of the history, for its end on screen: the messages alone, with the way on in the same direction.
#[server(prefix = "/fn", endpoint = "more_history")]
pub async fn more_history(chat: i64, ask: HistoryAsk) -> Result<Sheet, ApiError> {
    let history = dashboard()?.history(chat, ask.clone()).await?;
    Ok(Sheet::of(crate::sheets::history::more(chat, &ask, &history)))
}

/// Does one thing to several messages: `archive`, `restore`; or asks whether to `forget` them.
#[server(prefix = "/fn", endpoint = "change_messages")]
pub async fn change_messages(
    chat: i64,
    #[server(default)] messages: Vec<i64>,
    #[server(default)] act: String,
) -> Result<(), ApiError> {
    let Some(newest) = messages.iter().max() else {
        return Err(ApiError::invalid("messages", words::history::NONE_TICKED));
    };
    match act.as_str() {
        "archive" => archived_some(chat, dashboard()?.archive(chat, messages, true).await?),
        "restore" => archived_some(chat, dashboard()?.archive(chat, messages, false).await?),
        "forget" => {
            let list = super::facts::list_of(&messages);
            leptos_axum::redirect(&format!("/chats/{chat}/history?at={newest}&forget={list}#sure"));
            Ok(())
        }
        other => {
            let why = words::history::nothing_to_do(other);
            Err(ApiError::invalid("act", why))
        }
    }
}

/// Archives a message or brings it back.
#[server(prefix = "/fn", endpoint = "archive")]
pub async fn archive(chat: i64, message: i64, archived: bool) -> Result<(), ApiError> {
    archived_some(chat, dashboard()?.archive(chat, vec![message], archived).await?)
}

/// Leads back to the history as it was shown, with what was done.
#[cfg(feature = "ssr")]
fn archived_some(chat: i64, did: Option<u64>) -> Result<(), ApiError> {
    super::undo::back(&format!("/chats/{chat}/"), "history", &[("did", did.map(|did| did.to_string()))]);
    Ok(())
}

/// The console.
#[server(prefix = "/fn", endpoint = "console")]
pub async fn console(chat: i64) -> Result<ConsoleSheet, ApiError> {
    let console = dashboard()?.console(chat).await?;
    Ok(crate::sheets::console::console(chat, &console))
}

/// Says something in a console chat.
#[server(prefix = "/fn", endpoint = "say")]
pub async fn say(chat: i64, text: String) -> Result<(), ApiError> {
    dashboard()?.say(chat, text).await
}

/// Stops the answer being written.
#[server(prefix = "/fn", endpoint = "stop")]
pub async fn stop(chat: i64) -> Result<(), ApiError> {
    dashboard()?.stop(chat).await
}
