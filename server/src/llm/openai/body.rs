//! The request as an endpoint takes it: what is known to be refused is left out or said otherwise.

use std::{borrow::Cow, collections::BTreeSet};

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::{Value, json};
use souvenir_memory::{Role, context::ContextMessage, prompt::consolidation::schema_text};

use crate::{
    hash,
    llm::{AnswerSchema, ChatRequest, Quirk, Round, Tool, ToolAccess, ToolCall},
};

/// What stands around a system message inside the user's message.
const NOTES_OPEN: &str = "<notes>\n";
const NOTES_CLOSE: &str = "\n</notes>\n\n";
/// Stands with a message whose picture an endpoint does not take. Never more tokens than any picture.
const NOT_SHOWN: &str = "\n[you cannot see this picture]";

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
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Spoken<'a> {
    role: Role,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

impl<'a> Spoken<'a> {
    fn new(role: Role, content: impl Into<Cow<'a, str>>) -> Self {
        let content = Content { text: content.into(), pictures: Vec::new() };
        Self { role, content, tool_calls: None, tool_call_id: None }
    }
}

/// What a message says and shows: a text where there are no pictures, as every server takes it; null where only calls are made.
#[derive(Clone, Debug)]
struct Content<'a> {
    text: Cow<'a, str>,
    pictures: Vec<&'a str>,
}

impl Content<'_> {
    fn to_mut(&mut self) -> &mut String {
        self.text.to_mut()
    }
}

impl Serialize for Content<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.pictures.is_empty() {
            return if self.text.is_empty() {
                serializer.serialize_none()
            } else {
                serializer.serialize_str(&self.text)
            };
        }
        let mut parts = serializer.serialize_seq(None)?;
        if !self.text.is_empty() {
            parts.serialize_element(&json!({"type": "text", "text": self.text}))?;
        }
        for url in &self.pictures {
            parts.serialize_element(&json!({"type": "image_url", "image_url": {"url": url}}))?;
        }
        parts.end()
    }
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
    pub(super) tools: bool,
    pub(super) pictures: bool,
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
        tools: request.toolbox.as_ref().is_some_and(|toolbox| toolbox.access != ToolAccess::Gone)
            && !quirks.contains(&Quirk::NoTools),
        pictures: !request.pictures.is_empty() && !quirks.contains(&Quirk::NoPictures),
    }
}

/// The body of `request` for an endpoint with these quirks.
pub(super) fn write<'a>(request: &'a ChatRequest, quirks: &BTreeSet<Quirk>) -> Body<'a> {
    let sent = sent(request, quirks);
    let limit = request.max_output_tokens.0;
    let rounds = request.toolbox.iter().flat_map(|toolbox| &toolbox.rounds);
    let mut messages = conversation(request, quirks, sent.tools);
    if let Some(form) = request.schema.filter(|_| !sent.json_schema)
        && let Some(first) = messages.first_mut()
    {
        let first = first.content.to_mut();
        first.push_str("\n\n");
        first.push_str(&schema_text(form.schema));
    }
    if sent.tools {
        messages.extend(rounds.flat_map(called));
    }
    let toolbox = request.toolbox.as_ref().filter(|_| sent.tools);
    Body {
        model: &request.model,
        messages,
        stream: true,
        stream_options: sent.stream_options.then_some(StreamOptions { include_usage: true }),
        max_completion_tokens: (!sent.max_tokens).then_some(limit),
        max_tokens: sent.max_tokens.then_some(limit),
        reasoning_effort: request.reasoning_effort.as_deref().filter(|_| sent.reasoning_effort),
        response_format: request.schema.filter(|_| sent.json_schema).map(response_format),
        tools: toolbox.map(|toolbox| json!([described(toolbox.tool)])),
        tool_choice: toolbox.filter(|toolbox| toolbox.access == ToolAccess::Closed).map(|_| "none"),
    }
}

/// The messages of the context. Where there are no tools, what they found is a note before the last of them.
fn conversation<'a>(request: &'a ChatRequest, quirks: &BTreeSet<Quirk>, tools: bool) -> Vec<Spoken<'a>> {
    let system_first_only = quirks.contains(&Quirk::SystemFirstOnly);
    let shown = spoken(request, quirks);
    let mut messages = if system_first_only { system_first(shown) } else { shown };
    let rounds = request.toolbox.iter().filter(|_| !tools).flat_map(|toolbox| &toolbox.rounds);
    let found: Vec<&str> = rounds.flat_map(|round| &round.calls).map(|(_, result)| result.as_str()).collect();
    let found = found.join("\n");
    match messages.last_mut() {
        _ if found.is_empty() => {}
        Some(last) if system_first_only => {
            let note = [NOTES_OPEN, found.trim_end(), NOTES_CLOSE].concat();
            last.content.to_mut().insert_str(0, &note);
        }
        _ => messages.insert(messages.len().saturating_sub(1), Spoken::new(Role::System, found)),
    }
    messages
}

fn described(tool: Tool) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name,
        "description": tool.description,
        "parameters": {
            "type": "object",
            "properties": {tool.argument: {"type": "string", "description": tool.argument_description}},
            "required": [tool.argument],
            "additionalProperties": false,
        },
    }})
}

