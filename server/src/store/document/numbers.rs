//! Numbers of the document for those of the database, and back, also within JSON.
//!
//! What is named and is not there any more has no number, and is 0 within JSON. Ends of a run need not be there: they are said as
//! the first message that is not before them, or the last that is not after them.

use serde_json::Value;

use super::Thing;

/// One way or the other.
pub(super) trait Numbers {
    /// The number of what has this one; none when it is not there.
    fn of(&self, thing: Thing, number: i64) -> Option<i64>;
    /// The number of a revision of the message that has this number on the side that is read.
    fn revision(&self, message: i64, revision: i64) -> Option<i64>;
    /// Where a run of messages begins.
    fn since(&self, number: i64) -> i64;
    /// Where a run of messages ends.
    fn upto(&self, number: i64) -> i64;
}

/// Gives what JSON names other numbers.
pub(super) fn renumber(body: &mut Value, numbers: &dyn Numbers) {
    match body {
        Value::Array(all) => all.iter_mut().for_each(|one| renumber(one, numbers)),
        Value::Object(fields) => {
            let number = |name: &str| fields.get(name).and_then(Value::as_i64);
            let message = number("message").or_else(|| number("message_id"));
            for (name, value) in fields {
                let new = |value: &Value| {
                    let number = value.as_i64()?;
                    match name.as_str() {
                        "message" | "message_id" => Some(numbers.of(Thing::Message, number)),
                        "revision" | "revision_id" => Some(numbers.revision(message?, number)),
                        "fact" | "fact_id" => Some(numbers.of(Thing::Fact, number)),
                        "episode_id" => Some(numbers.of(Thing::Episode, number)),
                        "digest_id" => Some(numbers.of(Thing::Period, number)),
                        _ => None,
                    }
                };
                match (new(value), name.as_str()) {
                    (Some(new), _) => *value = new.unwrap_or(0).into(),
                    // The facts of a line of a diff: pairs of a number and a version.
                    (None, "facts") => versions(value, numbers),
                    (None, "range") => ends(value, numbers),
                    (None, _) => renumber(value, numbers),
                }
            }
        }
        _ => {}
    }
}

fn versions(facts: &mut Value, numbers: &dyn Numbers) {
    for fact in facts.as_array_mut().into_iter().flatten() {
        if let Some(id) = fact.get_mut(0)
            && let Some(number) = id.as_i64()
        {
            *id = numbers.of(Thing::Fact, number).unwrap_or(0).into();
        }
    }
}

fn ends(range: &mut Value, numbers: &dyn Numbers) {
    if let (Some(first), Some(last)) = (range["first"].as_i64(), range["last"].as_i64()) {
        range["first"] = numbers.since(first).into();
        range["last"] = numbers.upto(last).into();
    }
}

/// A list of messages, in another numbering.
pub(super) fn messages(list: &mut Value, numbers: &dyn Numbers) {
    for message in list.as_array_mut().into_iter().flatten() {
        if let Some(number) = message.as_i64() {
            *message = numbers.of(Thing::Message, number).unwrap_or(0).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Everything is ten more there; message 5 is gone.
    struct Ten;

    impl Numbers for Ten {
        fn of(&self, thing: Thing, number: i64) -> Option<i64> {
            (thing != Thing::Message || number != 5).then_some(number + 10)
        }

        fn revision(&self, message: i64, revision: i64) -> Option<i64> {
            self.of(Thing::Message, message)?;
            Some(revision + 100)
        }

        fn since(&self, number: i64) -> i64 {
            number + 10
        }

        fn upto(&self, number: i64) -> i64 {
            number + 20
        }
    }

    #[test]
    fn everything_that_json_names_gets_its_number_and_nothing_else_does() {
        let mut body = json!({
            "evidence": [{"message": 1, "revision": 2, "quote": "7", "start": 3}, {"message_id": 5, "revision_id": 6}],
            "facts": [[3, 2], [4, 1]], "statement": {"text": "x", "valid_at": 9}, "version": 4,
            "segments": [{"ref": {"episode_id": 1, "version": 2}}, {"ref": {"digest_id": 3}}, {"ref": {"fact_id": 4, "version": 1}}],
            "left_out": [{"range": {"first": 1, "last": 2}, "count": 2}],
        });
        renumber(&mut body, &Ten);
        let expected = json!({
            "evidence": [{"message": 11, "revision": 102, "quote": "7", "start": 3}, {"message_id": 0, "revision_id": 0}],
            "facts": [[13, 2], [14, 1]], "statement": {"text": "x", "valid_at": 9}, "version": 4,
            "segments": [{"ref": {"episode_id": 11, "version": 2}}, {"ref": {"digest_id": 13}}, {"ref": {"fact_id": 14, "version": 1}}],
            "left_out": [{"range": {"first": 11, "last": 22}, "count": 2}],
        });
        assert_eq!(body, expected);
        let mut found = json!([1, 5]);
        messages(&mut found, &Ten);
        assert_eq!(found, json!([11, 0]));
    }
}
