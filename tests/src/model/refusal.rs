//! What the server refuses, and in whose words.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Dialect, State};

/// The refusal that this request meets, if any: a parameter, a misplaced system message, a full window.
pub(super) fn of(state: &State, body: &Value, prompt_tokens: usize) -> Option<Response> {
    if let Some(parameter) = state.refuses.iter().find(|parameter| has(body, parameter)) {
        return Some(unsupported(state.dialect, parameter));
    }
    if state.blind && has_pictures(body) {
        let words = "Invalid content type. image_url is only supported by certain models.";
        return Some(match state.dialect {
            Dialect::OpenAi => error(400, &openai(words, "messages.[1].content.[1].type", "invalid_value")),
            Dialect::LlamaCpp => error(500, &llama(500, "image input is not supported - hint: mmproj", "server_error")),
        });
    }
    if state.system_first_only && has_later_system_message(body) {
        return Some(match state.dialect {
            Dialect::OpenAi => {
                error(400, &openai("System message must be at the beginning.", "messages", "invalid_value"))
            }
            Dialect::LlamaCpp => {
                error(500, &llama(500, "Jinja Exception: System message must be at the beginning.", "server_error"))
            }
        });
    }
    let window = state.window.filter(|window| prompt_tokens > *window)?;
    Some(overflow(state.dialect, prompt_tokens, window))
}

/// An error of this status without particulars.
pub(super) fn plain(dialect: Dialect, status: u16) -> Response {
    let message = match status {
        401 => "Incorrect API key provided.",
        429 => "Rate limit reached for requests.",
        503 => "The engine is currently overloaded, please try again later.",
        _ => "The server had an error while processing your request.",
    };
    let kind = match status {
        401 => "invalid_request_error",
        429 => "rate_limit_error",
        _ => "server_error",
    };
    match dialect {
        Dialect::OpenAi => {
            let code = if status == 401 { json!("invalid_api_key") } else { Value::Null };
            error(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
        }
        Dialect::LlamaCpp => error(status, &llama(status, message, kind)),
    }
}

fn has(body: &Value, parameter: &str) -> bool {
    let mut here = body;
    for part in parameter.split('.') {
        // "response_format.json_schema" is told by the type that names it as well.
        if here["type"] == part {
            return true;
        }
        here = &here[part];
    }
    !here.is_null()
}

fn has_pictures(body: &Value) -> bool {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut parts = messages.iter().filter_map(|message| message["content"].as_array()).flatten();
    parts.any(|part| part["type"] == "image_url")
}

fn has_later_system_message(body: &Value) -> bool {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    messages.iter().skip(1).any(|message| message["role"] == "system" || message["role"] == "developer")
}

fn unsupported(dialect: Dialect, parameter: &str) -> Response {
    match dialect {
        Dialect::OpenAi => {
            let hint = match parameter {
                "max_completion_tokens" => " Use 'max_tokens' instead.",
                "max_tokens" => " Use 'max_completion_tokens' instead.",
                _ => "",
            };
            let message = format!("Unsupported parameter: '{parameter}' is not supported with this model.{hint}");
            error(400, &openai(&message, parameter, "unsupported_parameter"))
        }
        Dialect::LlamaCpp => {
            error(400, &llama(400, &format!("Unsupported param: {parameter}"), "invalid_request_error"))
        }
    }
}

fn overflow(dialect: Dialect, prompt_tokens: usize, window: usize) -> Response {
    match dialect {
        Dialect::OpenAi => {
            let message = format!(
                "This model's maximum context length is {window} tokens. However, your messages resulted in \
                 {prompt_tokens} tokens. Please reduce the length of the messages."
            );
            error(400, &openai(&message, "messages", "context_length_exceeded"))
        }
        Dialect::LlamaCpp => {
            let message = format!(
                "request ({prompt_tokens} tokens) exceeds the available context size ({window} tokens), try increasing it"
            );
            let mut body = llama(400, &message, "exceed_context_size_error");
            body["error"]["n_prompt_tokens"] = json!(prompt_tokens);
            body["error"]["n_ctx"] = json!(window);
            error(400, &body)
        }
    }
}

fn openai(message: &str, param: &str, code: &str) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}})
}

fn llama(code: u16, message: &str, kind: &str) -> Value {
    json!({"error": {"code": code, "message": message, "type": kind}})
}

fn error(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
