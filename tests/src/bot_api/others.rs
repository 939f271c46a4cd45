//! Bot API servers that others wrote, for tests of their own bots: they know a few old methods by their exact names, and each
//! has its own way with everything else.

use serde_json::{Value, json};

use super::refusal::Refusal;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// What it does not know is a failure of its own, in no shape of the Bot API's; what it tells lacks much, or is null.
    Careless,
    /// It refuses each parameter and each kind of updates that it does not know.
    Strict,
    /// It is a web server with a few addresses, none for edits: what it does not know is a page that is not there.
    Bare,
}

/// What they know.
const METHODS: [&str; 6] =
    ["getMe", "getUpdates", "sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery"];
/// What [`Others::Strict`] takes, of all methods together.
const PARAMETERS: [&str; 13] = [
    "offset",
    "timeout",
    "limit",
    "allowed_updates",
    "chat_id",
    "message_id",
    "text",
    "parse_mode",
    "reply_markup",
    "reply_parameters",
    "callback_query_id",
    "show_alert",
    "entities",
];

impl Others {
    /// What it says to a call that it does not understand.
    pub(super) fn refuses(self, method: &str, params: Option<&Value>) -> Option<Refusal> {
        if !METHODS.contains(&method) || (self == Self::Bare && method == "editMessageText") {
            return Some(self.does_not_know(method));
        }
        let fields = params.and_then(Value::as_object).filter(|_| self == Self::Strict)?;
        let kinds = fields.get("allowed_updates").and_then(Value::as_array).into_iter().flatten();
        if kinds.into_iter().any(|kind| kind == "stopped_message_generation") {
            return Some(Refusal::bad("Invalid allowed_updates"));
        }
        let odd = fields.keys().find(|field| !PARAMETERS.contains(&field.as_str()))?;
        Some(Refusal::bad(&format!("Bad Request: parameter {odd} is unknown")))
    }

    fn does_not_know(self, method: &str) -> Refusal {
        match self {
            Self::Careless => {
                let words = format!("API method '{method}' is not supported. Are you sure that you use it correctly?");
                Refusal::foreign(500, &json!({"message": words}).to_string())
            }
            Self::Strict => Refusal::new(404, "Not Found"),
            Self::Bare => Refusal::foreign(404, "<html><body><h1>Nothing here</h1></body></html>"),
        }
    }

    /// What it tells of what it did.
    pub(super) fn tells(self, method: &str, result: Value) -> Value {
        match (self, method) {
            (Self::Careless, "getUpdates") => {
                json!(result.as_array().map(|all| all.iter().map(lacking).collect::<Vec<_>>()))
            }
            (Self::Careless, "editMessageText" | "answerCallbackQuery" | "deleteMessage") => Value::Null,
            (Self::Careless, "sendMessage") => {
                json!({"message_id": result["message_id"], "date": 1_795_385_682_123_i64})
            }
            _ => result,
        }
    }
}

/// An update as a careless server tells it.
fn lacking(update: &Value) -> Value {
    let mut update = update.clone();
    if let Some(press) = update.get_mut("callback_query").and_then(Value::as_object_mut) {
        press.remove("chat_instance");
        let chat = press["message"]["chat"].clone();
        press.insert("message".to_owned(), json!({"chat": chat}));
    }
    if let Some(message) = update.get_mut("message").and_then(Value::as_object_mut) {
        message.insert("entities".to_owned(), Value::Null);
        message.insert("reply_to_message".to_owned(), Value::Null);
        message.insert("botToken".to_owned(), json!("1:abc"));
    }
    update
}
