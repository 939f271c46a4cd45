//! Everything said, newest first, each message with its tier now.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::Tier;

use super::{Now, forget, post_now, search, talk};
use crate::{
    api::{Archive, ChangeMessages, ForgetView, HistoryAsk, HistoryView, MessageView, numbers},
    words,
};

/// The filters: what the address says, the name, and the place of its count.
const FILTERS: [(&str, &str, usize); 4] = [
    ("", words::history::EVERYTHING, 0),
    ("short_term", words::SHORT_TERM, 1),
    ("mid_term", words::MID_TERM, 2),
    ("archived", words::history::ARCHIVED, 3),
];

/// The filters, and the messages they let through.
pub(crate) fn history(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let shown = if ask.archived { "archived" } else { ask.tier.as_str() };
    let messages = if history.messages.is_empty() { nothing(chat, shown) } else { list(chat, ask, history) };
    view! {
        {history.report.as_ref().map(|report| forget::report(chat, report))}
        <div class="finding">{search::field(chat, ask, false)} {jump(chat, ask)}</div>
        {filters(chat, shown, history.counts)}
        {around(chat, ask, history)}
        {messages}
    }
    .into_any()
}

/// To a day: a plain GET form, so that the address says where one is.
fn jump(chat: i64, ask: &HistoryAsk) -> AnyView {
    view! {
        <form class="tools" method="get" action=format!("/chats/{chat}/history") aria-label=words::history::GO_TO_A_DAY>
            <input class="field" type="date" name="day" aria-label=words::history::DAY required value=ask.day.clone()/>
            <button class="btn" type="submit">{words::history::GO_TO_DAY}</button>
        </form>
    }
    .into_any()
}

