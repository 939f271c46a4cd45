//! One record of an export, as far as memory is concerned.

use serde_json::Value;

use super::{chat::one_line, media, text::plain};
use crate::MessageKind;

/// Said of what has neither words nor a known kind.
const UNREADABLE: &str = "a message of a kind that cannot be read yet";
/// Stands for the name of somebody who passed words on and has none any more.
const NAMELESS: &str = "somebody";

/// A message as it was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the exported chat.
    pub number: i64,
    /// When it was said, in seconds since 1970.
    pub second: i64,
    /// What kind.
    pub kind: MessageKind,
    /// The speaker's name; none where the account was deleted.
    pub author: Option<String>,
    /// The speaker's number, as bots see it.
    pub author_id: Option<i64>,
    /// The number of the record it replies to.
    pub reply_to: Option<i64>,
    /// Whose words it passes on.
    pub forwarded_from: Option<String>,
    /// The text, behind a note about what came with it.
    pub text: String,
    /// When it was last changed, in seconds since 1970.
    pub edited: Option<i64>,
}

/// Why a record cannot be read. It quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is something else.
    #[error("it is no JSON object")]
    NoObject,
    /// It has no number.
    #[error("it has no “id” that is a whole number")]
    NoNumber,
    /// It has no time.
    #[error("it has neither a “date_unixtime” nor a “date” that can be read")]
    NoTime,
    /// Its time is none that a message can have.
    #[error("its date lies before 1970 or after 2242")]
    OddTime,
    /// Its text is neither a string nor pieces.
    #[error("its “text” is neither a string nor a list")]
    OddText,
}

/// Reads a record. `local` gives the moment (seconds since 1970) of a time without a zone: `2021-03-04T05:06:07`.
///
/// # Errors
/// [`Flaw`], when it has no number, no time, or is no message at all.
pub fn record(value: &Value, local: &dyn Fn(&str) -> Option<i64>) -> Result<Record, Flaw> {
    if !value.is_object() {
        return Err(Flaw::NoObject);
    }
    let number = whole(&value["id"]).ok_or(Flaw::NoNumber)?;
    let second = moment(value, "date", local).ok_or(Flaw::NoTime)?;
    super::place::of(second, number).ok_or(Flaw::OddTime)?;
    let is_service = value["type"].as_str() == Some("service");
    let (kind, text) =
        if is_service { (MessageKind::Service, format!("[{}]", media::happened(value))) } else { content(value)? };
    let (name, id) = if is_service { ("actor", "actor_id") } else { ("from", "from_id") };
    Ok(Record {
        number,
        second,
        kind,
        author: value[name].as_str().map(one_line).filter(|name| !name.is_empty()),
        author_id: speaker(&value[id]),
        reply_to: whole(&value["reply_to_message_id"]),
        forwarded_from: forwarded(value),
        text,
        edited: moment(value, "edited", local).filter(|edited| *edited > second),
    })
}

fn content(value: &Value) -> Result<(MessageKind, String), Flaw> {
    let text = match &value["text"] {
        Value::Null => plain(&value["text_entities"]),
        text @ (Value::String(_) | Value::Array(_)) => plain(text),
        _ => return Err(Flaw::OddText),
    };
    let note = media::described(value).or_else(|| text.trim().is_empty().then(|| UNREADABLE.to_owned()));
    Ok(match note {
        None => (MessageKind::Text, text),
        Some(note) if text.trim().is_empty() => (MessageKind::Media, format!("[{note}]")),
        Some(note) => (MessageKind::Media, format!("[{note}] {text}")),
    })
}

/// The words of another, when they are: the name may be gone, and what was saved from a chat is no less another's.
fn forwarded(value: &Value) -> Option<String> {
    let fields = ["forwarded_from", "saved_from"];
    let found = fields.iter().find_map(|field| value.get(*field))?;
    let name = found.as_str().map(one_line).filter(|name| !name.is_empty());
    Some(name.unwrap_or_else(|| NAMELESS.to_owned()))
}

/// The time of a field: its seconds where there are any, else the local time.
fn moment(value: &Value, field: &str, local: &dyn Fn(&str) -> Option<i64>) -> Option<i64> {
    let seconds = whole(&value[format!("{field}_unixtime").as_str()]);
    // Exports of before 2017 had the seconds in the field itself.
    seconds.or_else(|| whole(&value[field])).or_else(|| local(value[field].as_str()?))
}

/// A number, written as one or as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// `user12`, `channel12` and `chat12` as bots number them; early exports had a bare number.
fn speaker(value: &Value) -> Option<i64> {
    let Some(text) = value.as_str() else { return value.as_i64() };
    let number = |prefix: &str| text.strip_prefix(prefix)?.parse::<i64>().ok().filter(|number| *number > 0);
    number("user")
        .or_else(|| Some(-1_000_000_000_000 - number("channel")?))
        .or_else(|| Some(-number("chat")?))
        .or_else(|| text.parse().ok())
}
