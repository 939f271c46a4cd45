//! Entities that a call brings itself: offsets and lengths in UTF-16 units, inside the text and never inside a pair of
//! surrogates.

use serde_json::Value;

use super::refusal::Refusal;

const TYPES: [&str; 20] = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
];
/// Nothing may stand inside these, nor they inside each other.
const PLAIN_INSIDE: [&str; 2] = ["code", "pre"];

struct Span<'a> {
    kind: &'a str,
    begin: i64,
    end: i64,
}

/// Checks `entities` of `text`; gives what Telegram would put right by itself, as complaints.
pub(super) fn check(text: &str, entities: &Value) -> Result<Vec<String>, Refusal> {
    let entities = entities
        .as_array()
        .ok_or_else(|| Refusal::bad("Bad Request: can't parse entities: expected an Array of MessageEntity"))?;
    let inside = boundaries(text);
    let spans = entities.iter().map(|entity| span(entity, &inside)).collect::<Result<Vec<_>, _>>()?;
    let pairs =
        spans.iter().enumerate().flat_map(|(index, one)| spans[index + 1..].iter().map(move |other| (one, other)));
    Ok(pairs.filter_map(|(one, other)| complaint(one, other)).collect())
}

/// For each UTF-16 offset, from the start to the end of the text, whether a character begins (or the text ends) there.
fn boundaries(text: &str) -> Vec<bool> {
    let mut boundaries = Vec::new();
    for character in text.chars() {
        boundaries.push(true);
        boundaries.extend((1..character.len_utf16()).map(|_| false));
    }
    boundaries.push(true);
    boundaries
}

fn span<'a>(entity: &'a Value, boundaries: &[bool]) -> Result<Span<'a>, Refusal> {
    let kind = entity["type"].as_str().unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err(Refusal::bad("Bad Request: can't parse entities: can't parse MessageEntity: unsupported type"));
    }
    let number = |name: &str| {
        entity[name].as_i64().ok_or_else(|| {
            Refusal::bad(&format!(
                "Bad Request: can't parse entities: can't parse MessageEntity: field \"{name}\" must be of type Number"
            ))
        })
    };
    let (begin, length) = (number("offset")?, number("length")?);
    let end = begin + length;
    let at = |offset: i64| usize::try_from(offset).ok().and_then(|offset| boundaries.get(offset)).copied();
    if length <= 0 || at(begin).is_none() {
        return Err(Refusal::bad(&format!(
            "Bad Request: entity begins after the end of the text at UTF-16 offset {begin}"
        )));
    }
    match (at(begin), at(end)) {
        (Some(false), _) => Err(Refusal::bad(&format!(
            "Bad Request: entity begins in a middle of a UTF-16 symbol at UTF-16 offset {begin}"
        ))),
        (_, None) => Err(Refusal::bad(&format!(
            "Bad Request: entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}"
        ))),
        (_, Some(false)) => Err(Refusal::bad(&format!(
            "Bad Request: entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}"
        ))),
        _ => Ok(Span { kind, begin, end }),
    }
}

fn complaint(one: &Span<'_>, other: &Span<'_>) -> Option<String> {
    let (first, second) = if (one.begin, -one.end) <= (other.begin, -other.end) { (one, other) } else { (other, one) };
    if second.begin >= first.end {
        return None;
    }
    if second.end > first.end {
        return Some(format!("entities {} and {} overlap without nesting", first.kind, second.kind));
    }
    let plain = PLAIN_INSIDE.contains(&first.kind) || PLAIN_INSIDE.contains(&second.kind);
    plain.then(|| format!("an entity {} stands inside {}", second.kind, first.kind))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(entity: Value) -> String {
        check("a 𝄞 clef", &json!([entity])).unwrap_err().description
    }

    #[test]
    fn offsets_are_utf16_units_inside_the_text_and_between_characters() {
        assert!(check("a 𝄞 clef", &json!([{"type": "bold", "offset": 2, "length": 2}])).is_ok());
        let bold = |offset: i64, length: i64| json!({"type": "bold", "offset": offset, "length": length});
        assert!(refusal(bold(3, 1)).contains("begins in a middle of a UTF-16 symbol"));
        assert!(refusal(bold(0, 3)).contains("ends in a middle of a UTF-16 symbol"));
        assert!(refusal(bold(5, 5)).contains("ends after the end of the text at UTF-16 offset 10"));
        assert!(refusal(bold(20, 1)).contains("begins after the end"));
        assert!(refusal(json!({"type": "loud", "offset": 0, "length": 1})).contains("unsupported type"));
    }

    #[test]
    fn entities_nest_or_are_apart() {
        let pair = |second: (&str, i64, i64)| {
            let entities = json!([
                {"type": "bold", "offset": 0, "length": 4},
                {"type": second.0, "offset": second.1, "length": second.2},
            ]);
            check("a 𝄞 clef", &entities).unwrap().len()
        };
        assert_eq!(pair(("italic", 0, 1)) + pair(("italic", 5, 2)) + pair(("italic", 0, 9)), 0);
        assert_eq!(pair(("italic", 2, 5)), 1, "overlapping");
        assert_eq!(pair(("code", 0, 1)), 1, "code inside bold");
    }
}
