//! The year as Telegram Desktop exports it: `result.json` of one chat.

use serde_json::{Value, json};

use super::{BOT, BOT_NAME, DAY, Line, Manner, Speaker, VERA, VERA_NAME, Year, truth::day_of};

/// The document.
pub(super) fn result_json(year: &Year) -> Value {
    let begun = year.lines().first().map_or(0, |line| line.at - 60);
    let start = json!({
        "id": 1, "type": "service", "date": date(begun), "date_unixtime": begun.to_string(), "actor": VERA_NAME,
        "actor_id": format!("user{VERA}"), "action": "bot_started", "text": "", "text_entities": [],
    });
    let said = (2_i64..).zip(year.lines()).map(|(id, line)| message(id, line));
    json!({"name": BOT_NAME, "type": "bot_chat", "id": BOT, "messages": std::iter::once(start).chain(said).collect::<Vec<_>>()})
}

/// One message as it stands in the document.
fn message(id: i64, line: &Line) -> Value {
    let (name, user) = match line.by {
        Speaker::Vera => (VERA_NAME, VERA),
        Speaker::Bot => (BOT_NAME, BOT),
    };
    let (text, entities) = text(id, &line.text);
    let mut message = json!({
        "id": id, "type": "message", "date": date(line.at), "date_unixtime": line.at.to_string(), "from": name,
        "from_id": format!("user{user}"), "text": text, "text_entities": entities,
    });
    match &line.manner {
        Manner::Plain => {}
        Manner::Forwarded(from) => message["forwarded_from"] = json!(from),
        Manner::Edited(after) => {
            message["edited"] = json!(date(line.at + after));
            message["edited_unixtime"] = json!((line.at + after).to_string());
        }
        Manner::Photo => {
            message["photo"] = json!("(File not included. Change data exporting settings to download.)");
            message["width"] = json!(1280);
            message["height"] = json!(960);
        }
    }
    message
}

/// Every third text comes in pieces, one of them emphasised: together they are the text.
fn text(id: i64, text: &str) -> (Value, Value) {
    let whole = json!([{"type": "plain", "text": text}]);
    let Some((at, _)) = text.char_indices().nth(5).filter(|_| id % 3 == 0) else { return (json!(text), whole) };
    let (before, rest) = text.split_at(at);
    let (bold, after) = rest.split_at(rest.char_indices().nth(4).map_or(rest.len(), |(at, _)| at));
    let piece = json!({"type": "bold", "text": bold});
    let plain = |text: &str| json!({"type": "plain", "text": text});
    (json!([before, piece, after]), json!([plain(before), piece, plain(after)]))
}

/// A time as the document has it beside the seconds: without a zone, here that of a machine two hours east of Greenwich.
fn date(at: i64) -> String {
    let local = at + 2 * 3600;
    let seconds = local.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}", day_of(local), seconds / 3600, seconds / 60 % 60, seconds % 60)
}