/// Where in the history one is, and the way back to its newest end.
fn around(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> Option<AnyView> {
    let told = match (ask.at, history.found) {
        (Some(at), _) => words::history::around(at),
        (None, Some(_)) => words::history::FROM_THAT_DAY_ON.to_owned(),
        (None, None) if !ask.day.is_empty() => words::history::NOTHING_ON_THAT_DAY.to_owned(),
        _ => return None,
    };
    Some(
        view! { <p class="note">{told}" "<a href=format!("/chats/{chat}/history")>{words::history::NEWEST_MESSAGES}</a></p> }
            .into_any(),
    )
}

/// The messages with what can be done with those that are ticked.
fn list(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let several = history.would_forget.as_ref().filter(|_| numbers(&ask.forget).len() > 1);
    view! {
        {bulk(chat)}
        {several.map(|preview| forget::messages_question(chat, &ask.forget, preview, &address(chat, ask, None)))}
        <div class="history" id="messages">
            {newer(chat, history)}
            {messages(chat, ask, history)}
            {older(chat, ask, history)}
        </div>
    }
    .into_any()
}

/// More of the history for an end of what is on screen.
pub(crate) fn more(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let is_newer = ask.after.is_some();
    view! {
        {is_newer.then(|| newer(chat, history))}
        {messages(chat, ask, history)}
        {(!is_newer).then(|| older(chat, ask, history))}
    }
    .into_any()
}

fn newer(chat: i64, history: &HistoryView) -> Option<AnyView> {
    let address = format!("/chats/{chat}/history?after={}", history.newer?);
    Some(view! { <p class="more"><a class="btn" data-more="newer" href=address>{words::history::NEWER_MESSAGES}</a></p> }.into_any())
}

fn older(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> Option<AnyView> {
    let cursor = history.next_cursor?;
    let shown = if ask.archived { "archived" } else { ask.tier.as_str() };
    let tier = if shown.is_empty() { String::new() } else { format!("tier={shown}&") };
    let address = format!("/chats/{chat}/history?{tier}before={cursor}");
    Some(view! { <p class="more"><a class="btn" data-more="older" href=address>{words::history::OLDER_MESSAGES}</a></p> }.into_any())
}

/// What can be done with all messages that are ticked; the boxes belong to this form from where they stand.
fn bulk(chat: i64) -> AnyView {
    let button = |act: &'static str, words: &'static str, class: &'static str, now: Option<&'static str>| {
        view! { <button class=class type="submit" name="act" value=act data-now=now>{words}</button> }
    };
    view! {
        <form id="bulk" class="bulk" method="post" action=ChangeMessages::url() aria-label=words::history::TICKED_MESSAGES>
            <input type="hidden" name="chat" value=chat.to_string()/>
            <div class="acts">
                <span class="note when-ticked">{words::TICKED}</span>
                <span class="note when-none">{words::history::TICK_SEVERAL}</span>
                {button("archive", words::history::ARCHIVE, "btn", Some("archived"))}
                {button("restore", words::BRING_BACK, "btn", Some("restored"))}
                {button("forget", words::history::FORGET_TICKED, "btn btn-danger", None)}
            </div>
        </form>
    }
    .into_any()
}

fn filters(chat: i64, shown: &str, counts: [u64; 4]) -> AnyView {
    let link = |(key, name, place): (&str, &'static str, usize)| {
        let href =
            if key.is_empty() { format!("/chats/{chat}/history") } else { format!("/chats/{chat}/history?tier={key}") };
        view! {
            <a href=href aria-current=(key == shown).then_some("true")>
                {tier_swatch(key)} {name} <span class="n">{words::count_u64(counts[place])}</span>
            </a>
        }
    };
    let links: Vec<_> = FILTERS.map(link).into();
    view! { <nav class="filters" aria-label=words::TIERS>{links}</nav> }.into_any()
}

fn tier_swatch(tier: &str) -> AnyView {
    let class = if tier.is_empty() { "tier whole_history".to_owned() } else { format!("tier {tier}") };
    view! { <span class=class aria-hidden="true"></span> }.into_any()
}

fn nothing(chat: i64, shown: &str) -> AnyView {
    let name = FILTERS.iter().find(|(key, ..)| *key == shown).map_or(words::history::THIS_FILTER, |(_, name, _)| name);
    let (title, text) = if shown.is_empty() {
        (words::history::NOTHING_SAID_YET, words::history::FIRST_WILL_STAND_HERE.to_owned())
    } else {
        (words::history::NOTHING_HERE, words::history::none_in(name))
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {(!shown.is_empty()).then(|| view! { <a class="btn" href=format!("/chats/{chat}/history")>{words::history::SHOW_EVERYTHING}</a> })}
        </div>
    }
    .into_any()
}

/// Messages under the days they were said on.
fn messages(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let mut day = String::new();
    let mut rows = Vec::with_capacity(history.messages.len() + 4);
    let asked_for = ask.at.or(history.found);
    for message in &history.messages {
        if message.at.day != day {
            day.clone_from(&message.at.day);
            rows.push(view! { <h2 class="day">{day.clone()}</h2> }.into_any());
        }
        rows.push(row(chat, message, (ask, asked_for), history.would_forget.as_ref()));
    }
    rows.into_any()
}

fn row(
    chat: i64,
    message: &MessageView,
    (ask, asked_for): (&HistoryAsk, Option<i64>),
    would_forget: Option<&ForgetView>,
) -> AnyView {
    let (verb, now) =
        if message.archived { (words::BRING_BACK, "restored") } else { (words::history::ARCHIVE, "archived") };
    let (id, archived) = (message.id, message.archived);
    let hint = words::history::of_message(id);
    let button = view! { <button class="link" type="submit">{verb}<span class="vh">{hint.clone()}</span></button> };
    let fields = [("chat", chat.to_string()), ("message", id.to_string()), ("archived", (!archived).to_string())];
    let question = would_forget
        .filter(|_| numbers(&ask.forget) == [id])
        .map(|preview| forget::message_question(chat, id, preview, &address(chat, ask, None)));
    let below = view! {
        <div class="tl" data-saving="saving">
            <label class="tick"><input type="checkbox" form="bulk" name="messages[]" value=id.to_string()/><span class="vh">{words::message_number(id)}</span></label>
            {tiers(message)}
            {message.note.clone().map(|note| view! { <span>{note}</span> })}
            {message.trouble.clone().map(|trouble| view! { <span class="state warn">{trouble}</span> })}
            <span>{words::tokens(message.tokens)}</span>
            <a class="mono" href=format!("/chats/{chat}/history?at={id}#m{id}") rel="external">{words::a_message(id)}</a>
            {message.turn.map(|turn| view! { <a href=format!("/chats/{chat}/turns/{turn}")>{words::turn_number(turn)}</a> })}
            {post_now(Archive::url(), &fields, Now::of(now, format!("#m{id}")), button.into_any())}
            <a class="forget" href=address(chat, ask, Some(id)) data-noscroll="">{words::history::FORGET}<span class="vh">{hint}</span></a>
        </div>
        {question}
    };
    talk(message, asked_for == Some(id), below.into_any())
}

/// The address of what is shown, with the message that is about to be forgotten.
fn address(chat: i64, ask: &HistoryAsk, forget: Option<i64>) -> String {
    let tier = if ask.archived { "archived" } else { ask.tier.as_str() };
    let mut asked: Vec<String> = Vec::new();
    if !tier.is_empty() {
        asked.push(format!("tier={tier}"));
    }
    let places = [("before", ask.cursor), ("after", ask.after), ("at", ask.at), ("forget", forget)];
    asked.extend(places.into_iter().filter_map(|(name, number)| Some(format!("{name}={}", number?))));
    let place = forget.map(|id| format!("#m{id}")).unwrap_or_default();
    format!("/chats/{chat}/history?{}{place}", asked.join("&"))
}

/// Where a message is, and where it is once it has been archived or brought back: the stylesheet shows the one or the other.
fn tiers(message: &MessageView) -> AnyView {
    let (key, name) = match message.tier {
        Tier::ShortTerm => ("short_term", words::history::IN_SHORT_TERM),
        Tier::MidTerm => ("mid_term", words::history::IN_MID_TERM),
        Tier::WholeHistory => ("whole_history", words::history::IN_WHOLE_HISTORY),
    };
    view! {
        <span class="kept" hidden=message.archived>{tier_swatch(key)} {name}</span>
        <span class="away" hidden=!message.archived>{tier_swatch("archived")} {words::ARCHIVED}</span>
    }
    .into_any()
}
