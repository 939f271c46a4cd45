//! Forgetting: what would go, asked once more; and the report of what went.

use leptos::{prelude::*, server_fn::ServerFn};

use super::post;
use crate::{
    api::{ForgetChat, ForgetMessage, ForgetView},
    words,
};

/// The question under a message that is about to be forgotten; `back` is where not to leads.
pub(super) fn message_question(chat: i64, message: i64, preview: &ForgetView, back: &str) -> AnyView {
    let number = words::count(message);
    let fields = [("chat", chat.to_string()), ("message", message.to_string())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{format!("Forget message {number}")}</button>
            <a class="btn" href=back.to_owned() data-noscroll="">"Keep it"</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=format!("Forget message {number}")>
            <h3>{format!("Forget message {number}? This would go:")}</h3>
            {table(preview)}
            {warning()}
            {post(ForgetMessage::url(), &fields, buttons.into_any())}
        </div>
    }
    .into_any()
}

fn warning() -> AnyView {
    view! {
        <p class="note">"It cannot be undone. Archiving hides a message and can be taken back. What Telegram, the model’s provider and your backups hold is not in Souvenir’s hands."</p>
    }
    .into_any()
}

/// What goes, in numbers. Zeros are not shown, but for the messages.
fn lines(view: &ForgetView) -> Vec<(&'static str, u64)> {
    let summaries = if view.remaking { "Summaries, made again without it" } else { "Summaries" };
    let all = [
        ("Messages", view.messages),
        ("Versions of their texts", view.revisions),
        ("Replies that repeat their words", view.replies),
        ("Facts that rest on nothing else", view.facts),
        ("Facts that lose a quote and stay", view.facts_kept),
        (summaries, view.summaries),
        ("Proposals", view.proposals),
        ("Places in records of turns, which read “forgotten”", view.manifest_items),
    ];
    all.into_iter().filter(|(name, count)| *count > 0 || *name == "Messages").collect()
}

fn table(view: &ForgetView) -> AnyView {
    let rows: Vec<_> = lines(view)
        .into_iter()
        .map(|(name, count)| view! { <dt>{name}</dt><dd>{words::count_u64(count)}</dd> })
        .collect();
    view! { <dl class="kv">{rows}</dl> }.into_any()
}

/// What went.
pub(super) fn report(view: &ForgetView) -> AnyView {
    let title = if view.chat.is_empty() {
        format!(
            "Forgotten: {}",
            words::plural(usize::try_from(view.messages).unwrap_or(usize::MAX), "message", "messages")
        )
    } else {
        format!("Forgotten: the chat “{}”", view.chat)
    };
    view! {
        <div class="report" role="status">
            <h2>{title}</h2>
            {table(view)}
            <p class="note">"The text is in no table, no index, not in the log of changes and not in the file’s free pages. Backups made before still hold it."</p>
        </div>
    }
    .into_any()
}

/// The end of a chat's settings.
pub(crate) fn chat_part(chat: i64, preview: Option<&ForgetView>) -> AnyView {
    let body = match preview {
        None => view! {
            <p class="note">"Deletes the chat with its messages, facts, summaries, turns and settings. What would go is shown first."</p>
            <a class="btn btn-danger" href=format!("/chats/{chat}/settings?forget=1#forget") data-noscroll="">"Forget this chat"</a>
        }
        .into_any(),
        Some(preview) => chat_question(chat, preview),
    };
    view! { <section class="forget-chat" id="forget"><h2>"Forget this whole chat"</h2>{body}</section> }.into_any()
}

fn chat_question(chat: i64, preview: &ForgetView) -> AnyView {
    let body = view! {
        <label>
            "Type "<b>"forget"</b>" to confirm"
            <input class="field" name="sure" autocomplete="off" autocapitalize="off" spellcheck="false" required/>
        </label>
        <div class="acts">
            <button class="btn btn-danger" type="submit">"Forget the whole chat"</button>
            <a class="btn" href=format!("/chats/{chat}/settings") data-noscroll="">"Keep it"</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label="Forget this whole chat">
            <h3>{format!("Forget “{}”? This would go:", preview.chat)}</h3>
            {table(preview)}
            {warning()}
            {post(ForgetChat::url(), &[("chat", chat.to_string())], body.into_any())}
        </div>
    }
    .into_any()
}
