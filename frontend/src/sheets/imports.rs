//! Imports: the form that takes a file, what waits for the owner's word, what came of each file; and the way out again.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{post, time};
use crate::{
    api::{ConsolidateImported, ImportView, ImportedChatView, ImportsView, RailChat, StopImport, WaitingView},
    words,
};

/// The page.
pub(crate) fn imports(view: &ImportsView) -> AnyView {
    view! {
        <h1>"Import and export"</h1>
        {refused(view.refused.as_deref())}
        {form(&view.chats)}
        {waiting(&view.waiting)}
        {list(&view.imports)}
        {way_out(&view.chats)}
    }
    .into_any()
}

fn refused(why: Option<&str>) -> Option<AnyView> {
    let told = match why? {
        "broken" => "The file did not arrive whole. Send it again.",
        "empty" => "The file is empty. Choose the result.json of an export.",
        "chat" => "There is no such chat any more. Choose another.",
        _ => "The file could not be kept. The log of the server says why.",
    };
    Some(view! { <p class="alert danger" role="alert">{told}</p> }.into_any())
}

/// A plain form: the browser sends the file by itself, with its own progress.
fn form(chats: &[RailChat]) -> AnyView {
    let options: Vec<_> =
        chats.iter().map(|chat| view! { <option value=chat.id.to_string()>{chat.title.clone()}</option> }).collect();
    view! {
        <section>
            <div class="sh"><h2>"Bring in"</h2></div>
            <p class="note">
                "In Telegram Desktop: a chat’s menu, Export chat history, format “Machine-readable JSON”; or Settings, Advanced, Export \
                 Telegram data. The file is result.json. An export of Souvenir’s own (JSON lines) goes the same way. Doing it again adds \
                 nothing that is there."
            </p>
            <form class="bring" method="post" action="/imports/upload" enctype="multipart/form-data">
                <label>
                    "Into"
                    <select class="field" name="chat">
                        <option value="">"the chat that the file names"</option>
                        {options}
                    </select>
                </label>
                <label>
                    "File"
                    <input class="field" type="file" name="file" accept=".json,.jsonl,application/json" required=true/>
                </label>
                <label class="check"><input type="checkbox" name="consolidate"/>" Sum it up at once, whatever it costs"</label>
                <button class="btn btn-primary" type="submit">"Import"</button>
            </form>
        </section>
    }
    .into_any()
}

/// What a model that costs something would have to read.
fn waiting(waiting: &[WaitingView]) -> Option<AnyView> {
    let rows: Vec<_> = waiting.iter().map(wait).collect();
    let shown = view! {
        <section>
            <div class="sh"><h2>"Waits for you"</h2><span class="note">"Imported, found by search, and not summed up yet."</span></div>
            {rows}
        </section>
    };
    (!waiting.is_empty()).then(|| shown.into_any())
}

fn wait(waiting: &WaitingView) -> AnyView {
    let messages = words::plural(waiting.messages as usize, "message", "messages");
    let episodes = words::plural(waiting.episodes as usize, "episode", "episodes");
    let cost = match waiting.usd {
        Some(usd) => format!("about {}", words::usd(Some(usd))),
        None => "a price that is not known".to_owned(),
    };
    let told = format!(
        ": {messages} in {episodes}. {} would read about {} tokens, for {cost}.",
        waiting.model,
        words::count_u64(waiting.tokens)
    );
    let title = waiting.title.clone();
    let button = view! {
        <button class="btn btn-primary" type="submit">"Sum up"<span class="vh">{format!(" {title}")}</span></button>
    };
    view! {
        <div class="job">
            <span><a href=format!("/chats/{}", waiting.chat)>{title.clone()}</a>{told}</span>
            {post(ConsolidateImported::url(), &[("chat", waiting.chat.to_string())], button.into_any())}
        </div>
    }
    .into_any()
}

fn list(imports: &[ImportView]) -> Option<AnyView> {
    let rows: Vec<_> = imports.iter().map(import).collect();
    let shown = view! { <section><div class="sh"><h2>"Imports"</h2></div>{rows}</section> };
    (!imports.is_empty()).then(|| shown.into_any())
}

