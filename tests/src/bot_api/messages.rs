//! Messages: sent, edited, deleted; each text looked at as Telegram would.

use serde_json::{Value, json};

use super::methods::{me, place};
use super::params::{integer, structure, text};
use super::people::Place;
use super::refusal::Refusal;
use super::state::State;
use super::{Format, Sent, entities, html, keyboard, replying, rich};
use crate::wire::now;

/// UTF-16 units of a plain or HTML message, after parsing.
const MESSAGE_UNITS: usize = 4_096;
/// Telegram shows so many entities of a message and passes over the others.
const ENTITIES: usize = 100;

/// What is to stand in a chat.
pub(super) struct Content {
    pub(super) format: Format,
    /// As it was sent, with its markup.
    pub(super) source: String,
    /// As people see it.
    pub(super) visible: String,
    /// What Telegram would pass over.
    pub(super) complaints: Vec<String>,
}

impl Content {
    /// Nothing to see.
    pub(super) fn empty() -> Self {
        Self { format: Format::Plain, source: String::new(), visible: String::new(), complaints: Vec::new() }
    }
}

pub(super) fn send(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let content = formatted(params, state.no_html)?;
    put(state, &place, params, content)
}

pub(super) fn send_rich(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let content = rich(params)?.ok_or_else(|| Refusal::bad("Bad Request: rich_message is empty"))?;
    put(state, &place, params, content)
}

/// Parses a plain or HTML text and checks its length.
pub(super) fn formatted(params: &Value, no_html: bool) -> Result<Content, Refusal> {
    let source = text(params, "text").unwrap_or_default().to_owned();
    let mut complaints = Vec::new();
    let entities = structure(params, "entities")?;
    let (format, visible) = match text(params, "parse_mode") {
        None | Some("") => {
            complaints = entities.map_or(Ok(complaints), |entities| entities::check(&source, &entities))?;
            (Format::Plain, source.clone())
        }
        Some(mode) if mode.eq_ignore_ascii_case("HTML") && no_html => {
            return Err(Refusal::bad("Bad Request: can't parse entities: out of sorts"));
        }
        Some(mode) if mode.eq_ignore_ascii_case("HTML") => {
            let parsed = html::parse(&source)
                .map_err(|why| Refusal::bad(&format!("Bad Request: can't parse entities: {why}")))?;
            if parsed.entities > ENTITIES {
                complaints.push(format!("{} entities in one message: only {ENTITIES} are shown", parsed.entities));
            }
            if entities.is_some() {
                complaints.push("entities beside a parse_mode are passed over".to_owned());
            }
            (Format::Html, parsed.visible)
        }
        Some(_) => return Err(Refusal::bad("Bad Request: unsupported parse_mode")),
    };
    if visible.trim().is_empty() {
        return Err(Refusal::bad("Bad Request: message text is empty"));
    }
    if visible.encode_utf16().count() > MESSAGE_UNITS {
        return Err(Refusal::bad("Bad Request: message is too long"));
    }
    Ok(Content { format, source, visible, complaints })
}

pub(super) fn rich(params: &Value) -> Result<Option<Content>, Refusal> {
    let source = rich::source(params)?;
    Ok(source.map(|source| Content { format: Format::Rich, visible: source.clone(), source, complaints: Vec::new() }))
}

fn put(state: &mut State, place: &Place, params: &Value, content: Content) -> Result<Value, Refusal> {
    let keyboard = keyboard::checked(structure(params, "reply_markup")?.as_ref())?;
    let (replies_to, asks) = (replying::answered(state, place, params)?, replying::forced(params)?);
    state.flood.pass(place.id(), now())?;
    state.complaints.extend(content.complaints);
    let sent = Sent {
        message_id: state.new_message_id(),
        chat_id: place.id(),
        format: content.format,
        source: content.source,
        text: content.visible,
        keyboard,
        replies_to,
        asks,
        edits: Vec::new(),
        deleted: false,
        at: now(),
        call: state.calls.len(),
    };
    let message = as_message(place, &sent);
    state.end_drafts(place.id());
    state.sent.push(sent);
    Ok(message)
}

/// A message of the bot as Telegram gives it back.
pub(super) fn as_message(place: &Place, sent: &Sent) -> Value {
    let mut message = json!({
        "message_id": sent.message_id, "date": sent.at.as_secs(), "chat": place.as_chat(), "from": me(),
    });
    match sent.format {
        Format::Rich => {
            message["rich_message"] = json!({"blocks": [{"type": "paragraph", "text": sent.text}]});
        }
        Format::Html | Format::Plain => message["text"] = json!(sent.text),
    }
    if !sent.keyboard.is_empty() {
        message["reply_markup"] = keyboard::as_markup(&sent.keyboard);
    }
    message
}

pub(super) fn edit_text(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let content = match rich(params)? {
        Some(content) if state.rich => content,
        _ => formatted(params, state.no_html)?,
    };
    let keyboard = keyboard::checked(structure(params, "reply_markup")?.as_ref())?;
    let sent = find(state, &place, params, "message to edit not found")?;
    if sent.text == content.visible && sent.keyboard == keyboard && sent.format == content.format {
        return Err(not_modified());
    }
    state.flood.pass(place.id(), now())?;
    let sent = find(state, &place, params, "message to edit not found")?;
    sent.edits.push(std::mem::replace(&mut sent.text, content.visible));
    sent.source = content.source;
    sent.keyboard = keyboard;
    sent.format = content.format;
    Ok(as_message(&place, sent))
}

pub(super) fn edit_markup(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let keyboard = keyboard::checked(structure(params, "reply_markup")?.as_ref())?;
    let sent = find(state, &place, params, "message to edit not found")?;
    if sent.keyboard == keyboard {
        return Err(not_modified());
    }
    sent.keyboard = keyboard;
    Ok(as_message(&place, sent))
}

pub(super) fn delete(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    find(state, &place, params, "message to delete not found")?.deleted = true;
    Ok(json!(true))
}

fn not_modified() -> Refusal {
    Refusal::bad(
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a \
         current content and reply markup of the message",
    )
}

/// The message of the bot that a call is about.
fn find<'a>(state: &'a mut State, place: &Place, params: &Value, missing: &str) -> Result<&'a mut Sent, Refusal> {
    let id = integer(params, "message_id").filter(|id| *id > 0);
    let id = id.ok_or_else(|| Refusal::bad("Bad Request: message identifier is not specified"))?;
    state.sent_mut(place.id(), id).ok_or_else(|| Refusal::bad(&format!("Bad Request: {missing}")))
}
