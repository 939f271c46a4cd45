//! Forgetting: what would go, asked once more; and the report of what went.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactId, forgetting::ForgetReport};

use super::post;
use crate::{
    api::{ForgetChat, ForgetFact, ForgetMessages, ForgetView, numbers},
    words,
};

/// The question under a message that is about to be forgotten; `back` is where not to leads.
pub(super) fn message_question(chat: i64, message: i64, preview: &ForgetView, back: &str) -> AnyView {
    let number = words::message(message);
    let fields = [("chat", chat.to_string()), ("messages", message.to_string())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{format!("Forget message {number}")}</button>
            <a class="btn" href=back.to_owned() data-noscroll="">"Keep it"</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=format!("Forget message {number}")>
            <h3>{format!("Forget message {number}? This would go:")}</h3>
            {table(chat, &preview.report)}
            {warning()}
            {post(ForgetMessages::url(), &fields, buttons.into_any())}
        </div>
    }
    .into_any()
}

/// The question above the list, for messages that are about to be forgotten together.
pub(super) fn messages_question(chat: i64, messages: &str, preview: &ForgetView, back: &str) -> AnyView {
    let what = words::plural(numbers(messages).len(), "message", "messages");
    let fields = [("chat", chat.to_string()), ("messages", messages.to_owned())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{format!("Forget {what}")}</button>
            <a class="btn" href=back.to_owned() data-noscroll="">"Keep them"</a>
        </div>
    };
    view! {
        <div class="sure" id="sure" role="group" aria-label=format!("Forget {what}")>
            <h3>{format!("Forget {what}? This would go:")}</h3>
            {table(chat, &preview.report)}
            {warning()}
            {post(ForgetMessages::url(), &fields, buttons.into_any())}
        </div>
    }
    .into_any()
}

/// The question in the drawer of a fact that is about to be forgotten.
pub(super) fn fact_question(chat: i64, fact: i64, preview: &ForgetView) -> AnyView {
    let fields = [("chat", chat.to_string()), ("fact", fact.to_string())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{format!("Forget fact {fact}")}</button>
            <a class="btn" href=format!("/chats/{chat}/facts?fact={fact}") data-noscroll="">"Keep it"</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=format!("Forget fact {fact}")>
            <h3>{format!("Forget fact {fact}? This would go:")}</h3>
            {table(chat, &preview.report)}
            <p class="note">"It cannot be undone. Every version goes, with its quotes and what repeats it. What people said stays: that is forgotten message by message. The fact is not learnt again."</p>
            {post(ForgetFact::url(), &fields, buttons.into_any())}
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

/// What goes, in numbers. Zeros are not shown.
fn lines(report: &ForgetReport) -> Vec<(&'static str, u64)> {
    let summaries = if report.remaking { "Summaries, made again without it" } else { "Summaries" };
    let all = [
        ("Messages", report.messages),
        ("Versions of their texts", report.revisions),
        ("Replies that repeat their words", report.replies),
        (if report.messages == 0 { "Facts" } else { "Facts that rest on nothing else" }, report.facts),
        ("Facts that lose a quote or a version, and stay", report.facts_kept),
        (summaries, report.summaries),
        ("Summaries of some days", report.period_summaries),
        ("Proposals", report.proposals),
        ("Records of what the memory model asked for", report.operations),
        ("Entries of the search index", report.index_entries),
        ("Places in records of turns, which read “forgotten”", report.manifest_items),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn table(chat: i64, report: &ForgetReport) -> AnyView {
    let rows: Vec<_> = lines(report)
        .into_iter()
        .map(|(name, count)| view! { <dt>{name}</dt><dd>{words::count_u64(count)}</dd> })
        .collect();
    view! { <dl class="kv">{rows}</dl> {kept(chat, &report.kept_by_hand)} }.into_any()
}

/// A person's own words stay; that they repeat what is forgotten is said.
fn kept(chat: i64, facts: &[FactId]) -> AnyView {
    if facts.is_empty() {
        return ().into_any();
    }
    let links: Vec<_> = facts
        .iter()
        .map(|fact| view! { " "<a href=format!("/chats/{chat}/facts?fact={fact}")>{format!("fact {fact}")}</a> })
        .collect();
    view! { <p class="alert warn">"In a person’s own words, and so kept, though the same words stand in them:"{links}</p> }
        .into_any()
}

/// What went.
pub(super) fn report(chat: i64, view: &ForgetView) -> AnyView {
    let title = if view.chat.is_empty() && view.report.messages == 0 {
        let facts = usize::try_from(view.report.facts).unwrap_or(usize::MAX);
        format!("Forgotten: {}", words::plural(facts, "fact", "facts"))
    } else if view.chat.is_empty() {
        let messages = usize::try_from(view.report.messages).unwrap_or(usize::MAX);
        format!("Forgotten: {}", words::plural(messages, "message", "messages"))
    } else {
        format!("Forgotten: the chat “{}”", view.chat)
    };
    let erased = if view.report.erased {
        "The text is in no table and no index, and its bytes are gone from the database’s file and its log."
    } else {
        "The text is in no table and no index. Its bytes leave the database’s file as soon as nobody reads from it."
    };
    view! {
        <div class="report" role="status">
            <h2>{title}</h2>
            {table(chat, &view.report)}
            <p class="note">{erased}" Backups made before still hold it."</p>
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
            {table(chat, &preview.report)}
            {warning()}
            {post(ForgetChat::url(), &[("chat", chat.to_string())], body.into_any())}
        </div>
    }
    .into_any()
}
