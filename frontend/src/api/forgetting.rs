//! Forgetting: what would go, and the report of what went.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use souvenir_memory::forgetting::ForgetReport;

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Sheet};
#[cfg(feature = "ssr")]
use crate::words;

/// What forgetting takes along, or took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetView {
    /// The title of the chat that goes as a whole; empty for messages and facts.
    pub chat: String,
    /// What goes, in numbers.
    pub report: ForgetReport,
}

/// The part of a chat's settings where the whole chat is forgotten: with `open`, what would go, and the last question.
#[server(prefix = "/fn", endpoint = "forget_chat_part")]
pub async fn forget_chat_part(chat: i64, open: bool) -> Result<Sheet, ApiError> {
    let preview = if open { Some(dashboard()?.would_forget_chat(chat).await?) } else { None };
    Ok(Sheet::of(crate::sheets::forget::chat_part(chat, preview.as_ref())))
}

/// Forgets messages: `3` or `3,7`.
#[server(prefix = "/fn", endpoint = "forget_messages")]
pub async fn forget_messages(chat: i64, messages: String) -> Result<(), ApiError> {
    let report = dashboard()?.forget_messages(chat, super::facts::numbers(&messages)).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/history?report={report}"));
    Ok(())
}

/// Forgets a whole chat. `sure` is what the person typed to confirm it.
#[server(prefix = "/fn", endpoint = "forget_chat")]
pub async fn forget_chat(chat: i64, #[server(default)] sure: String) -> Result<(), ApiError> {
    if sure.trim().to_lowercase() != words::forget::CONFIRMATION {
        return Err(ApiError::invalid("sure", words::forget::TYPE_THE_WORD));
    }
    let report = dashboard()?.forget_chat(chat).await?;
    leptos_axum::redirect(&format!("/?report={report}"));
    Ok(())
}
