//! Token counts made independently of the server: by `tiktoken-rs`, which the server does not use.

use serde_json::Value;

/// Tokens of a text in `o200k_base`, the encoding of gpt-4o to gpt-5.
#[must_use]
pub fn count(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// Tokens of a whole chat completion request: its messages' texts and names, 3 for each message, 1 for each name and 3
/// to prime the answer; tools as OpenAI's cookbook counts them, and 7 around the name and the arguments of each call.
#[must_use]
pub fn count_request(request: &Value) -> usize {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    3 + messages.iter().map(count_message).sum::<usize>() + count_tools(&request["tools"])
}

fn count_tools(tools: &Value) -> usize {
    let tools = tools.as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() { 0 } else { 12 + tools.iter().map(|tool| count_tool(&tool["function"])).sum::<usize>() }
}

fn count_tool(function: &Value) -> usize {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim_end_matches('.').to_owned();
    let properties = function["parameters"]["properties"].as_object();
    let property = |(name, about): (&String, &Value)| {
        3 + count(&format!("{name}:{}:{}", text(&about["type"]), text(&about["description"])))
    };
    let properties = properties.map_or(0, |properties| 3 + properties.iter().map(property).sum::<usize>());
    7 + count(&format!("{}:{}", text(&function["name"]), text(&function["description"]))) + properties
}

fn count_message(message: &Value) -> usize {
    let name = message["name"].as_str().map_or(0, |name| 1 + count(name));
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let call = |call: &Value| {
        let text = |name: &str| count(call["function"][name].as_str().unwrap_or_default());
        7 + text("name") + text("arguments")
    };
    3 + name + count(&message_text(message)) + calls.iter().map(call).sum::<usize>()
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
