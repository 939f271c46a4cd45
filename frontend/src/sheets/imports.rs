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
        <h1>{words::imports::IMPORT_AND_EXPORT}</h1>
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
        "broken" => words::imports::FILE_BROKEN,
        "empty" => words::imports::FILE_EMPTY,
        "chat" => words::imports::NO_SUCH_CHAT,
        _ => words::imports::FILE_NOT_KEPT,
    };
    Some(view! { <p class="alert danger" role="alert">{told}</p> }.into_any())
}

/// A plain form: the browser sends the file by itself, with its own progress.
fn form(chats: &[RailChat]) -> AnyView {
    let options: Vec<_> =
        chats.iter().map(|chat| view! { <option value=chat.id.to_string()>{chat.title.clone()}</option> }).collect();
    view! {
        <section>
            <div class="sh"><h2>{words::imports::BRING_IN}</h2></div>
            <p class="note">
                {words::imports::HOW_TO_EXPORT}
            </p>
            <form class="bring" method="post" action="/imports/upload" enctype="multipart/form-data">
                <label>
                    {words::imports::INTO}
                    <select class="field" name="chat">
                        <option value="">{words::imports::CHAT_OF_THE_FILE}</option>
                        {options}
                    </select>
                </label>
                <label>
                    {words::imports::FILE}
                    <input class="field" type="file" name="file" accept=".json,.jsonl,application/json" required=true/>
                </label>
                <label class="check"><input type="checkbox" name="consolidate"/>" "{words::imports::SUM_UP_AT_ONCE}</label>
                <button class="btn btn-primary" type="submit">{words::IMPORT}</button>
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
            <div class="sh"><h2>{words::WAITING_FOR_YOU}</h2><span class="note">{words::imports::IMPORTED_NOT_SUMMED_UP}</span></div>
            {rows}
        </section>
    };
    (!waiting.is_empty()).then(|| shown.into_any())
}

fn wait(waiting: &WaitingView) -> AnyView {
    let told = words::imports::would_read(waiting);
    let title = waiting.title.clone();
    let button = view! {
        <button class="btn btn-primary" type="submit">{words::SUM_UP}<span class="vh">{format!(" {title}")}</span></button>
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
    let shown = view! { <section><div class="sh"><h2>{words::imports::IMPORTS}</h2></div>{rows}</section> };
    (!imports.is_empty()).then(|| shown.into_any())
}

fn import(import: &ImportView) -> AnyView {
    let is_active = matches!(import.state.as_str(), "queued" | "running");
    let class = match import.state.as_str() {
        "done" if import.broken.is_some() => "state warn",
        "done" => "state ok on",
        "failed" => "state danger",
        "running" => "state on",
        _ => "state",
    };
    let chats: Vec<_> = import.chats.iter().map(chat).collect();
    view! {
        <article class="import" id=format!("i{}", import.id)>
            <div class="job">
                <span><b>{import.name.clone()}</b>" "<span class=class>{words::job_state(&import.state)}</span>" "<span class="faint">{time(&import.at)}</span></span>
                {is_active.then(|| progress(import))}
            </div>
            {import.error.as_ref().map(|error| view! { <p class="alert danger">{error.clone()}</p> })}
            <ul>{chats}</ul>
            {import.broken.as_ref().map(|broken| view! { <p class="alert warn">{words::imports::not_read_to_its_end(broken)}</p> })}
            {bad(import)}
        </article>
    }
    .into_any()
}

fn progress(import: &ImportView) -> AnyView {
    let (done, most) = (import.done.to_string(), import.total.max(1).to_string());
    let button = view! { <button class="btn btn-quiet" type="submit">{words::STOP}<span class="vh">{words::imports::of_import(import.id)}</span></button> };
    view! {
        {post(StopImport::url(), &[("import", import.id.to_string())], button.into_any())}
        <progress value=done max=most aria-label=words::imports::BYTES_READ></progress>
    }
    .into_any()
}

fn chat(chat: &ImportedChatView) -> AnyView {
    if let Some(why) = &chat.skipped {
        return view! { <li>{words::imports::skipped(why)}</li> }.into_any();
    }
    let title = match chat.chat {
        Some(id) => view! { <a href=format!("/chats/{id}/history")>{chat.title.clone()}</a> }.into_any(),
        None => view! { <span>{chat.title.clone()}</span> }.into_any(),
    };
    view! { <li>{title}{words::imports::taken_in(chat)}</li> }.into_any()
}

fn bad(import: &ImportView) -> Option<AnyView> {
    let places: Vec<_> = import.places.iter().map(|place| view! { <li>{place.clone()}</li> }).collect();
    let told = words::imports::records_skipped(import.bad);
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
                <td><a href=format!("/api/chats/{id}/export") rel="external" download="">{words::imports::JSON_LINES}<span class="vh">{words::imports::of_chat(&title)}</span></a></td>
                <td><a href=format!("/api/chats/{id}/export?format=markdown") rel="external" download="">{words::imports::MARKDOWN}<span class="vh">{words::imports::of_chat(&title)}</span></a></td>
            </tr>
        }
    };
    let rows: Vec<_> = chats.iter().map(row).collect();
    let shown = view! {
        <section>
            <div class="sh"><h2>{words::imports::TAKE_OUT}</h2><span class="note">{words::imports::WHAT_EACH_HOLDS}</span></div>
            <table class="stack">
                <thead><tr><th scope="col">{words::imports::CHAT}</th><th scope="col">{words::imports::FOR_PROGRAMS}</th><th scope="col">{words::imports::FOR_PEOPLE}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    };
    (!chats.is_empty()).then(|| shown.into_any())
}
