//! The list of chats, each with what its next reply would see and what is done about its memory; what waits for the owner.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{bar, forget, jobs::is_active, legend, post, search::stretch, time};
use crate::{
    api::{ChatRow, ChatsAsk, ChatsView, CreateChat},
    components::{Icon, icon},
    words,
};

/// The orders: what the address says, and the name.
const ORDERS: [(&str, &str); 5] = [
    ("", words::chats::LAST_MESSAGE),
    ("fill", words::chats::CONTEXT_FILL),
    ("tokens", words::chats::TOKENS_THIS_MONTH),
    ("cost", words::chats::COST_THIS_MONTH),
    ("title", words::chats::TITLE),
];

/// The list, or what to do first.
pub(crate) fn chats(ask: &ChatsAsk, chats: &ChatsView) -> AnyView {
    let list = if chats.all == 0 { nothing_yet(chats.telegram) } else { list(ask, chats) };
    view! { {chats.report.as_ref().map(|report| forget::report(0, report))} {list} }.into_any()
}

/// The one thing to do first, and how.
fn nothing_yet(telegram: bool) -> AnyView {
    let how = if telegram { words::chats::WRITE_OR_START } else { words::chats::START_OR_SET };
    view! {
        <div class="head"><h1>{words::CHATS}</h1></div>
        <div class="empty first">
            <h2>{words::chats::NOTHING_TO_REMEMBER_YET}</h2>
            <p>{how} " " {words::chats::WHAT_APPEARS}</p>
            {post(CreateChat::url(), &[("title", String::new())], view! { <button class="btn btn-primary" type="submit">{words::chats::START_A_CONSOLE_CHAT}</button> }.into_any())}
        </div>
    }
    .into_any()
}

fn list(ask: &ChatsAsk, chats: &ChatsView) -> AnyView {
    let messages: u64 = chats.chats.iter().map(|chat| chat.messages).sum();
    let meta = words::chats::kept(chats.chats.len(), messages, chats.since.as_deref());
    let table = if chats.chats.is_empty() { nothing_found(ask, chats.all) } else { table(ask, chats) };
    view! {
        <div class="head">
            <h1>{words::CHATS}</h1>
            <span class="meta">{meta}</span>
            <div class="act">
                {post(CreateChat::url(), &[], new_chat())}
            </div>
        </div>
        {tools(ask, &chats.prices_of)}
        {table}
        {waiting(&chats.chats)}
    }
    .into_any()
}

/// A plain GET form: the address says what is shown.
fn tools(ask: &ChatsAsk, prices_of: &str) -> AnyView {
    let orders: Vec<_> = ORDERS
        .iter()
        .map(|(value, name)| view! { <option value=*value selected=*value == ask.sort>{*name}</option> })
        .collect();
    view! {
        <form class="tools" role="search" method="get" action="/" aria-label=words::chats::SEARCH_ALL_CHATS>
            <div class="search">
                {icon(Icon::Search)}
                <input class="field" type="search" name="q" id="search" value=ask.q.clone() maxlength="500"
                    placeholder=words::chats::SEARCH_TITLES_AND_MESSAGES aria-label=words::chats::SEARCH_TITLES_AND_MESSAGES/>
            </div>
            <select class="field" name="sort" aria-label=words::chats::SORT_BY>{orders}</select>
            <button class="btn" type="submit">{words::chats::SHOW}</button>
            <span class="note right hide-s">{words::chats::prices_of(prices_of)}</span>
        </form>
    }
    .into_any()
}

fn nothing_found(ask: &ChatsAsk, all: u64) -> AnyView {
    let text = words::chats::in_none(ask.q.trim(), all);
    view! {
        <div class="empty">
            <h2>{words::NOTHING_FOUND}</h2>
            <p>{text}</p>
            <a class="btn" href="/">{words::chats::SHOW_ALL_CHATS}</a>
        </div>
    }
    .into_any()
}