fn import(import: &ImportView) -> AnyView {
    let is_active = matches!(import.state.as_str(), "queued" | "running");
    let class = match import.state.as_str() {
        "done" if import.bad > 0 || import.broken.is_some() => "state warn",
        "done" => "state ok on",
        "failed" => "state danger",
        "running" => "state on",
        _ => "state",
    };
    let chats: Vec<_> = import.chats.iter().map(chat).collect();
    view! {
        <article class="import" id=format!("i{}", import.id)>
            <div class="job">
                <span><b>{import.name.clone()}</b>" "<span class=class>{import.state.clone()}</span>" "<span class="faint">{time(&import.at)}</span></span>
                {is_active.then(|| progress(import))}
            </div>
            {import.error.as_ref().map(|error| view! { <p class="alert danger">{error.clone()}</p> })}
            <ul>{chats}</ul>
            {import.broken.as_ref().map(|broken| view! { <p class="alert warn">{format!("Not read to its end: {broken}. What stands before is in.")}</p> })}
            {bad(import)}
        </article>
    }
    .into_any()
}

fn progress(import: &ImportView) -> AnyView {
    let (done, most) = (import.done.to_string(), import.total.max(1).to_string());
    let button = view! { <button class="btn btn-quiet" type="submit">"Stop"<span class="vh">{format!(" import {}", import.id)}</span></button> };
    view! {
        {post(StopImport::url(), &[("import", import.id.to_string())], button.into_any())}
        <progress value=done max=most aria-label="Bytes read"></progress>
    }
    .into_any()
}

fn chat(chat: &ImportedChatView) -> AnyView {
    if let Some(why) = &chat.skipped {
        return view! { <li>{format!("A chat was skipped: {why}.")}</li> }.into_any();
    }
    let parts = [
        (chat.read, "record read", "records read"),
        (chat.added, "new message", "new messages"),
        (chat.already, "there already", "there already"),
        (chat.edited, "with a newer text", "with a newer text"),
        (chat.forgotten, "forgotten before, and stays so", "forgotten before, and stay so"),
        (
            chat.later,
            "of the time since the bot is there that it never received, not taken in",
            "of the time since the bot is there that it never received, not taken in",
        ),
    ];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| words::plural(usize::try_from(count).unwrap_or(usize::MAX), one, many))
        .collect();
    let title = match chat.chat {
        Some(id) => view! { <a href=format!("/chats/{id}/history")>{chat.title.clone()}</a> }.into_any(),
        None => view! { <span>{chat.title.clone()}</span> }.into_any(),
    };
    let made = if chat.made { " (new)" } else { "" };
    view! { <li>{title}{made}{format!(": {}", told.join("; "))}</li> }.into_any()
}

fn bad(import: &ImportView) -> Option<AnyView> {
    let places: Vec<_> = import.places.iter().map(|place| view! { <li>{place.clone()}</li> }).collect();
    let many = usize::try_from(import.bad).unwrap_or(usize::MAX);
    let told =
        words::plural(many, "record could not be read and was skipped", "records could not be read and were skipped");
    let shown = view! {
        <details class="bad">
            <summary>{told}</summary>
            <ul>{places}</ul>
        </details>
    };
    (import.bad > 0).then(|| shown.into_any())
}

/// Everything that is held about a chat, for other programs and for people.
fn way_out(chats: &[RailChat]) -> Option<AnyView> {
    let row = |chat: &RailChat| {
        let (id, title) = (chat.id, chat.title.clone());
        view! {
            <tr>
                <th scope="row"><a href=format!("/chats/{id}")>{title.clone()}</a></th>
                <td><a href=format!("/api/chats/{id}/export") rel="external" download="">"JSON lines"<span class="vh">{format!(" of {title}")}</span></a></td>
                <td><a href=format!("/api/chats/{id}/export?format=markdown") rel="external" download="">"Markdown"<span class="vh">{format!(" of {title}")}</span></a></td>
            </tr>
        }
    };
    let rows: Vec<_> = chats.iter().map(row).collect();
    let shown = view! {
        <section>
            <div class="sh"><h2>"Take out"</h2><span class="note">"JSON lines hold everything and can be brought in again; Markdown is for reading."</span></div>
            <table class="stack">
                <thead><tr><th scope="col">"Chat"</th><th scope="col">"For programs"</th><th scope="col">"For people"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    };
    (!chats.is_empty()).then(|| shown.into_any())
}
