//! What a Bot API server answers, read for what is known of the outcome.
//!
//! Telegram's own server wraps every answer in the same few fields. Others write odd values into them, or answer a method
//! that they do not know with something else altogether: all that can be told from that is told, since a message that was
//! refused may be sent in another way, and one whose fate is unknown may not.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::api::CallError;

/// The wait when a server asks for one without saying how long.
pub(super) const UNSPECIFIED_WAIT: Duration = Duration::from_secs(3);
/// Where servers say in words what went wrong.
const WORDS: [&str; 4] = ["description", "message", "error", "detail"];

/// The result within an answer.
pub(super) fn result(status: StatusCode, body: &[u8]) -> Result<Value, CallError> {
    let code = status.as_u16();
    if status.is_redirection() {
        let description = "it redirects elsewhere, which is not followed: check TELEGRAM_API_URL".to_owned();
        return Err(CallError::Refused { code, description });
    }
    let mut answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    match answer.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(answer["result"].take()),
        Some(false) => Err(refusal(status, &answer)),
        None => Err(foreign(status, &answer)),
    }
}

/// A refusal in the Bot API's shape.
fn refusal(status: StatusCode, answer: &Value) -> CallError {
    let parameters = &answer["parameters"];
    if let Some(id) = parameters["migrate_to_chat_id"].as_i64() {
        return CallError::Migrated(id);
    }
    let code = answer["error_code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(status.as_u16());
    let description = said(answer).map_or_else(|| reason(status), str::to_owned);
    match parameters["retry_after"].as_f64().and_then(|wait| Duration::try_from_secs_f64(wait.ceil()).ok()) {
        Some(wait) => CallError::TooMany(wait),
        None if code == 429 => CallError::TooMany(UNSPECIFIED_WAIT),
        None if names_no_method(&description) => CallError::Refused { code: 404, description },
        None => CallError::Refused { code, description },
    }
}

/// An answer that is not the Bot API's: that of whatever stands before it, or of a server that answers in its own way.
fn foreign(status: StatusCode, answer: &Value) -> CallError {
    let code = status.as_u16();
    let said = said(answer);
    let description = said.map_or_else(|| reason(status), str::to_owned);
    match code {
        400.. if said.is_some_and(names_no_method) => CallError::Refused { code: 404, description },
        429 => CallError::TooMany(UNSPECIFIED_WAIT),
        // These are said before any work is done; other server errors leave it open, unless the server itself says that it
        // failed.
        400..=499 | 501 | 503 => CallError::Refused { code, description },
        500 if said.is_some() => CallError::Refused { code, description },
        _ => CallError::Unanswered(format!("HTTP {code} {}", reason(status))),
    }
}

fn said(answer: &Value) -> Option<&str> {
    WORDS.iter().find_map(|key| answer.get(key)?.as_str()).filter(|words| !words.is_empty())
}

pub(super) fn reason(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("without a reason").to_owned()
}

/// Whether these words say that there is no such method.
pub(super) fn names_no_method(description: &str) -> bool {
    let said = description.to_ascii_lowercase();
    let lacks = ["not found", "not supported", "not implemented", "not available", "unknown", "unsupported", "no such"];
    let more = ["not exist", "doesn't exist", "not allowed", "not mocked", "does not model"];
    said.contains("not implemented")
        || (said.contains("method") && lacks.iter().chain(&more).any(|words| said.contains(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Value, CallError> {
        result(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn answers_say_what_is_known_of_the_outcome() {
        assert_eq!(read(200, r#"{"ok":true,"result":7}"#).unwrap(), 7);
        assert_eq!(read(200, r#"{"ok":true}"#).unwrap(), Value::Null);
        let flood = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":5}}"#;
        assert_eq!(read(429, flood).unwrap_err(), CallError::TooMany(Duration::from_secs(5)));
        let refusal = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert!(matches!(read(403, refusal).unwrap_err(), CallError::Refused { code: 403, .. }));
        let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat",
            "parameters":{"migrate_to_chat_id":-1001}}"#;
        assert_eq!(read(400, moved).unwrap_err(), CallError::Migrated(-1001));
        assert!(matches!(read(307, "").unwrap_err(), CallError::Refused { code: 307, .. }));
        assert!(matches!(read(404, "nothing here").unwrap_err(), CallError::Refused { code: 404, .. }));
        assert!(matches!(read(502, "<html>Bad Gateway</html>").unwrap_err(), CallError::Unanswered(_)));
        assert!(matches!(read(500, "<html>Oh no</html>").unwrap_err(), CallError::Unanswered(_)));
        assert!(matches!(read(502, r#"{"message":"bad gateway"}"#).unwrap_err(), CallError::Unanswered(_)));
        assert!(matches!(read(200, "hello").unwrap_err(), CallError::Unanswered(_)));
    }

    #[test]
    fn a_method_that_a_server_does_not_know_is_a_refusal_however_it_says_so() {
        let words = [
            (500, r#"{"message":"API method 'sendRichMessage' is not supported. Are you sure?"}"#),
            (404, r#"{"detail":"Not Found"}"#),
            (404, "<html>no such page</html>"),
            (400, r#"{"ok":false,"error_code":400,"description":"Bad Request: unknown method"}"#),
            (200, r#"{"ok":false,"description":"Method not found"}"#),
            (500, r#"{"ok":false,"error_code":500,"description":"Not implemented"}"#),
        ];
        for (status, body) in words {
            let error = read(status, body).unwrap_err();
            assert!(matches!(error, CallError::Refused { code: 404, .. }), "{body}: {error:?}");
        }
        let available =
            r#"{"ok":false,"error_code":400,"description":"Bad Request: method is available only for supergroups"}"#;
        assert!(matches!(read(400, available).unwrap_err(), CallError::Refused { code: 400, .. }));
    }

    #[test]
    fn odd_values_hide_nothing_that_can_be_told() {
        let odd = r#"{"ok":false,"error_code":"429","description":null,"parameters":{"retry_after":0.4}}"#;
        assert_eq!(read(429, odd).unwrap_err(), CallError::TooMany(Duration::from_secs(1)));
        let odd = r#"{"ok":false,"error_code":-1,"parameters":null}"#;
        let refused = CallError::Refused { code: 400, description: "Bad Request".to_owned() };
        assert_eq!(read(400, odd).unwrap_err(), refused);
        let said = CallError::Refused { code: 500, description: "it broke".to_owned() };
        assert_eq!(read(500, r#"{"error":"it broke"}"#).unwrap_err(), said);
    }
}
