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
    let fields = [("chat", chat.to_string()), ("messages", message.to_string())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{words::forget::message(message)}</button>
            <a class="btn" href=back.to_owned() data-noscroll="" data-key="esc">{words::forget::KEEP_IT}</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=words::forget::message(message)>
            <h3>{words::forget::message_goes(message)}</h3>
            {table(chat, &preview.report)}
            {warning()}
            {post(ForgetMessages::url(), &fields, buttons.into_any())}
        </div>
    }
    .into_any()
}

/// The question above the list, for messages that are about to be forgotten together.
pub(super) fn messages_question(chat: i64, messages: &str, preview: &ForgetView, back: &str) -> AnyView {
    let number = numbers(messages).len();
    let fields = [("chat", chat.to_string()), ("messages", messages.to_owned())];
    let buttons = view! {
        <div class="acts">
            <button class="btn btn-danger" type="submit">{words::forget::messages(number)}</button>
            <a class="btn" href=back.to_owned() data-noscroll="" data-key="esc">{words::forget::KEEP_THEM}</a>
        </div>
    };
    view! {
        <div class="sure" id="sure" role="group" aria-label=words::forget::messages(number)>
            <h3>{words::forget::messages_go(number)}</h3>
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
            <button class="btn btn-danger" type="submit">{words::forget::fact(fact)}</button>
            <a class="btn" href=format!("/chats/{chat}/facts?fact={fact}") data-noscroll="" data-key="esc">{words::forget::KEEP_IT}</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=words::forget::fact(fact)>
            <h3>{words::forget::fact_goes(fact)}</h3>
            {table(chat, &preview.report)}
            <p class="note">{words::forget::WHAT_FORGETTING_A_FACT_DOES}</p>
            {post(ForgetFact::url(), &fields, buttons.into_any())}
        </div>
    }
    .into_any()
}

fn warning() -> AnyView {
    view! {
        <p class="note">{words::forget::WHAT_FORGETTING_DOES}</p>
    }
    .into_any()
}

/// What goes, in numbers. Zeros are not shown.
fn lines(report: &ForgetReport) -> Vec<(&'static str, u64)> {
    let summaries = if report.remaking { words::forget::SUMMARIES_REMADE } else { words::SUMMARIES };
    let all = [
        (words::MESSAGES, report.messages),
        (words::forget::VERSIONS_OF_THEIR_TEXTS, report.revisions),
        (words::forget::REPLIES_THAT_REPEAT, report.replies),
        (if report.messages == 0 { words::FACTS } else { words::forget::FACTS_ON_NOTHING_ELSE }, report.facts),
        (words::forget::FACTS_THAT_STAY, report.facts_kept),
        (summaries, report.summaries),
        (words::forget::SUMMARIES_OF_SOME_DAYS, report.period_summaries),
        (words::PROPOSALS, report.proposals),
        (words::forget::RECORDS_OF_MEMORY_MODEL, report.operations),
        (words::forget::ENTRIES_OF_THE_SEARCH_INDEX, report.index_entries),
        (words::forget::PLACES_IN_RECORDS, report.manifest_items),
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
        .map(|fact| view! { " "<a href=format!("/chats/{chat}/facts?fact={fact}")>{words::a_fact(fact.0)}</a> })
        .collect();
    view! { <p class="alert warn">{words::forget::KEPT_BY_HAND}{links}</p> }.into_any()
}

/// What went.
pub(super) fn report(chat: i64, view: &ForgetView) -> AnyView {
    let title = if view.chat.is_empty() && view.report.messages == 0 {
        words::forget::gone(&words::facts(view.report.facts))
    } else if view.chat.is_empty() {
        words::forget::gone(&words::messages(view.report.messages))
    } else {
        words::forget::chat_gone(&view.chat)
    };
    view! {
        <div class="report" role="status">
            <h2>{title}</h2>
            {table(chat, &view.report)}
            <p class="note">{words::forget::bytes(view.report.erased)}</p>
        </div>
    }
    .into_any()
}

/// The end of a chat's settings.
pub(crate) fn chat_part(chat: i64, preview: Option<&ForgetView>) -> AnyView {
    let body = match preview {
        None => view! {
            <p class="note">{words::forget::WHAT_FORGETTING_A_CHAT_DOES}</p>
            <a class="btn btn-danger" href=format!("/chats/{chat}/settings?forget=1#forget") data-noscroll="">{words::forget::FORGET_THIS_CHAT}</a>
        }
        .into_any(),
        Some(preview) => chat_question(chat, preview),
    };
    view! { <section class="forget-chat" id="forget"><h2>{words::forget::FORGET_THIS_WHOLE_CHAT}</h2>{body}</section> }
        .into_any()
}

fn chat_question(chat: i64, preview: &ForgetView) -> AnyView {
    let [before, after] = words::forget::TYPE_TO_CONFIRM;
    let body = view! {
        <label>
            {before}<b>{words::forget::CONFIRMATION}</b>{after}
            <input class="field" name="sure" autocomplete="off" autocapitalize="off" spellcheck="false" required/>
        </label>
        <div class="acts">
            <button class="btn btn-danger" type="submit">{words::forget::FORGET_WHOLE_CHAT_NOW}</button>
            <a class="btn" href=format!("/chats/{chat}/settings") data-noscroll="" data-key="esc">{words::forget::KEEP_IT}</a>
        </div>
    };
    view! {
        <div class="sure" role="group" aria-label=words::forget::FORGET_THIS_WHOLE_CHAT>
            <h3>{words::forget::chat_goes(&preview.chat)}</h3>
            {table(chat, &preview.report)}
            {warning()}
            {post(ForgetChat::url(), &[("chat", chat.to_string())], body.into_any())}
        </div>
    }
    .into_any()
}