/// A round as messages: the calls, then the result of each.
fn called(round: &Round) -> impl Iterator<Item = Spoken<'_>> {
    let calls: Vec<Value> = round.calls.iter().map(|(call, _)| as_sent(call)).collect();
    let asked = Spoken { tool_calls: Some(Value::Array(calls)), ..Spoken::new(Role::Assistant, round.text.as_str()) };
    let results = round.calls.iter().map(|(call, result)| Spoken {
        tool_call_id: Some(call.id.as_str()),
        ..Spoken::new(Role::Tool, result.as_str())
    });
    std::iter::once(asked).chain(results)
}

fn as_sent(call: &ToolCall) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
}

fn response_format(form: AnswerSchema) -> Value {
    let schema: Value = serde_json::from_str(form.schema).unwrap_or_default();
    json!({"type": "json_schema", "json_schema": {"name": form.name, "strict": true, "schema": schema}})
}

/// The messages with their pictures, or with a word for a model that takes none.
fn spoken<'a>(request: &'a ChatRequest, quirks: &BTreeSet<Quirk>) -> Vec<Spoken<'a>> {
    let mut spoken: Vec<Spoken<'a>> = request.messages.iter().map(as_it_is).collect();
    for (place, picture) in &request.pictures {
        let Some(message) = spoken.get_mut(*place) else { continue };
        if quirks.contains(&Quirk::NoPictures) {
            message.content.to_mut().push_str(NOT_SHOWN);
        } else {
            message.content.pictures.push(picture.url());
        }
    }
    spoken
}

fn as_it_is(message: &ContextMessage) -> Spoken<'_> {
    Spoken::new(message.role, message.content.as_str())
}

/// One system message at the start, later ones inside the user's message that follows, and no role twice in a row:
/// the order that the strictest chat templates ask for.
fn system_first(messages: Vec<Spoken<'_>>) -> Vec<Spoken<'_>> {
    let mut spoken: Vec<Spoken<'_>> = Vec::with_capacity(messages.len());
    let mut notes = String::new();
    for message in messages {
        let said_before = spoken.iter().any(|before| before.role != Role::System);
        if message.role == Role::System && said_before {
            notes.push_str(NOTES_OPEN);
            notes.push_str(message.content.text.trim_end());
            notes.push_str(NOTES_CLOSE);
            continue;
        }
        let mut next = message;
        if next.role == Role::User && !notes.is_empty() {
            next.content.to_mut().insert_str(0, &std::mem::take(&mut notes));
        }
        join_or_push(&mut spoken, next);
    }
    if !notes.is_empty() {
        join_or_push(&mut spoken, Spoken::new(Role::User, notes));
    }
    spoken
}

fn join_or_push<'a>(spoken: &mut Vec<Spoken<'a>>, next: Spoken<'a>) {
    match spoken.last_mut().filter(|last| last.role == next.role) {
        Some(last) => {
            let joined = last.content.to_mut();
            joined.push_str("\n\n");
            joined.push_str(&next.content.text);
            last.content.pictures.extend(next.content.pictures);
        }
        None => spoken.push(next),
    }
}

#[cfg(test)]
mod tests {
    use souvenir_memory::TokenCount;

    use super::*;
    use crate::llm::Toolbox;

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
            toolbox: None,
            pictures: Vec::new(),
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

    fn searching(access: ToolAccess) -> ChatRequest {
        let tool =
            Tool { name: "search", description: "Finds things.", argument: "query", argument_description: "What." };
        let call =
            ToolCall { id: "c1".to_owned(), name: "search".to_owned(), arguments: r#"{"query":"tea"}"#.to_owned() };
        let rounds = vec![Round { text: String::new(), calls: vec![(call, "- Ann: tea\n".to_owned())] }];
        let toolbox = Some(Toolbox { tool, rounds, access });
        ChatRequest { toolbox, ..request(&[(Role::System, "Be kind."), (Role::User, "Tea?")]) }
    }

    #[test]
    fn a_tool_is_described_and_its_calls_stand_behind_the_question_with_their_results() {
        let body = written(&searching(ToolAccess::Open), &[]);
        let function = &body["tools"][0]["function"];
        assert_eq!((&function["name"], &function["parameters"]["required"]), (&json!("search"), &json!(["query"])));
        assert_eq!(
            body["messages"].as_array().unwrap()[1..],
            [
                json!({"role": "user", "content": "Tea?"}),
                json!({"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{\"query\":\"tea\"}"}}]}),
                json!({"role": "tool", "content": "- Ann: tea\n", "tool_call_id": "c1"}),
            ]
        );
        assert!(body.get("tool_choice").is_none());
        assert_eq!(written(&searching(ToolAccess::Closed), &[])["tool_choice"], "none");
    }

    #[test]
    fn where_there_are_no_tools_what_was_found_is_a_note() {
        for (access, quirks) in [(ToolAccess::Gone, &[][..]), (ToolAccess::Open, &[Quirk::NoTools][..])] {
            let body = written(&searching(access), quirks);
            assert!(body.get("tools").is_none() && body.get("tool_choice").is_none(), "{body}");
            assert_eq!(body["messages"][1], json!({"role": "system", "content": "- Ann: tea\n"}));
            assert_eq!(body["messages"][2]["content"], "Tea?");
        }
        let strict = written(&searching(ToolAccess::Gone), &[Quirk::SystemFirstOnly]);
        assert_eq!(strict["messages"][1]["content"], "<notes>\n- Ann: tea\n</notes>\n\nTea?");
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