fn table(ask: &ChatsAsk, chats: &ChatsView) -> AnyView {
    let month = chats.month.clone();
    let sorted = |by: &str, how: &'static str| (ask.sort == by).then_some(how);
    view! {
        <table class="chats stack">
            <thead>
                <tr>
                    <th scope="col" aria-sort=sorted("title", "ascending")>{words::chats::CHAT_LAST_MESSAGE}</th>
                    <th scope="col" aria-sort=sorted("", "descending")>{words::chats::WHEN}</th>
                    <th scope="col" aria-sort=sorted("fill", "descending")>{words::chats::NEXT_CONTEXT}</th>
                    <th scope="col" class="num hide-m">{words::MESSAGES}</th>
                    <th scope="col" class="num">{words::FACTS}</th>
                    <th scope="col" class="num">{words::chats::OPEN_GOALS[0]}<br/>{words::chats::OPEN_GOALS[1]}</th>
                    <th scope="col" class="num" aria-sort=sorted("tokens", "descending")>{words::chats::TOKENS_IN}<br/>{month.clone()}</th>
                    <th scope="col" class="num" aria-sort=sorted("cost", "descending")>{words::chats::COST_IN}<br/>{month}</th>
                    <th scope="col">{words::chats::MEMORY}</th>
                </tr>
            </thead>
            <tbody>{chats.chats.iter().map(row).collect_view()}</tbody>
            <tfoot class="hide-s">{sums(&chats.chats)}</tfoot>
        </table>
        {legend()}
    }
    .into_any()
}

fn new_chat() -> AnyView {
    view! {
        <div class="inline">
            <label class="vh" for="new-title">{words::chats::TITLE_OF_NEW}</label>
            <input id="new-title" class="field" name="title" maxlength="120" placeholder=words::chats::TITLE autocomplete="off"/>
            <button class="btn btn-primary" type="submit">{icon(Icon::Add)} {words::chats::NEW_CONSOLE_CHAT}</button>
        </div>
    }
    .into_any()
}

fn row(chat: &ChatRow) -> AnyView {
    let last = chat.last.as_ref().map(|last| {
        view! { <div class="last clip"><span class="faint">{words::said_by(&last.who)}</span>{last.text.clone()}</div> }
    });
    let fill = words::chats::fill(chat.context.sent(), chat.context.available());
    view! {
        <tr data-row="a">
            <td class="first">
                <a class="plain" href=format!("/chats/{}", chat.id)><span class="chat-t">{chat.title.clone()}</span></a>
                " " <span class="note">{chat.kind.clone()}</span>
                {found(chat).or_else(|| last.map(IntoAny::into_any))}
            </td>
            <td class="nowrap note when">{chat.last.as_ref().map(|last| time(&last.at))}</td>
            <td class="fill">
                {bar(&chat.context, "bar-thin")}
                <div class="note num">{fill}</div>
            </td>
            <td class="num hide-s hide-m">{words::count_u64(chat.messages)}</td>
            {number(chat.facts, words::chats::facts(chat.facts))}
            {number(chat.open_goals, words::chats::goals(chat.open_goals))}
            {number(chat.month_tokens, words::TOKENS_OF_IT)}
            <td class="num">{words::usd(chat.month_cost_usd)}</td>
            <td class="nowrap">{memory(chat)}</td>
        </tr>
    }
    .into_any()
}

/// The message that was found, in place of the last one; it leads to all that is found in this chat.
fn found(chat: &ChatRow) -> Option<AnyView> {
    let hit = chat.hit.as_ref()?;
    let piece: Vec<_> = hit.piece.iter().map(stretch).collect();
    let place = format!("/chats/{}/history?at={1}#m{1}", chat.id, hit.id);
    Some(
        view! {
            <div class="last found">
                <span class="faint">{words::said_by(&hit.who)}</span><span lang=hit.lang.clone()>{piece}</span>
                " "<a href=place rel="external">{words::a_message(hit.id)}</a>
            </div>
        }
        .into_any(),
    )
}

