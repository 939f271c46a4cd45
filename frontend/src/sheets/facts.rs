//! The facts of a chat as a table, in the order of the prompt, with what is open among them.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactKind, FactStatus};

use super::{fact_form, forget, merge, time};
use crate::{
    api::{ChangeFacts, FactView, FactsAsk, FactsView},
    components::{Icon, icon},
    words,
};

/// The heading, the form of a new fact, and the table.
pub(crate) fn facts(chat: i64, ask: &FactsAsk, facts: &FactsView) -> AnyView {
    let summary = words::facts::in_use(facts.in_use, facts.used, facts.cap);
    let list = if facts.facts.is_empty() && facts.as_of.is_some() {
        view! { {filters(chat, ask)} <p class="dim">{words::facts::NOTHING_WAS_KNOWN_THEN}</p> }.into_any()
    } else if facts.facts.is_empty() {
        if ask.add { ().into_any() } else { nothing_yet() }
    } else {
        view! { {filters(chat, ask)} {table(chat, &facts.facts, ask)} }.into_any()
    };
    view! {
        <div class="sh">
            <h2>{words::facts::WHAT_IT_REMEMBERS}</h2>
            <span class="note">{summary}</span>
            <a class="btn right" href=format!("/chats/{chat}/facts?add=1") data-noscroll="">{icon(Icon::Add)} {words::facts::ADD_FACT}</a>
        </div>
        {(facts.proposals > 0).then(|| inbox(chat, facts.proposals))}
        {facts.as_of.as_ref().map(|day| back_then(chat, day))}
        {ask.add.then(|| fact_form::add(chat))}
        {(!ask.merge.is_empty()).then(|| merge::question(chat, &ask.merge, &facts.facts))}
        {facts.report.as_ref().map(|report| forget::report(chat, report))}
        {list}
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="empty">
            <h2>{words::facts::NO_FACTS_YET}</h2>
            <p>{words::facts::WHAT_A_FACT_IS}</p>
        </div>
    }
    .into_any()
}

/// What waits for the owner stands on its own page.
fn inbox(chat: i64, waiting: u64) -> AnyView {
    view! {
        <p class="alert warn">
            <a href=format!("/chats/{chat}/proposals")>{words::proposals(waiting)}</a>{words::facts::wait_for_you(waiting)}
        </p>
    }
    .into_any()
}

/// That these are the facts of another day, and the way back.
fn back_then(chat: i64, day: &str) -> AnyView {
    view! {
        <p class="alert">
            {words::facts::as_known(day)}" "
            <a href=format!("/chats/{chat}/facts")>{words::facts::BACK_TO_NOW}</a>
        </p>
    }
    .into_any()
}

/// A plain GET form: the address says what is shown.
fn filters(chat: i64, ask: &FactsAsk) -> AnyView {
    let option = |value: &'static str, name: &'static str, chosen: &str| {
        view! { <option value=value selected=value == chosen>{name}</option> }.into_any()
    };
    let mut kinds = vec![option("", words::facts::ALL_KINDS, &ask.kind)];
    kinds.extend(FactKind::ALL.iter().map(|kind| option(kind.as_str(), words::kind(*kind), &ask.kind)));
    let shows =
        [("", words::facts::IN_USE_AND_PENDING), ("gone", words::facts::NO_LONGER_IN_USE), ("all", words::facts::ALL)];
    let shows: Vec<_> = shows.map(|(value, name)| option(value, name, &ask.show)).into();
    view! {
        <form class="tools" role="search" method="get" action=format!("/chats/{chat}/facts") aria-label=words::facts::FILTER>
            <div class="search">
                {icon(Icon::Search)}
                <input class="field" type="search" name="q" id="search" value=ask.q.clone() maxlength="200"
                    placeholder=words::facts::SEARCH_FACTS_AND_QUOTES aria-label=words::facts::SEARCH_FACTS_AND_QUOTES aria-keyshortcuts="/"/>
            </div>
            <select class="field" name="kind" aria-label=words::facts::KIND>{kinds}</select>
            <select class="field" name="show" aria-label=words::facts::STATUS>{shows}</select>
            <label class="inline">{words::facts::AS_OF}<input class="field" type="date" name="as_of" value=ask.as_of.clone()/></label>
            <button class="btn" type="submit">{words::facts::SHOW}</button>
        </form>
    }
    .into_any()
}

fn is_shown(fact: &FactView, ask: &FactsAsk) -> bool {
    let in_use = matches!(fact.status, FactStatus::Active | FactStatus::Pending);
    let kind = ask.kind.is_empty() || ask.kind == fact.kind.as_str();
    let status = match ask.show.as_str() {
        "gone" => !in_use,
        "all" => true,
        _ => in_use || ask.fact == Some(fact.id),
    };
    kind && status && has_words(fact, &ask.q)
}

