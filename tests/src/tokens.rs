//! Token counts made independently of the server: by `tiktoken-rs`, which the server does not use.

use serde_json::Value;

/// Tokens of a text in `o200k_base`, the encoding of gpt-4o to gpt-5.
#[must_use]
pub fn count(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// Tokens of a whole chat completion request: its messages' texts and names, 3 for each message, 1 for each name and 3
/// to prime the answer.
#[must_use]
pub fn count_request(request: &Value) -> usize {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    3 + messages.iter().map(count_message).sum::<usize>()
}

fn count_message(message: &Value) -> usize {
    let name = message["name"].as_str().map_or(0, |name| 1 + count(name));
    3 + name + count(&message_text(message))
}

/// The text of a message, whether its content is a string or a list of text parts.
#[must_use]
pub fn message_text(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_counts_texts_and_overhead() {
        assert_eq!(count("hello world"), 2);
        let request = json!({"messages": [
            {"role": "system", "content": "hello world"},
            {"role": "user", "name": "hello", "content": [{"type": "text", "text": "hello world"}]},
        ]});
        assert_eq!(count_request(&request), 3 + (3 + 2) + (3 + 2 + 2));
    }
}
