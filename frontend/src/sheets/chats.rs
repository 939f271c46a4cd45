//! The list of chats, newest message first, each with what its next reply would see.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{bar, forget, legend, post, time};
use crate::{
    api::{ChatRow, ChatsView, CreateChat},
    components::{Icon, icon},
    words,
};

/// The list, or what to do first.
pub(crate) fn chats(chats: &ChatsView) -> AnyView {
    let list = if chats.chats.is_empty() { nothing_yet(chats.telegram) } else { list(chats) };
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

fn list(chats: &ChatsView) -> AnyView {
    let messages: u64 = chats.chats.iter().map(|chat| chat.messages).sum();
    let meta = format!(
        "{}, {} kept{}",
        words::plural(chats.chats.len(), "chat", "chats"),
        words::plural(usize::try_from(messages).unwrap_or(usize::MAX), "message", "messages"),
        chats.since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default(),
    );
    let month = chats.month.clone();
    view! {
        <div class="head">
            <h1>"Chats"</h1>
            <span class="meta">{meta}</span>
            <div class="act">
                {post(CreateChat::url(), &[], new_chat())}
            </div>
        </div>
        <table class="chats stack">
            <thead>
                <tr>
                    <th scope="col">"Chat, last message"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"Next context"</th>
                    <th scope="col" class="num">"Messages"</th>
                    <th scope="col" class="num">"Facts"</th>
                    <th scope="col" class="num">"Open"<br/>"goals"</th>
                    <th scope="col" class="num">"Tokens,"<br/>{month.clone()}</th>
                    <th scope="col" class="num">"Cost,"<br/>{month}</th>
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
        <tr>
            <td class="first">
                <a class="plain" href=format!("/chats/{}", chat.id)><span class="chat-t">{chat.title.clone()}</span></a>
                " " <span class="note">{chat.kind.clone()}</span>
                {last}
            </td>
            <td class="nowrap note when">{chat.last.as_ref().map(|last| time(&last.at))}</td>
            <td class="fill">
                {bar(&chat.context, "bar-thin")}
                <div class="note num">{fill}</div>
            </td>
            <td class="num hide-s">{words::count_u64(chat.messages)}</td>
            {number(chat.facts, "facts")}
            {number(chat.open_goals, if chat.open_goals == 1 { "goal" } else { "goals" })}
            {number(chat.month_tokens, "tokens")}
            <td class="num">{words::usd(chat.month_cost_usd)}</td>
        </tr>
    }
    .into_any()
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
            <th scope="row">"All chats"</th>
            <td></td>
            <td></td>
            <td class="num">{sum(|chat| chat.messages)}</td>
            <td class="num">{sum(|chat| chat.facts)}</td>
            <td class="num">{sum(|chat| chat.open_goals)}</td>
            <td class="num">{sum(|chat| chat.month_tokens)}</td>
            <td class="num">{words::usd(cost)}</td>
        </tr>
    }
    .into_any()
}