/// Whether every word asked for stands somewhere in a fact: its statement, its subject, its quotes.
fn has_words(fact: &FactView, asked: &str) -> bool {
    let all = format!("{} {} {}", fact.statement, fact.subject, fact.quotes.join(" ")).to_lowercase();
    asked.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

fn table(chat: i64, facts: &[FactView], ask: &FactsAsk) -> AnyView {
    let shown: Vec<&FactView> = facts.iter().filter(|fact| is_shown(fact, ask)).collect();
    if shown.is_empty() {
        return view! {
            <div class="empty">
                <h2>{words::facts::NONE_OF_THESE}</h2>
                <p>{words::facts::hidden(facts.len(), ask.q.trim())}</p>
                <a class="btn" href=format!("/chats/{chat}/facts?show=all")>{words::facts::SHOW_ALL}</a>
            </div>
        }
        .into_any();
    }
    let in_force = |fact: &&&FactView| fact.status == FactStatus::Active;
    let tokens: u32 = shown.iter().filter(in_force).map(|fact| fact.tokens).sum();
    let cost: Option<f64> = shown.iter().filter(in_force).map(|fact| fact.cost_usd).sum();
    let rows: Vec<_> = shown
        .iter()
        .map(|fact| if ask.edit == Some(fact.id) { fact_form::edit_row(chat, fact) } else { row(chat, fact, ask) })
        .collect();
    view! {
        {bulk(chat)}
        <table class="facts stack">
            <thead>
                <tr>
                    <th scope="col" class="tick"><span class="vh">{words::facts::TICK}</span></th>
                    <th scope="col" class="num">{words::facts::NUMBER}</th>
                    <th scope="col">{words::facts::STATEMENT}</th>
                    <th scope="col">{words::facts::KIND}</th>
                    <th scope="col" class="num since">{words::facts::SINCE}</th>
                    <th scope="col" class="num">{words::facts::LAST_USED}</th>
                    <th scope="col" class="num">{words::facts::USES}</th>
                    <th scope="col" class="num" title=words::facts::TOKENS_IN_EACH_CONTEXT>{words::TOKENS}</th>
                    <th scope="col" class="num cost" title=words::facts::COST_IN_EACH_CONTEXT>{words::COST}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot class="hide-s">
                <tr><td class="tick"></td><td></td><th scope="row" colspan="2">{words::facts::IN_FORCE_EACH_REPLY}</th><td class="since"></td><td></td><td></td><td class="num">{words::count(tokens)}</td><td class="num cost">{words::usd(cost)}</td></tr>
            </tfoot>
        </table>
    }
    .into_any()
}

/// What can be done with all facts that are ticked; the boxes belong to this form from where they stand.
fn bulk(chat: i64) -> AnyView {
    let button = |act: &'static str, words: &'static str, class: &'static str, now: Option<&'static str>| {
        view! { <button class=class type="submit" name="act" value=act data-now=now>{words}</button> }
    };
    let body = view! {
        <div class="acts">
            <span class="note when-ticked">{words::TICKED}</span>
            <span class="note when-none">{words::facts::TICK_SEVERAL}</span>
            {button("pin", words::PIN, "btn", Some("pinned"))}
            {button("unpin", words::UNPIN, "btn", Some("unpinned"))}
            {button("merge", words::facts::MERGE, "btn", None)}
            {button("delete", words::facts::DELETE, "btn btn-danger", Some("gone"))}
        </div>
    };
    view! {
        <form id="bulk" class="bulk" method="post" action=ChangeFacts::url() aria-label=words::facts::TICKED_FACTS>
            <input type="hidden" name="chat" value=chat.to_string()/>
            {body}
        </form>
    }
    .into_any()
}

fn row(chat: i64, fact: &FactView, ask: &FactsAsk) -> AnyView {
    let gone = !matches!(fact.status, FactStatus::Active | FactStatus::Pending);
    let stamp = (fact.status != FactStatus::Active).then(|| {
        let class = if fact.status == FactStatus::Pending { "stamp stamp-warn" } else { "stamp" };
        view! { <span class=class>{words::status(fact.status)}</span> }
    });
    // Also where there is no pin: one that is about to be there shows at once.
    let pin = view! { <span class="pin" hidden=!fact.pinned title=words::facts::PINNED_MEANS>{icon(Icon::Pin)}<span class="vh">{words::facts::PINNED}</span></span> };
    let last_used = fact.last_used.as_ref().map_or_else(|| words::NEVER.into_any(), time);
    let tick = (!gone).then(|| {
        let (value, label) = (fact.id.to_string(), words::fact_number(fact.id));
        view! { <input type="checkbox" form="bulk" name="facts[]" value=value aria-label=label/> }
    });
    view! {
        <tr class:gone=gone data-row=".st a" id=format!("f{}", fact.id) aria-current=(ask.fact == Some(fact.id)).then_some("true")>
            <td class="tick">{tick}</td>
            <td class="num faint hide-s"><span class="mono">{fact.id}</span></td>
            <td class="st first" data-saving="saving"><a href=format!("/chats/{chat}/facts?fact={}", fact.id) data-noscroll="">{fact.statement.clone()}{pin}{stamp}</a></td>
            <td class="tag hide-s">{words::kind(fact.kind)}</td>
            <td class="num note hide-s since">{time(&fact.since)}</td>
            <td class="num note">{last_used}</td>
            <td class="num" data-l=words::facts::USES_OF_IT>{words::count_u64(fact.uses)}</td>
            <td class="num" data-l=words::TOKENS_OF_IT>{words::count(fact.tokens)}</td>
            <td class="num note cost">{words::usd(fact.cost_usd)}</td>
        </tr>
    }
    .into_any()
}
