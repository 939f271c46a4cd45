//! One operation out of a model's answer, field by field: what can be read of it, and what cannot be, in words.
//!
//! A slip in one operation costs that operation and no other: it is kept with what is wrong with it, so that it is refused
//! with its reason like anything else. An answer of which no operation can be read is no answer: the model is asked to
//! repair it. What is wrong never repeats a value, which may be anybody's words.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Operation, answer::Malformed};
use crate::analysis::LineOperation;

/// The fields of one operation, and the first that is not as asked for.
struct Fields<'a> {
    of: &'a Value,
    unreadable: Option<String>,
}

impl<'a> Fields<'a> {
    fn of(of: &'a Value) -> Self {
        Self { of, unreadable: (!of.is_object()).then(|| "it is no object".to_owned()) }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.of.get(name).filter(|value| !value.is_null())
    }

    fn is_not(&mut self, why: String) {
        self.unreadable.get_or_insert(why);
    }

    /// One of several names; `otherwise` where it is none of them.
    fn one_of<T: DeserializeOwned>(&mut self, name: &str, names: &str, otherwise: T) -> T {
        let value = self.get(name).and_then(|value| T::deserialize(value).ok());
        value.unwrap_or_else(|| {
            self.is_not(format!("{name} is none of {names}"));
            otherwise
        })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        if !value.is_string() {
            self.is_not(format!("{name} is no text"));
        }
        value.as_str().map(str::to_owned)
    }

    fn number(&mut self, name: &str) -> Option<i64> {
        let value = self.get(name)?;
        if value.as_i64().is_none() {
            self.is_not(format!("{name} is no whole number"));
        }
        value.as_i64()
    }

    /// The items of a list that can be read.
    fn list<T: DeserializeOwned>(&mut self, name: &str, item: &str) -> Option<Vec<T>> {
        let value = self.get(name)?;
        let Some(items) = value.as_array() else {
            self.is_not(format!("{name} is no list"));
            return None;
        };
        let mut read = Vec::with_capacity(items.len());
        for (place, value) in items.iter().enumerate() {
            match T::deserialize(value) {
                Ok(value) => read.push(value),
                Err(_) => self.is_not(format!("{name}[{place}] is {item}")),
            }
        }
        Some(read)
    }
}

/// An operation of a batch or of a window.
pub(crate) fn operation(value: &Value) -> Operation {
    let mut fields = Fields::of(value);
    let evidence = fields.list("evidence", "no message_id, a whole number, with a quote, a text");
    if evidence.is_none() {
        fields.is_not("evidence is missing".to_owned());
    }
    Operation {
        op: fields.one_of("op", "add, update and retract", super::Op::Add),
        fact_id: fields.number("fact_id"),
        kind: fields.text("kind"),
        subject: fields.text("subject"),
        statement: fields.text("statement"),
        valid_at: fields.text("valid_at"),
        due_at: fields.text("due_at"),
        goal_state: fields.text("goal_state"),
        evidence: evidence.unwrap_or_default(),
        unreadable: fields.unreadable,
    }
}

/// An operation of a diff.
pub(crate) fn line_operation(value: &Value) -> LineOperation {
    let mut fields = Fields::of(value);
    LineOperation {
        op: fields.one_of("op", "add, update, rephrase, merge and retract", crate::analysis::LineOp::Add),
        fact_ids: fields.list("fact_ids", "no whole number").unwrap_or_default(),
        kind: fields.text("kind"),
        subject: fields.text("subject"),
        statement: fields.text("statement"),
        valid_at: fields.text("valid_at"),
        due_at: fields.text("due_at"),
        goal_state: fields.text("goal_state"),
        findings: fields.list("findings", "no whole number").unwrap_or_default(),
        unreadable: fields.unreadable,
    }
}

/// The operations, those that cannot be read among them.
///
/// # Errors
/// [`Malformed::Unreadable`] when there are some and none of them can be read.
pub(crate) fn some_readable<T>(operations: Vec<T>, why: impl Fn(&T) -> Option<&String>) -> Result<Vec<T>, Malformed> {
    match operations.first().and_then(&why) {
        Some(first) if operations.iter().all(|operation| why(operation).is_some()) => {
            Err(Malformed::Unreadable(first.clone()))
        }
        _ => Ok(operations),
    }
}
