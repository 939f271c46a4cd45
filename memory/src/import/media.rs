//! A few words about what is not text, in the words that the bot itself uses for what it receives.

use serde_json::Value;

use super::{chat::one_line, text::plain};

/// What came with a record beside its text; none when nothing did.
pub(super) fn described(record: &Value) -> Option<String> {
    let has = |key: &str| !record[key].is_null();
    let what = match record["media_type"].as_str() {
        Some("sticker") => named("sticker", record["sticker_emoji"].as_str()),
        Some("voice_message") => timed("voice message", &record["duration_seconds"]),
        Some("video_message") => "video message".to_owned(),
        Some("animation") => "animation".to_owned(),
        Some("video_file") => named("video", file_name(record)),
        Some("audio_file") => named("audio", record["title"].as_str().or_else(|| file_name(record))),
        _ if has("photo") => "photo".to_owned(),
        _ if has("file") => named("file", file_name(record)),
        _ if has("contact_information") => named("contact", record["contact_information"]["first_name"].as_str()),
        _ if has("place_name") => named("place", record["place_name"].as_str()),
        _ if has("location_information") => {
            let place = &record["location_information"];
            format!("location: {}, {}", place["latitude"], place["longitude"])
        }
        _ if has("poll") => named("poll", Some(&plain(&record["poll"]["question"]))),
        _ if has("todo_list") => named("list", Some(&plain(&record["todo_list"]["title"]))),
        _ if has("game_title") => named("game", record["game_title"].as_str()),
        _ if has("invoice_information") => named("invoice", record["invoice_information"]["title"].as_str()),
        _ if has("dice") => format!("dice: {}", record["dice"]["value"]),
        _ => return None,
    };
    Some(what)
}

/// What happened, for a service record: `pin message`, `phone call, 35 s`, `create group: Oak`.
pub(super) fn happened(record: &Value) -> String {
    let action = record["action"].as_str().map(|action| action.replace('_', " "));
    let what = action.filter(|action| !action.trim().is_empty()).unwrap_or_else(|| "something happened".to_owned());
    let members: Vec<&str> = record["members"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(title) = record["title"].as_str() {
        named(&what, Some(title))
    } else if !members.is_empty() {
        named(&what, Some(&members.join(", ")))
    } else {
        timed(&what, &record["duration_seconds"])
    }
}

fn timed(what: &str, seconds: &Value) -> String {
    seconds.as_i64().map_or_else(|| what.to_owned(), |seconds| format!("{what}, {seconds} s"))
}

/// A name may hold anything; a bracket in it would end the note too early.
fn named(what: &str, name: Option<&str>) -> String {
    let name = one_line(name.unwrap_or_default()).replace('[', "(").replace(']', ")");
    if name.is_empty() { what.to_owned() } else { format!("{what}: {name}") }
}

/// The file's own name; of a path, its end. What was left out of the export has a sentence there instead.
fn file_name(record: &Value) -> Option<&str> {
    let path =
        || record["file"].as_str().filter(|path| !path.starts_with('(')).and_then(|path| path.rsplit('/').next());
    record["file_name"].as_str().or_else(path)
}