/// How a chat's memory is: what waits for the owner first, then what is being done.
fn memory(chat: &ChatRow) -> AnyView {
    let id = chat.id;
    let episodes = |class: &'static str, words: String| {
        view! { <a class="plain" href=format!("/chats/{id}/episodes")><span class=class>{words}</span></a> }.into_any()
    };
    if let Some(job) = chat.job.as_ref().filter(|job| is_active(job)) {
        return match (job.state.as_str(), &job.error) {
            ("running", _) => episodes("state on", words::chats::summing_up(job.done, job.total)),
            (_, Some(_)) => episodes("state danger", words::chats::SUMMARY_FAILED.to_owned()),
            (_, None) => episodes("state", words::QUEUED.to_owned()),
        };
    }
    if chat.proposals > 0 {
        let words = words::to_decide(chat.proposals);
        return view! { <a class="plain" href=format!("/chats/{id}/proposals")><span class="state warn">{words}</span></a> }
            .into_any();
    }
    match chat.job.as_ref().map(|job| job.state.as_str()) {
        Some("failed") => episodes("state danger", words::chats::SUMMARY_FAILED.to_owned()),
        Some("stopped") => episodes("state", words::STOPPED.to_owned()),
        _ => view! { <span class="state ok on">{words::chats::IDLE}</span> }.into_any(),
    }
}

/// A cell with a count; zero is shown, faint.
fn number(count: u64, label: &'static str) -> AnyView {
    let class = if count == 0 { "num zero" } else { "num" };
    view! { <td class=class data-l=label>{words::count_u64(count)}</td> }.into_any()
}

fn sums(chats: &[ChatRow]) -> AnyView {
    let sum = |of: fn(&ChatRow) -> u64| words::count_u64(chats.iter().map(of).sum());
    // One unknown cost makes the sum unknown: it would otherwise look too small.
    let cost: Option<f64> = chats.iter().map(|chat| chat.month_cost_usd).sum();
    view! {
        <tr>
            <th scope="row">{words::chats::TOGETHER}</th>
            <td></td>
            <td></td>
            <td class="num hide-m">{sum(|chat| chat.messages)}</td>
            <td class="num">{sum(|chat| chat.facts)}</td>
            <td class="num">{sum(|chat| chat.open_goals)}</td>
            <td class="num">{sum(|chat| chat.month_tokens)}</td>
            <td class="num">{words::usd(cost)}</td>
            <td></td>
        </tr>
    }
    .into_any()
}

/// What asks for the owner, chat by chat.
fn waiting(chats: &[ChatRow]) -> AnyView {
    let mut things: Vec<AnyView> = Vec::new();
    for chat in chats {
        let (id, title) = (chat.id, chat.title.clone());
        if chat.proposals > 0 {
            things.push(view! { <li><a href=format!("/chats/{id}/proposals")>{words::chats::facts_to_decide(chat.proposals)}</a>{words::chats::in_chat(&title)}</li> }.into_any());
        }
        if chat.analysis {
            things.push(view! { <li><a href=format!("/chats/{id}/analysis")>{words::chats::AN_ANALYSIS}</a>{words::chats::waits_in(&title)}</li> }.into_any());
        }
        if chat.imported > 0 {
            things.push(view! { <li><a href="/imports">{words::chats::imported_to_sum_up(chat.imported)}</a>{words::chats::in_chat(&title)}</li> }.into_any());
        }
        if let Some((job, error)) =
            chat.job.as_ref().and_then(|job| Some((job, job.error.as_ref()?))).filter(|(job, _)| job.state != "done")
        {
            let next = job.next_attempt.as_ref().map(|at| at.time.as_str());
            let told = words::chats::why_failed(&title, error.trim_end_matches('.'), next);
            things.push(
                view! { <li><a href=format!("/chats/{id}/episodes")>{words::chats::A_SUMMARY_FAILED}</a>{told}</li> }
                    .into_any(),
            );
        }
    }
    if things.is_empty() {
        return ().into_any();
    }
    let count = words::chats::waiting(things.len());
    view! {
        <section class="waiting">
            <div class="sh"><h2>{words::WAITING_FOR_YOU}</h2><span class="note">{count}</span></div>
            <ul>{things}</ul>
        </section>
    }
    .into_any()
}
