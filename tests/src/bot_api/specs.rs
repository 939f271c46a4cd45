//! Which parameters each method has, and of what type.
//!
//! Telegram passes over parameters it does not know and reads what it can of a wrong type. A bot that relies on that is
//! mistaken all the same: it is noted as a complaint, which tests look at.

use serde_json::Value;

/// What a parameter must be. Each may also come as text, as in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Boolean,
    Object,
    List,
}

use Kind::{Boolean, Integer, List, Object, Text};

type Spec = &'static [(&'static str, Kind)];

/// Parameters of every method that sends.
const SENDING: Spec = &[
    ("business_connection_id", Text),
    ("chat_id", Integer),
    ("message_thread_id", Integer),
    ("direct_messages_topic_id", Integer),
    ("disable_notification", Boolean),
    ("protect_content", Boolean),
    ("allow_paid_broadcast", Boolean),
    ("message_effect_id", Text),
    ("suggested_post_parameters", Object),
    ("reply_parameters", Object),
    ("reply_markup", Object),
];
const FORMATTED: Spec = &[("text", Text), ("parse_mode", Text), ("entities", List), ("link_preview_options", Object)];
const EDITING: Spec = &[
    ("business_connection_id", Text),
    ("chat_id", Integer),
    ("message_id", Integer),
    ("inline_message_id", Text),
    ("reply_markup", Object),
];
const RICH: Spec = &[("rich_message", Object)];
const DRAFT: Spec = &[
    ("chat_id", Integer),
    ("message_thread_id", Integer),
    ("draft_id", Integer),
    ("can_stop", Boolean),
    ("keep_on_stop", Boolean),
];
const MENU: Spec = &[("scope", Object), ("language_code", Text)];

fn specs(method: &str) -> [Spec; 3] {
    match method {
        "sendMessage" => [SENDING, FORMATTED, &[]],
        "sendRichMessage" => [SENDING, RICH, &[]],
        "sendDocument" => [SENDING, &[("document", Object), ("caption", Text), ("parse_mode", Text)], &[]],
        "sendMessageDraft" => [DRAFT, &[("text", Text), ("parse_mode", Text), ("entities", List)], &[]],
        "sendRichMessageDraft" => [DRAFT, RICH, &[]],
        "editMessageText" => [EDITING, FORMATTED, RICH],
        "editMessageReplyMarkup" => [EDITING, &[], &[]],
        "deleteMessage" => [&[("chat_id", Integer), ("message_id", Integer)], &[], &[]],
        "sendChatAction" => [
            &[("business_connection_id", Text), ("chat_id", Integer), ("message_thread_id", Integer), ("action", Text)],
            &[],
            &[],
        ],
        "getFile" => [&[("file_id", Text)], &[], &[]],
        "getChat" => [&[("chat_id", Integer)], &[], &[]],
        "getChatMember" => [&[("chat_id", Integer), ("user_id", Integer)], &[], &[]],
        "answerCallbackQuery" => [
            &[("callback_query_id", Text), ("text", Text), ("show_alert", Boolean), ("url", Text)],
            &[("cache_time", Integer)],
            &[],
        ],
        "getUpdates" => {
            [&[("offset", Integer), ("limit", Integer), ("timeout", Integer), ("allowed_updates", List)], &[], &[]]
        }
        "setWebhook" => [
            &[("url", Text), ("certificate", Text), ("ip_address", Text), ("max_connections", Integer)],
            &[("allowed_updates", List), ("drop_pending_updates", Boolean), ("secret_token", Text)],
            &[],
        ],
        "deleteWebhook" => [&[("drop_pending_updates", Boolean)], &[], &[]],
        "setMyCommands" => [MENU, &[("commands", List)], &[]],
        "getMyCommands" | "deleteMyCommands" => [MENU, &[], &[]],
        _ => [&[], &[], &[]],
    }
}

/// What is wrong with the parameters of a call that Telegram would not say.
pub(super) fn complaints(method: &str, params: &Value) -> Vec<String> {
    let specs = specs(method);
    let given = params.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let complaint = |(name, value): (&String, &Value)| {
        let Some((_, kind)) = specs.iter().copied().flatten().find(|(known, _)| known == name) else {
            return Some(format!("{method} has no parameter {name:?}"));
        };
        (!fits(*kind, value)).then(|| format!("{name:?} of {method} is no {kind:?}: {value}"))
    };
    given.filter_map(complaint).chain(beyond(method, params)).collect()
}

fn fits(kind: Kind, value: &Value) -> bool {
    match value {
        Value::String(_) if kind == Text => true,
        Value::String(text) => {
            serde_json::from_str(text).is_ok_and(|value: Value| !value.is_string() && fits(kind, &value))
        }
        Value::Number(number) => kind == Integer && number.is_i64(),
        Value::Bool(_) => kind == Boolean,
        Value::Object(_) => kind == Object,
        Value::Array(_) => kind == List,
        Value::Null => true,
    }
}

/// Numbers that Telegram cuts to what it allows.
fn beyond(method: &str, params: &Value) -> Vec<String> {
    let allowed = match method {
        "getUpdates" => [("limit", 1..=100), ("timeout", 0..=50)],
        "setWebhook" => [("max_connections", 1..=100), ("max_connections", 1..=100_000)],
        _ => return Vec::new(),
    };
    let given = allowed.into_iter().filter_map(|(name, range)| Some((name, params[name].as_i64()?, range)));
    given
        .filter(|(_, value, range)| !range.contains(value))
        .map(|(name, value, _)| format!("{name:?} of {method} is {value}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_telegram_would_pass_over_is_complained_of() {
        let complain = |params: Value| complaints("sendMessage", &params).len();
        assert_eq!(complain(json!({"chat_id": 7, "text": "7", "reply_markup": {}, "protect_content": true})), 0);
        assert_eq!(complain(json!({"chat_id": "7", "text": "x", "reply_markup": "{}", "entities": "[]"})), 0);
        assert_eq!(complain(json!({"chat_id": 7, "text": "x", "parse_mode": null})), 0);
        assert_eq!(complain(json!({"chat": 7})), 1);
        assert_eq!(complain(json!({"chat_id": "Ada"})), 1);
        assert_eq!(complain(json!({"text": 7, "entities": {}})), 2);
        assert_eq!(complaints("getUpdates", &json!({"limit": 1000, "timeout": 60})).len(), 2);
        assert_eq!(complaints("getMe", &json!({"verbose": true})).len(), 1);
    }
}
