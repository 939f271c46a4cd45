//! The request as an endpoint takes it: what is known to be refused is left out or said otherwise.

use std::{borrow::Cow, collections::BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use souvenir_memory::{Role, context::ContextMessage, prompt::consolidation::schema_text};

use crate::{
    hash,
    llm::{AnswerSchema, ChatRequest, Quirk},
};

/// What stands around a system message inside the user's message.
const NOTES_OPEN: &str = "<notes>\n";
const NOTES_CLOSE: &str = "\n</notes>\n\n";

/// The body of a request for a streamed answer.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Spoken<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Spoken<'a> {
    role: Role,
    content: Cow<'a, str>,
}

impl Body<'_> {
    /// The SHA-256 of the bytes sent, in hexadecimal. `async-openai` sends what serde_json makes of this body, and
    /// so does this.
    pub(super) fn sha256(&self) -> String {
        hash::sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// What a request holds that an endpoint may refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) max_tokens: bool,
    pub(super) reasoning_effort: bool,
    pub(super) stream_options: bool,
    pub(super) unusual_order: bool,
    pub(super) json_schema: bool,
    pub(super) input_type: bool,
}

/// Which of the things that may be refused `request` holds, written with these quirks.
pub(super) fn sent(request: &ChatRequest, quirks: &BTreeSet<Quirk>) -> Sent {
    let roles = request.messages.iter().map(|message| message.role);
    let later_system = roles.clone().skip(1).any(|role| role == Role::System);
    let repeated = roles.clone().zip(roles.skip(1)).any(|(one, next)| one == next);
    Sent {
        max_tokens: quirks.contains(&Quirk::MaxTokens),
        reasoning_effort: request.reasoning_effort.is_some() && !quirks.contains(&Quirk::NoReasoningEffort),
        stream_options: !quirks.contains(&Quirk::NoStreamOptions),
        unusual_order: (later_system || repeated) && !quirks.contains(&Quirk::SystemFirstOnly),
        json_schema: request.schema.is_some() && !quirks.contains(&Quirk::NoJsonSchema),
        input_type: false,
    }
}

/// The body of `request` for an endpoint with these quirks.
pub(super) fn write<'a>(request: &'a ChatRequest, quirks: &BTreeSet<Quirk>) -> Body<'a> {
    let sent = sent(request, quirks);
    let limit = request.max_output_tokens.0;
    let mut messages: Vec<Spoken<'_>> = if quirks.contains(&Quirk::SystemFirstOnly) {
        system_first(&request.messages)
    } else {
        request.messages.iter().map(as_it_is).collect()
    };
    if let Some(form) = request.schema.filter(|_| !sent.json_schema)
        && let Some(first) = messages.first_mut()
    {
        let first = first.content.to_mut();
        first.push_str("\n\n");
        first.push_str(&schema_text(form.schema));
    }
    Body {
        model: &request.model,
        messages,
        stream: true,
        stream_options: sent.stream_options.then_some(StreamOptions { include_usage: true }),
        max_completion_tokens: (!sent.max_tokens).then_some(limit),
        max_tokens: sent.max_tokens.then_some(limit),
        reasoning_effort: request.reasoning_effort.as_deref().filter(|_| sent.reasoning_effort),
        response_format: request.schema.filter(|_| sent.json_schema).map(response_format),
    }
}

fn response_format(form: AnswerSchema) -> Value {
    let schema: Value = serde_json::from_str(form.schema).unwrap_or_default();
    json!({"type": "json_schema", "json_schema": {"name": form.name, "strict": true, "schema": schema}})
}

fn as_it_is(message: &ContextMessage) -> Spoken<'_> {
    Spoken { role: message.role, content: Cow::Borrowed(&message.content) }
}

/// One system message at the start, later ones inside the user's message that follows, and no role twice in a row:
/// the order that the strictest chat templates ask for.
fn system_first(messages: &[ContextMessage]) -> Vec<Spoken<'_>> {
    let mut spoken: Vec<Spoken<'_>> = Vec::with_capacity(messages.len());
    let mut notes = String::new();
    for message in messages {
        let said_before = spoken.iter().any(|before| before.role != Role::System);
        if message.role == Role::System && said_before {
            notes.push_str(NOTES_OPEN);
            notes.push_str(message.content.trim_end());
            notes.push_str(NOTES_CLOSE);
            continue;
        }
        let mut next = as_it_is(message);
        if message.role == Role::User && !notes.is_empty() {
            next.content = Cow::Owned(std::mem::take(&mut notes) + &message.content);
        }
        join_or_push(&mut spoken, next);
    }
    if !notes.is_empty() {
        join_or_push(&mut spoken, Spoken { role: Role::User, content: Cow::Owned(notes) });
    }
    spoken
}

