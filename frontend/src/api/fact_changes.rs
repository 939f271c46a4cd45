//! What can be done with facts: each change leads back to the facts as they were shown.

use leptos::prelude::*;

use super::{ApiError, FactForm};
#[cfg(feature = "ssr")]
use super::{dashboard, list_of, numbers};
#[cfg(feature = "ssr")]
use crate::words;

/// Writes a new fact and opens it.
#[server(prefix = "/fn", endpoint = "add_fact")]
pub async fn add_fact(chat: i64, form: FactForm) -> Result<(), ApiError> {
    let fact = dashboard()?.add_fact(chat, form).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/facts?fact={fact}"));
    Ok(())
}

/// Saves a fact and opens it.
#[server(prefix = "/fn", endpoint = "edit_fact")]
pub async fn edit_fact(chat: i64, fact: i64, form: FactForm) -> Result<(), ApiError> {
    let did = dashboard()?.edit_fact(chat, fact, form).await?;
    shown(chat, did, Some(fact))
}

/// Pins a fact or lets it go.
#[server(prefix = "/fn", endpoint = "pin_fact")]
pub async fn pin_fact(chat: i64, fact: i64, pinned: bool) -> Result<(), ApiError> {
    let did = dashboard()?.pin_facts(chat, vec![fact], pinned).await?;
    shown(chat, did, Some(fact))
}

/// Marks a goal as open, done or dropped.
#[server(prefix = "/fn", endpoint = "set_goal")]
pub async fn set_goal(chat: i64, fact: i64, state: String) -> Result<(), ApiError> {
    let did = dashboard()?.set_goal(chat, fact, state).await?;
    shown(chat, did, Some(fact))
}

/// Accepts a fact that waits for the owner.
#[server(prefix = "/fn", endpoint = "use_fact")]
pub async fn use_fact(chat: i64, fact: i64) -> Result<(), ApiError> {
    dashboard()?.use_fact(chat, fact).await
}

/// Deletes a fact.
#[server(prefix = "/fn", endpoint = "delete_fact")]
pub async fn delete_fact(chat: i64, fact: i64) -> Result<(), ApiError> {
    let did = dashboard()?.delete_facts(chat, vec![fact]).await?;
    shown(chat, did, None)
}

/// Does one thing to several facts: `pin`, `unpin`, `delete`; or asks how to `merge` them.
#[server(prefix = "/fn", endpoint = "change_facts")]
pub async fn change_facts(
    chat: i64,
    #[server(default)] facts: Vec<i64>,
    #[server(default)] act: String,
) -> Result<(), ApiError> {
    if facts.is_empty() {
        return Err(ApiError::invalid("facts", words::facts::NONE_TICKED));
    }
    let list = list_of(&facts);
    match act.as_str() {
        "pin" => shown(chat, dashboard()?.pin_facts(chat, facts, true).await?, None),
        "unpin" => shown(chat, dashboard()?.pin_facts(chat, facts, false).await?, None),
        "delete" => shown(chat, dashboard()?.delete_facts(chat, facts).await?, None),
        "merge" if facts.len() < 2 => Err(ApiError::invalid("facts", words::facts::ONE_CANNOT_BE_MERGED)),
        "merge" => {
            leptos_axum::redirect(&format!("/chats/{chat}/facts?merge={list}#merge"));
            Ok(())
        }
        other => Err(ApiError::invalid("act", words::facts::nothing_to_do(other))),
    }
}

/// Makes several facts one, in the owner's words: the first stays, the others are replaced by it.
#[server(prefix = "/fn", endpoint = "merge_facts")]
pub async fn merge_facts(chat: i64, facts: String, statement: String) -> Result<(), ApiError> {
    let (kept, did) = dashboard()?.merge_facts(chat, numbers(&facts), statement).await?;
    shown(chat, did, Some(kept))
}

/// Leads back to the facts as they were shown, with what was done and the fact whose drawer is to be open.
#[cfg(feature = "ssr")]
fn shown(chat: i64, did: Option<u64>, open: Option<i64>) -> Result<(), ApiError> {
    let text = |number: &dyn ToString| number.to_string();
    let set = [("fact", open.map(|fact| text(&fact))), ("did", did.map(|did| text(&did)))];
    super::undo::back(&format!("/chats/{chat}/"), "facts", &set);
    Ok(())
}

/// Forgets a fact, deleted before or not.
#[server(prefix = "/fn", endpoint = "forget_fact")]
pub async fn forget_fact(chat: i64, fact: i64) -> Result<(), ApiError> {
    let report = dashboard()?.forget_fact(chat, fact).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/facts?report={report}"));
    Ok(())
}

/// Brings a deleted fact or an old version back.
#[server(prefix = "/fn", endpoint = "restore_fact")]
pub async fn restore_fact(chat: i64, fact: i64, version: Option<u32>) -> Result<(), ApiError> {
    dashboard()?.restore_fact(chat, fact, version).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/facts?fact={fact}"));
    Ok(())
}
