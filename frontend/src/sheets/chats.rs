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
    ("", "Last message"),
    ("fill", "Context fill"),
    ("tokens", "Tokens this month"),
    ("cost", "Cost this month"),
    ("title", "Title"),
];

/// The list, or what to do first.
pub(crate) fn chats(ask: &ChatsAsk, chats: &ChatsView) -> AnyView {
    let list = if chats.all == 0 { nothing_yet(chats.telegram) } else { list(ask, chats) };
    view! { {chats.report.as_ref().map(|report| forget::report(0, report))} {list} }.into_any()
}

/// The one thing to do first, and how.
fn nothing_yet(telegram: bool) -> AnyView {
    let telegram_hint = if telegram {
        "Write to your bot in Telegram, or start a chat here."
    } else {
        "Start a chat here, or set TELEGRAM_BOT_TOKEN and restart to talk in Telegram."
    };
    view! {
        <div class="head"><h1>"Chats"</h1></div>
        <div class="empty first">
            <h2>"Nothing to remember yet"</h2>
            <p>{telegram_hint} " What is said appears in this list with what the model saw for each reply."</p>
            {post(CreateChat::url(), &[("title", String::new())], view! { <button class="btn btn-primary" type="submit">"Start a console chat"</button> }.into_any())}
        </div>
    }
    .into_any()
}

fn list(ask: &ChatsAsk, chats: &ChatsView) -> AnyView {
    let messages: u64 = chats.chats.iter().map(|chat| chat.messages).sum();
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let meta = format!(
        "{}, {} kept{}",
        words::plural(chats.chats.len(), "chat", "chats"),
        words::plural(count(messages), "message", "messages"),
        chats.since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default(),
    );
    let table = if chats.chats.is_empty() { nothing_found(ask, chats.all) } else { table(ask, chats) };
    view! {
        <div class="head">
            <h1>"Chats"</h1>
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
        <form class="tools" role="search" method="get" action="/" aria-label="Search all chats">
            <div class="search">
                {icon(Icon::Search)}
                <input class="field" type="search" name="q" id="search" value=ask.q.clone() maxlength="500"
                    placeholder="Search titles and messages" aria-label="Search titles and messages"/>
            </div>
            <select class="field" name="sort" aria-label="Sort by">{orders}</select>
            <button class="btn" type="submit">"Show"</button>
            <span class="note right hide-s">{format!("Prices of {prices_of}")}</span>
        </form>
    }
    .into_any()
}

fn nothing_found(ask: &ChatsAsk, all: u64) -> AnyView {
    let number = usize::try_from(all).unwrap_or(usize::MAX);
    let text = format!(
        "“{}” stands in no title and in no message of {}.",
        ask.q.trim(),
        words::plural(number, "chat", "chats")
    );
    view! {
        <div class="empty">
            <h2>"Nothing found"</h2>
            <p>{text}</p>
            <a class="btn" href="/">"Show all chats"</a>
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
                    <th scope="col" aria-sort=sorted("title", "ascending")>"Chat, last message"</th>
                    <th scope="col" aria-sort=sorted("", "descending")>"When"</th>
                    <th scope="col" aria-sort=sorted("fill", "descending")>"Next context"</th>
                    <th scope="col" class="num hide-m">"Messages"</th>
                    <th scope="col" class="num">"Facts"</th>
                    <th scope="col" class="num">"Open"<br/>"goals"</th>
                    <th scope="col" class="num" aria-sort=sorted("tokens", "descending")>"Tokens,"<br/>{month.clone()}</th>
                    <th scope="col" class="num" aria-sort=sorted("cost", "descending")>"Cost,"<br/>{month}</th>
                    <th scope="col">"Memory"</th>
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
            <label class="vh" for="new-title">"Title of a new console chat"</label>
            <input id="new-title" class="field" name="title" maxlength="120" placeholder="Title" autocomplete="off"/>
            <button class="btn btn-primary" type="submit">{icon(Icon::Add)} "New console chat"</button>
        </div>
    }
    .into_any()
}

fn row(chat: &ChatRow) -> AnyView {
    let last = chat.last.as_ref().map(|last| {
        view! { <div class="last clip"><span class="faint">{format!("{}: ", last.who)}</span>{last.text.clone()}</div> }
    });
    let fill = format!("{} of {}", words::count(chat.context.sent()), words::count(chat.context.available()));
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
            {number(chat.facts, "facts")}
            {number(chat.open_goals, if chat.open_goals == 1 { "goal" } else { "goals" })}
            {number(chat.month_tokens, "tokens")}
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
                <span class="faint">{format!("{}: ", hit.who)}</span><span lang=hit.lang.clone()>{piece}</span>
                " "<a href=place rel="external">{format!("message {}", words::message(hit.id))}</a>
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
            ("running", _) => {
                episodes("state on", format!("summing up {} of {}", words::count(job.done), words::count(job.total)))
            }
            (_, Some(_)) => episodes("state danger", "summary failed".to_owned()),
            (_, None) => episodes("state", "queued".to_owned()),
        };
    }
    if chat.proposals > 0 {
        let words = format!("{} to decide", words::count_u64(chat.proposals));
        return view! { <a class="plain" href=format!("/chats/{id}/proposals")><span class="state warn">{words}</span></a> }
            .into_any();
    }
    match chat.job.as_ref().map(|job| job.state.as_str()) {
        Some("failed") => episodes("state danger", "summary failed".to_owned()),
        Some("stopped") => episodes("state", "stopped".to_owned()),
        _ => view! { <span class="state ok on">"idle"</span> }.into_any(),
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
            <th scope="row">"Together"</th>
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
            let what = words::plural(usize::try_from(chat.proposals).unwrap_or(usize::MAX), "fact", "facts");
            things.push(view! { <li><a href=format!("/chats/{id}/proposals")>{format!("{what} to decide")}</a>{format!(" in {title}")}</li> }.into_any());
        }
        if let Some((job, error)) =
            chat.job.as_ref().and_then(|job| Some((job, job.error.as_ref()?))).filter(|(job, _)| job.state != "done")
        {
            let next =
                job.next_attempt.as_ref().map(|at| format!(" It is tried again at {}.", at.time)).unwrap_or_default();
            let told = format!(" in {title}: {}.{next} Nothing is lost.", error.trim_end_matches('.'));
            things.push(
                view! { <li><a href=format!("/chats/{id}/episodes")>"A summary failed"</a>{told}</li> }.into_any(),
            );
        }
    }
    if things.is_empty() {
        return ().into_any();
    }
    let count = format!("{}; nothing else needs a decision", words::plural(things.len(), "thing", "things"));
    view! {
        <section class="waiting">
            <div class="sh"><h2>"Waiting for you"</h2><span class="note">{count}</span></div>
            <ul>{things}</ul>
        </section>
    }
    .into_any()
}