fn join_or_push<'a>(spoken: &mut Vec<Spoken<'a>>, next: Spoken<'a>) {
    match spoken.last_mut().filter(|last| last.role == next.role) {
        Some(last) => {
            let joined = last.content.to_mut();
            joined.push_str("\n\n");
            joined.push_str(&next.content);
        }
        None => spoken.push(next),
    }
}

#[cfg(test)]
mod tests {
    use souvenir_memory::TokenCount;

    use super::*;

    fn request(messages: &[(Role, &str)]) -> ChatRequest {
        let message = |(role, content): &(Role, &str)| ContextMessage {
            role: *role,
            content: (*content).to_owned(),
            tokens: TokenCount::ZERO,
        };
        ChatRequest {
            model: "small".to_owned(),
            messages: messages.iter().map(message).collect(),
            max_output_tokens: TokenCount(500),
            reasoning_effort: Some("none".to_owned()),
            schema: None,
        }
    }

    fn written(request: &ChatRequest, quirks: &[Quirk]) -> Value {
        serde_json::to_value(write(request, &quirks.iter().copied().collect())).unwrap()
    }

    #[test]
    fn a_request_is_written_as_the_newest_models_take_it() {
        let body = written(&request(&[(Role::System, "Be kind."), (Role::User, "Hi")]), &[]);
        assert_eq!(
            body,
            json!({
                "model": "small",
                "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
                "stream": true,
                "stream_options": {"include_usage": true},
                "max_completion_tokens": 500,
                "reasoning_effort": "none",
            })
        );
    }

    #[test]
    fn what_is_known_to_be_refused_is_left_out() {
        let quirks = [Quirk::MaxTokens, Quirk::NoReasoningEffort, Quirk::NoStreamOptions];
        let body = written(&request(&[(Role::User, "Hi")]), &quirks);
        assert_eq!(
            body,
            json!({
                "model": "small",
                "messages": [{"role": "user", "content": "Hi"}],
                "stream": true,
                "max_tokens": 500,
            })
        );
    }

    #[test]
    fn a_late_system_message_goes_into_the_users_own() {
        let request = request(&[
            (Role::System, "Be kind."),
            (Role::System, "Facts: tea."),
            (Role::User, "One"),
            (Role::User, "Two"),
            (Role::Assistant, "Yes"),
            (Role::System, "It is now noon."),
            (Role::User, "Three"),
        ]);
        let body = written(&request, &[Quirk::SystemFirstOnly]);
        assert_eq!(
            body["messages"],
            json!([
                {"role": "system", "content": "Be kind.\n\nFacts: tea."},
                {"role": "user", "content": "One\n\nTwo"},
                {"role": "assistant", "content": "Yes"},
                {"role": "user", "content": "<notes>\nIt is now noon.\n</notes>\n\nThree"},
            ])
        );
        assert!(sent(&request, &BTreeSet::new()).unusual_order);
        assert!(!sent(&request, &BTreeSet::from([Quirk::SystemFirstOnly])).unusual_order);
    }

    #[test]
    fn a_form_of_the_answer_is_asked_for_and_goes_into_the_prompt_where_it_is_refused() {
        let form = AnswerSchema { name: "note", schema: r#"{"type":"object"}"# };
        let request = ChatRequest { schema: Some(form), ..request(&[(Role::System, "Be kind."), (Role::User, "Hi")]) };
        let body = written(&request, &[]);
        assert_eq!(body["response_format"]["json_schema"]["schema"], json!({"type": "object"}));
        assert_eq!(body["response_format"]["json_schema"]["strict"], true);
        let body = written(&request, &[Quirk::NoJsonSchema]);
        assert!(body.get("response_format").is_none());
        assert!(body["messages"][0]["content"].as_str().unwrap().ends_with(r#"{"type":"object"}"#));
    }
}
