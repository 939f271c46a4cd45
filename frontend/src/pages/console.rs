//! `/chats/{id}/console`: talking to the bot in the browser, through the same engine as Telegram.
//!
//! The form is an ordinary one: without scripts it posts, waits for the answer, and comes back. With scripts the
//! question shows at once, and the answer arrives in pieces.

use leptos::{ev, form::ActionForm, html, prelude::*};

use crate::{
    api::{self, ConsoleSheet, Say, Stop},
    components::{Icon, Tab, alert, chat_id, chat_page, icon, load, part},
    live::{Writing, use_live},
    words,
};

/// The page.
#[component]
pub(crate) fn ConsolePage() -> impl IntoView {
    let chat = chat_id();
    let say = ServerAction::<Say>::new();
    let stop = ServerAction::<Stop>::new();
    let changes = use_live().of(chat);
    let console =
        Resource::new(move || (chat.get(), changes.get(), say.version().get()), |(chat, ..)| api::console(chat));
    // The newest message when the question was sent: while it still is, the question is not stored yet.
    let newest_then = RwSignal::new(0);
    Effect::new(move |_| {
        if say.pending().get() {
            newest_then.set(console.get_untracked().and_then(Result::ok).map_or(0, |console| console.newest));
        }
    });
    let body = view! {
        <div class="conwrap">
            <div class="console">
                <div class="scroll" tabindex="0" aria-label=words::console::CONVERSATION role="region">
                    {load(console, move |console| conversation(chat.get_untracked(), console, say, newest_then))}
                </div>
                <div>
                    {load(console, next_in_brief)}
                    {alert(move || say.value().get())}
                    {composer(chat, say, stop)}
                </div>
            </div>
            <aside class="hide-s">{load(console, |console: ConsoleSheet| part(console.next))}</aside>
        </div>
    };
    chat_page(chat, Tab::Console, body.into_any())
}

/// On small screens: one line that opens.
fn next_in_brief(console: ConsoleSheet) -> AnyView {
    let line = words::console::next_reply_in_brief(console.next_tokens);
    view! { <details class="brief show-s"><summary class="note">{line}</summary>{part(console.next)}</details> }
        .into_any()
}

fn conversation(chat: i64, console: ConsoleSheet, say: ServerAction<Say>, newest_then: RwSignal<i64>) -> AnyView {
    let failure = console.failure.clone().map(|text| view! { <p class="alert danger">{text}</p> });
    let talk = part(console.talk.clone());
    view! {
        <div class="log" role="log" aria-label=words::console::CONVERSATION aria-live="polite">
            {talk}
            {in_flight(chat, console, say, newest_then)}
            {failure}
        </div>
    }
    .into_any()
}

/// What is not stored yet: the question just sent, and the answer being written.
fn in_flight(chat: i64, console: ConsoleSheet, say: ServerAction<Say>, newest_then: RwSignal<i64>) -> AnyView {
    let live = use_live();
    let ConsoleSheet { newest, answered, writing, failure, .. } = console;
    let failed = failure.is_some();
    let question = move || {
        let pending = say.pending().get().then(|| say.input().get()).flatten()?;
        (pending.chat == chat && newest_then.get() == newest).then_some(pending.text)
    };
    let answer = move || {
        live.writing
            .get()
            .filter(|writing| writing.chat == chat && !answered.contains(&writing.turn) && !(writing.done && failed))
    };
    let shown = move || {
        let answer = answer();
        let question = if answer.is_some() { None } else { question() };
        let waits = answer.is_none() && writing;
        view! {
            {question.map(|text| view! {
                <div class="talk me"><p class="when"><b>{words::console::YOU}</b></p><div class="txt"><p class="pre">{text}</p></div></div>
            })}
            {answer.or_else(|| waits.then(Writing::default)).map(|writing| being_written(&writing))}
        }
    };
    view! { {shown} }.into_any()
}

fn being_written(writing: &Writing) -> AnyView {
    let words = writing.text.split_whitespace().count();
    let so_far = (words > 0).then(|| view! { <span>{words::console::so_far(words)}</span> });
    view! {
        <div class="talk" aria-busy="true">
            <p class="when"><b>{words::SOUVENIR}</b></p>
            <div class="txt">
                <p class="pre">{writing.text.clone()}<span class="caret" aria-hidden="true"></span></p>
                <div class="tl"><span class="state on">{words::console::WRITING}</span>{so_far}</div>
            </div>
        </div>
    }
    .into_any()
}

fn composer(chat: Memo<i64>, say: ServerAction<Say>, stop: ServerAction<Stop>) -> AnyView {
    let live = use_live();
    let writes = move || live.writing.with(|w| w.as_ref().is_some_and(|w| w.chat == chat.get() && !w.done));
    let form = NodeRef::<html::Form>::new();
    let field = NodeRef::<html::Textarea>::new();
    let sent = StoredValue::new(String::new());
    // The field is emptied once the form has been read, which the submit handler of the form does first. Words that did not
    // arrive come back, unless others were written meanwhile.
    Effect::new(move |_| {
        let refused = say.value().with(|answer| matches!(answer, Some(Err(_))));
        let pending = say.pending().get();
        let Some(field) = field.get_untracked() else { return };
        if pending {
            sent.set_value(field.value());
            field.set_value("");
        } else if refused && field.value().is_empty() {
            field.set_value(&sent.get_value());
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send(form);
        }
    };
    view! {
        <div class="composer">
            <ActionForm action=say node_ref=form>
                <input type="hidden" name="chat" value=move || chat.get().to_string()/>
                <div class="row">
                    <label class="vh" for="message">{words::console::MESSAGE}</label>
                    <textarea id="message" name="text" class="field" rows="1" required placeholder=words::console::WRITE_TO_SOUVENIR
                        node_ref=field on:keydown=on_key></textarea>
                    <button class="btn btn-primary" type="submit">{words::console::SEND}</button>
                    <button class="btn" type="submit" form="stop" disabled=move || !writes()>{icon(Icon::Stop)} {words::STOP}</button>
                </div>
            </ActionForm>
            <p class="note"><kbd>"↵"</kbd>{words::console::SENDS}<kbd>{words::console::SHIFT_ENTER}</kbd>" "{words::console::BREAKS_THE_LINE}</p>
            {stop_form(chat, stop)}
        </div>
    }
    .into_any()
}

/// A form of its own, since forms cannot nest; its button stands beside the one that sends.
fn stop_form(chat: Memo<i64>, stop: ServerAction<Stop>) -> AnyView {
    view! {
        <ActionForm action=stop attr:id="stop">
            <input type="hidden" name="chat" value=move || chat.get().to_string()/>
        </ActionForm>
    }
    .into_any()
}

/// Sends a form as its button would, with the browser's own checks.
fn send(form: NodeRef<html::Form>) {
    #[cfg(feature = "hydrate")]
    if let Some(form) = form.get_untracked() {
        let _ = form.request_submit();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = form;
}
