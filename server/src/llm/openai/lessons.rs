//! Learning from refusals what an endpoint does not take for a model.
//!
//! A lesson is drawn only from a refusal that names something we sent, and only once. When the opposite is said of
//! what we send instead, the lesson was wrong and is dropped.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use super::{
    body::Sent,
    refusal::{Refusal, Verdict},
};
use crate::llm::{Learnt, Quirk};

/// What is known of one endpoint.
#[derive(Debug)]
pub(super) struct Lessons {
    endpoint: String,
    /// By model.
    quirks: Mutex<BTreeMap<String, BTreeSet<Quirk>>>,
}

/// What a refusal teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lesson {
    Takes(Quirk),
    DoesNotHave(Quirk),
}

impl Lessons {
    /// Begins with what was learnt before of this endpoint; other endpoints' lessons are passed over.
    pub(super) fn new(endpoint: String, learnt: Vec<Learnt>) -> Self {
        let mut quirks: BTreeMap<String, BTreeSet<Quirk>> = BTreeMap::new();
        for lesson in learnt.into_iter().filter(|lesson| lesson.endpoint == endpoint) {
            quirks.entry(lesson.model).or_default().insert(lesson.quirk);
        }
        Self { endpoint, quirks: Mutex::new(quirks) }
    }

    /// The quirks known for a model.
    pub(super) fn of(&self, model: &str) -> BTreeSet<Quirk> {
        self.with(|quirks| quirks.get(model).cloned().unwrap_or_default())
    }

    /// Everything known, in a stable order.
    pub(super) fn all(&self) -> Vec<Learnt> {
        let lesson =
            |model: &str, quirk: Quirk| Learnt { endpoint: self.endpoint.clone(), model: model.to_owned(), quirk };
        self.with(|quirks| {
            quirks.iter().flat_map(|(model, quirks)| quirks.iter().map(|quirk| lesson(model, *quirk))).collect()
        })
    }

