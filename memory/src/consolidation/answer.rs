//! Reading a model's answer: strictly, so that half an answer is never taken for a whole one.
//!
//! What is wrong is said so precisely that the model can be asked to repair it. Only two habits are forgiven: thinking
//! aloud before the answer, and a code fence around it. Values that are merely wrong (a kind that does not exist), and
//! single operations that cannot be read (`form`), are no error here: [`super::decide()`] refuses those and keeps the others.

use serde::Deserialize;
use serde_json::Value;

use super::{Op, Operation, form};

/// What a model makes of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The episode's summary.
    pub summary: String,
    /// What it would do to the facts; those that cannot be read are marked.
    pub operations: Vec<Operation>,
}

/// The most operations one answer may have: a batch is a conversation, not a database.
pub const MAX_OPERATIONS: usize = 100;
/// The longest summary, in characters.
pub const MAX_SUMMARY_CHARS: usize = 8_000;

/// Why an answer cannot be used. The text tells the model what to repair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Nothing there.
    #[error("the answer is empty: give one JSON object")]
    Empty,
    /// It broke off.
    #[error("the JSON ends before it is complete (line {line}, column {column}): give the whole object")]
    Truncated {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// No JSON, or not of this form.
    #[error("{0}")]
    Json(String),
    /// A summary without words.
    #[error("summary is empty: say in one to five sentences what was said")]
    NoSummary,
    /// Too long.
    #[error("summary has {0} characters: at most {MAX_SUMMARY_CHARS}")]
    LongSummary(usize),
    /// Too many.
    #[error("there are {0} operations: at most {MAX_OPERATIONS}")]
    TooMany(usize),
    /// None of its operations can be read.
    #[error("no operation can be read; of the first, {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
struct Wire {
    summary: String,
    operations: Vec<Value>,
}

#[derive(Deserialize)]
struct SummaryWire {
    summary: String,
}

/// Reads an answer.
///
/// # Errors
/// [`Malformed`] when it is not exactly one object of the form asked for.
pub fn parse(text: &str) -> Result<Answer, Malformed> {
    let wire: Wire = read(text)?;
    let summary = usable(&wire.summary)?;
    let operations = few(wire.operations)?.iter().map(|value| complete(form::operation(value))).collect();
    let operations = form::some_readable(operations, |operation: &Operation| operation.unreadable.as_ref())?;
    Ok(Answer { summary, operations })
}

/// Reads an answer that is a summary alone.
///
/// # Errors
/// [`Malformed`] when it is not exactly one object with a summary.
pub fn parse_summary(text: &str) -> Result<String, Malformed> {
    let wire: SummaryWire = read(text)?;
    usable(&wire.summary)
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let json = bare(text);
    if json.is_empty() {
        return Err(Malformed::Empty);
    }
    serde_json::from_str(json).map_err(|error| {
        if error.is_eof() {
            Malformed::Truncated { line: error.line(), column: error.column() }
        } else {
            Malformed::Json(error.to_string())
        }
    })
}

fn usable(summary: &str) -> Result<String, Malformed> {
    match summary.trim().chars().count() {
        0 => Err(Malformed::NoSummary),
        chars if chars > MAX_SUMMARY_CHARS => Err(Malformed::LongSummary(chars)),
        _ => Ok(summary.trim().to_owned()),
    }
}

pub(crate) fn few<T>(operations: Vec<T>) -> Result<Vec<T>, Malformed> {
    if operations.len() > MAX_OPERATIONS { Err(Malformed::TooMany(operations.len())) } else { Ok(operations) }
}

/// Marks an operation that lacks what it needs.
fn complete(mut operation: Operation) -> Operation {
    let missing = match operation.op {
        Op::Add | Op::Update if operation.statement.is_none() => "statement",
        Op::Update | Op::Retract if operation.fact_id.is_none() => "fact_id",
        _ => return operation,
    };
    let op = operation.op.as_str();
    operation.unreadable.get_or_insert_with(|| format!("{missing} is missing: {op} needs it"));
    operation
}

/// The answer without thoughts before it and without a fence around it.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text = match (text.starts_with("<think>"), text.find("</think>")) {
        (true, Some(end)) => text[end + "</think>".len()..].trim(),
        _ => text,
    };
    let Some(fenced) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else { return text };
    fenced.strip_prefix("json").unwrap_or(fenced).trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"summary": "Ann moved to Lyon.", "operations": [{"op": "add", "fact_id": null, "kind": "identity",
        "subject": "Ann", "statement": "lives in Lyon", "valid_at": null, "evidence": [{"message_id": 3, "quote": "I live in Lyon"}]}]}"#;

    #[test]
    fn a_good_answer_is_read_bare_fenced_or_after_thinking() {
        for text in [GOOD.to_owned(), format!("```json\n{GOOD}\n```"), format!("<think>hm {{</think>\n{GOOD}")] {
            let answer = parse(&text).unwrap();
            assert_eq!(answer.summary, "Ann moved to Lyon.");
            assert_eq!(answer.operations[0].evidence[0].message_id, 3);
        }
    }

    #[test]
    fn what_is_wrong_is_said_so_that_it_can_be_repaired() {
        for (text, says) in [
            ("", "empty"),
            ("Sure! Here it is.", "expected value"),
            (&GOOD[..GOOD.len() - 1], "before it is complete"),
            (r#"{"operations": []}"#, "missing field `summary`"),
            (r#"{"summary": "x"}"#, "missing field `operations`"),
            (r#"{"summary": " ", "operations": []}"#, "summary is empty"),
            (
                r#"{"summary": "x", "operations": [{"op": "delete", "evidence": []}]}"#,
                "op is none of add, update and retract",
            ),
            (r#"{"summary": "x", "operations": [{"op": "add", "statement": "y"}]}"#, "evidence is missing"),
            (r#"{"summary": "x", "operations": [{"op": "add", "evidence": []}]}"#, "statement is missing: add"),
            (r#"{"summary": "x", "operations": [{"op": "retract", "evidence": []}]}"#, "fact_id is missing: retract"),
            (r#"{"summary": "x", "operations": []} {"summary": "y", "operations": []}"#, "trailing characters"),
            (
                r#"{"summary": "x", "operations": [{"op": "add", "statement": "y", "evidence": [{"message_id": "3", "quote": "z"}]}]}"#,
                "evidence[0] is no message_id",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn an_operation_that_cannot_be_read_costs_no_other() {
        let answer = parse(
            r#"{"summary": "x", "operations": [{"op": "add", "statement": 7, "evidence": []},
                {"op": "add", "statement": "has a cat", "evidence": [{"message_id": 1, "quote": "a cat"}]},
                {"op": "update", "statement": "y", "evidence": [{"message_id": "1", "quote": "y"}, {"message_id": 2, "quote": "z"}]}]}"#,
        )
        .unwrap();
        let why: Vec<Option<&str>> =
            answer.operations.iter().map(|operation| operation.unreadable.as_deref()).collect();
        let of_evidence = "evidence[0] is no message_id, a whole number, with a quote, a text";
        assert_eq!(why, [Some("statement is no text"), None, Some(of_evidence)]);
        assert_eq!(answer.operations[2].evidence.len(), 1, "what can be read is kept, so that it can be forgotten");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn an_answer_cut_anywhere_is_no_answer(cut in 0usize..GOOD.len()) {
            prop_assert!(parse(&GOOD[..cut]).is_err());
        }

        #[test]
        fn a_spoilt_answer_never_panics(at in 0usize..GOOD.len(), with in "[\"{}\\[\\],:a0\\\\]") {
            let _ = parse(&format!("{}{with}{}", &GOOD[..at], &GOOD[at + 1..]));
        }
    }
}