    /// Whether the refusal of what was `sent` taught something new.
    pub(super) fn learn(&self, model: &str, refusal: &Refusal, sent: Sent) -> bool {
        let Some(lesson) = lesson(refusal, sent) else { return false };
        // Two answers at a time may learn the same; both may ask again, and one says so.
        let new = self.with(|quirks| {
            let quirks = quirks.entry(model.to_owned()).or_default();
            match lesson {
                Lesson::Takes(quirk) => quirks.insert(quirk),
                Lesson::DoesNotHave(quirk) => quirks.remove(&quirk),
            }
        });
        if new {
            let (Lesson::Takes(quirk) | Lesson::DoesNotHave(quirk)) = lesson;
            let applies = matches!(lesson, Lesson::Takes(_));
            tracing::info!(model, quirk = quirk.as_str(), applies, "learnt what the model endpoint does not take");
        }
        true
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, BTreeSet<Quirk>>) -> T) -> T {
        act(&mut self.quirks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What `refusal` of what was `sent` teaches, if anything.
fn lesson(refusal: &Refusal, sent: Sent) -> Option<Lesson> {
    // A router says that it finds nobody who takes tools.
    let no_taker = refusal.status == 404
        && (sent.tools && refusal.says("tool use") || sent.pictures && refusal.says("image input"));
    if !(no_taker || matches!(refusal.status, 400 | 422 | 500 | 501)) || refusal.verdict() == Verdict::Overflow {
        return None;
    }
    if sent.max_tokens && is_refused(refusal, "max_tokens") && refusal.says("max_completion_tokens") {
        return Some(Lesson::DoesNotHave(Quirk::MaxTokens));
    }
    let quirk = if sent.pictures && refuses_pictures(refusal) {
        Quirk::NoPictures
    } else if !sent.max_tokens && is_refused(refusal, "max_completion_tokens") {
        Quirk::MaxTokens
    } else if sent.reasoning_effort && refuses_reasoning(refusal) {
        Quirk::NoReasoningEffort
    } else if sent.stream_options && (refusal.names("stream_options") || refusal.says("include_usage")) {
        Quirk::NoStreamOptions
    } else if sent.json_schema && refuses_the_form(refusal) {
        Quirk::NoJsonSchema
    } else if sent.input_type && refuses_the_purpose(refusal) {
        Quirk::NoInputType
    } else if sent.tools && refuses_tools(refusal) {
        Quirk::NoTools
    } else if sent.unusual_order && refuses_the_order(refusal) {
        Quirk::SystemFirstOnly
    } else {
        return None;
    };
    Some(Lesson::Takes(quirk))
}

/// Whether a limit is refused as such, not for its size.
fn is_refused(refusal: &Refusal, limit: &str) -> bool {
    let size =
        ["too large", "at most", "less than", "greater than", "maximum value", "exceed", "too small", "at least"];
    refusal.names(limit) && (refusal.has_label("unsupported_parameter") || !refusal.says_any(&size))
}

/// The parameter, its value, or thinking altogether.
fn refuses_reasoning(refusal: &Refusal) -> bool {
    refusal.names("reasoning_effort")
        || refusal.has_label("reasoning")
        || refusal.says_any(&["reasoning effort", "reasoning value", "does not support thinking"])
}

/// The form of the answer, in any of the words that servers have for it.
fn refuses_the_form(refusal: &Refusal) -> bool {
    refusal.names("response_format")
        || refusal.says_any(&["json_schema", "response_format", "structured output", "grammar"])
}

/// The purpose of a text to embed: the one field of such a request that is not everybody's, so that a server which names none
/// means this one.
fn refuses_the_purpose(refusal: &Refusal) -> bool {
    let unknown =
        ["unknown field", "unknown parameter", "unrecognized", "extra inputs", "extra fields", "additional propert"];
    refusal.names("input_type") || refusal.says_any(&unknown)
}

/// Tools, or calling functions, in any of the words that servers have for it.
fn refuses_tools(refusal: &Refusal) -> bool {
    refusal.names("tools")
        || refusal.names("tool_choice")
        || refusal.says_any(&[
            "support tool",
            "tool choice",
            "tool call",
            "tool use",
            "function call",
            "functions are not",
        ])
}

/// Pictures altogether, in any of the words that servers have for it; not one that it cannot read.
fn refuses_pictures(refusal: &Refusal) -> bool {
    refusal.says_any(&[
        "image_url is only supported",
        "unknown variant `image_url`",
        "image input",
        "support image",
        "images are not supported",
        "at most 0 image",
        "not a multimodal",
        "support vision",
        "support multimodal",
        "mmproj",
    ]) || refusal.labels.iter().any(|label| label == "str") && refusal.says("valid string")
}

/// Chat templates say it in many ways; all speak of a role and its place.
fn refuses_the_order(refusal: &Refusal) -> bool {
    let about_roles = refusal.says_any(&["system", "role"]);
    let about_place =
        ["beginning", "first", "start", "alternate", "unexpected role", "must be followed", "position", "multiple"];
    about_roles && refusal.says_any(&about_place)
}

#[cfg(test)]
mod tests {
    use async_openai_http::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    const EVERYTHING: Sent = Sent {
        max_tokens: false,
        reasoning_effort: true,
        stream_options: true,
        unusual_order: true,
        json_schema: true,
        input_type: false,
        tools: true,
        pictures: true,
    };

    fn learns(status: u16, body: &Value) -> Option<Lesson> {
        lesson(&Refusal::read(status, &HeaderMap::new(), body.to_string().as_bytes(), None), EVERYTHING)
    }

    fn openai(message: &str, param: &str, code: &str) -> Value {
        json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}})
    }

    #[test]
    fn refusals_in_the_words_of_many_servers_teach_the_same() {
        let forbidden = |name: &str| json!({"detail": [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]});
        let llama =
            |code: u16, message: &str| json!({"error": {"code": code, "message": message, "type": "server_error"}});
        let unsupported = "Unsupported parameter: 'max_completion_tokens' is not supported with this model. Use \
                           'max_tokens' instead.";
        for (status, body, quirk) in [
            (400, openai(unsupported, "max_completion_tokens", "unsupported_parameter"), Quirk::MaxTokens),
            (422, forbidden("max_completion_tokens"), Quirk::MaxTokens),
            (400, llama(400, "Unsupported param: max_completion_tokens"), Quirk::MaxTokens),
            (
                400,
                openai("Unsupported value: 'none'. Use 'low'.", "reasoning_effort", "unsupported_value"),
                Quirk::NoReasoningEffort,
            ),
            (422, forbidden("reasoning_effort"), Quirk::NoReasoningEffort),
            (400, json!({"error": {"message": "\"small\" does not support thinking"}}), Quirk::NoReasoningEffort),
            (400, json!({"error": "unknown field: stream_options"}), Quirk::NoStreamOptions),
            (
                400,
                openai(
                    "Invalid parameter: 'response_format' of type 'json_schema' is not supported.",
                    "response_format",
                    "",
                ),
                Quirk::NoJsonSchema,
            ),
            (422, forbidden("response_format"), Quirk::NoJsonSchema),
            (400, json!({"error": {"message": "library/small does not support tools"}}), Quirk::NoTools),
            (400, json!({"error": "\"auto\" tool choice requires --enable-auto-tool-choice"}), Quirk::NoTools),
            (500, llama(500, "tools param requires --jinja flag"), Quirk::NoTools),
            (404, openai("No endpoints found that support tool use.", "", ""), Quirk::NoTools),
            (422, forbidden("tools"), Quirk::NoTools),
            (
                400,
                openai("Invalid content type. image_url is only supported by certain models.", "messages.[1]", ""),
                Quirk::NoPictures,
            ),
            (
                500,
                llama(500, "image input is not supported - hint: you may need to provide the mmproj"),
                Quirk::NoPictures,
            ),
            (400, openai("small is not a multimodal model", "", ""), Quirk::NoPictures),
            (404, openai("No endpoints found that support image input", "", ""), Quirk::NoPictures),
            (
                422,
                json!({"detail": [{"type": "string_type", "loc": ["body", "messages", 1, "content", "str"],
                    "msg": "Input should be a valid string"}]}),
                Quirk::NoPictures,
            ),
            (400, openai("Unrecognized request argument: stream_options", "", ""), Quirk::NoStreamOptions),
            (
                400,
                openai("System message must be at the beginning.", "messages", "invalid_value"),
                Quirk::SystemFirstOnly,
            ),
            (500, llama(500, "Jinja Exception: System message must be at the beginning."), Quirk::SystemFirstOnly),
            (
                400,
                json!({"object": "error", "code": 400, "message": "Conversation roles must alternate user/assistant"}),
                Quirk::SystemFirstOnly,
            ),
        ] {
            assert_eq!(learns(status, &body), Some(Lesson::Takes(quirk)), "{body}");
        }
    }

    #[test]
    fn other_refusals_teach_nothing() {
        for (status, body) in [
            (
                400,
                openai(
                    "max_completion_tokens is too large: 500. It must be at most 256.",
                    "max_completion_tokens",
                    "invalid_value",
                ),
            ),
            (
                400,
                openai(
                    "This model's maximum context length is 10 tokens; lower max_completion_tokens.",
                    "messages",
                    "x",
                ),
            ),
            (400, openai("Your message is not nice.", "messages", "content_policy")),
            (401, openai("Incorrect API key for stream_options.", "", "invalid_api_key")),
            (503, openai("max_completion_tokens cannot be read now", "", "")),
            (400, openai("You uploaded an unsupported image. Use png, jpeg, gif or webp.", "", "invalid_image_format")),
        ] {
            assert_eq!(learns(status, &body), None, "{body}");
        }
    }

    #[test]
    fn a_lesson_that_proves_wrong_is_dropped() {
        let lessons = Lessons::new("http://here/v1".to_owned(), Vec::new());
        let refusal = |message: &str| {
            let body = openai(message, "", "unsupported_parameter").to_string();
            Refusal::read(400, &HeaderMap::new(), body.as_bytes(), None)
        };
        assert!(lessons.learn("m", &refusal("no 'max_completion_tokens', use 'max_tokens'"), EVERYTHING));
        assert_eq!(lessons.of("m"), BTreeSet::from([Quirk::MaxTokens]));
        let now = Sent { max_tokens: true, ..EVERYTHING };
        assert!(lessons.learn("m", &refusal("no 'max_tokens', use 'max_completion_tokens'"), now));
        assert_eq!(lessons.all(), []);
    }

    #[test]
    fn lessons_of_other_endpoints_and_models_are_kept_apart() {
        let learnt = |endpoint: &str, model: &str| Learnt {
            endpoint: endpoint.to_owned(),
            model: model.to_owned(),
            quirk: Quirk::NoStreamOptions,
        };
        let here = learnt("http://here/v1", "small");
        let lessons = Lessons::new("http://here/v1".to_owned(), vec![here.clone(), learnt("http://there/v1", "small")]);
        assert_eq!(lessons.all(), [here]);
        assert_eq!(lessons.of("large"), BTreeSet::new());
    }
}
