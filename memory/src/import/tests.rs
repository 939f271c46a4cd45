use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::*;
use crate::{MessageId, MessageKind};

const AT: i64 = 1_614_834_367;

fn no_zone(_: &str) -> Option<i64> {
    None
}

fn read(more: Value) -> Record {
    tried(more).unwrap()
}

fn tried(more: Value) -> Result<Record, Flaw> {
    let mut value = json!({"id": 7, "type": "message", "date": "2021-03-04T05:06:07", "date_unixtime": AT.to_string(),
        "from": "Ada L", "from_id": "user42", "text": "hello"});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record(&value, &no_zone)
}

#[test]
fn a_message_is_read_with_who_said_it_and_when() {
    let said = read(json!({}));
    assert_eq!((said.number, said.second, said.kind, said.text.as_str()), (7, AT, MessageKind::Text, "hello"));
    assert_eq!((said.author.as_deref(), said.author_id), (Some("Ada L"), Some(42)));
    let deleted = read(json!({"from": null, "from_id": "user9"}));
    assert_eq!((deleted.author, deleted.author_id), (None, Some(9)));
    assert_eq!(read(json!({"from_id": "channel5"})).author_id, Some(-1_000_000_000_005));
    assert_eq!(read(json!({"from_id": 42})).author_id, Some(42));
}

#[test]
fn a_text_in_pieces_is_what_a_reader_sees() {
    let pieces = json!(["I ", {"type": "bold", "text": "moved"}, " to ", {"type": "text_link", "text": "Lyon", "href": "https://x.y"},
        "; ", {"type": "code", "text": "ls"}, {"type": "custom_emoji", "text": "🙂", "document_id": "f"}]);
    assert_eq!(read(json!({"text": pieces})).text, "I moved to [Lyon](https://x.y); `ls`🙂");
    let pre = json!([{"type": "pre", "text": "a = 1\n", "language": "python"}, "\n", {"type": "blockquote", "text": "one\ntwo"}]);
    assert_eq!(read(json!({"text": pre})).text, "```python\na = 1\n```\n> one\n> two");
    let entities = json!([{"type": "plain", "text": "only "}, {"type": "italic", "text": "here"}]);
    assert_eq!(read(json!({"text": null, "text_entities": entities})).text, "only here");
}

#[test]
fn what_is_no_text_becomes_the_words_the_bot_uses() {
    for (more, text) in [
        (json!({"photo": "(File not included)", "text": "my cat"}), "[photo] my cat"),
        (
            json!({"file": "voice/a.ogg", "media_type": "voice_message", "duration_seconds": 4, "text": ""}),
            "[voice message, 4 s]",
        ),
        (json!({"file": "files/plan.pdf", "text": ""}), "[file: plan.pdf]"),
        (json!({"media_type": "sticker", "sticker_emoji": "🙂", "file": "s.webp", "text": ""}), "[sticker: 🙂]"),
        (json!({"poll": {"question": "When?"}, "text": ""}), "[poll: When?]"),
        (json!({"text": ""}), "[a message of a kind that cannot be read yet]"),
    ] {
        let said = read(more);
        assert_eq!((said.kind, said.text.as_str()), (MessageKind::Media, text));
    }
    let call =
        json!({"type": "service", "actor": "Ben", "actor_id": "user9", "action": "phone_call", "duration_seconds": 35});
    let happened = read(call);
    assert_eq!((happened.kind, happened.text.as_str()), (MessageKind::Service, "[phone call, 35 s]"));
    assert_eq!(happened.author.as_deref(), Some("Ben"));
}

#[test]
fn forwards_keep_whose_words_they_are_even_without_a_name() {
    assert_eq!(read(json!({"forwarded_from": "Ben"})).forwarded_from.as_deref(), Some("Ben"));
    assert_eq!(read(json!({"forwarded_from": null})).forwarded_from.as_deref(), Some("somebody"));
    assert_eq!(read(json!({})).forwarded_from, None);
}

#[test]
fn times_are_seconds_or_local_and_edits_come_later() {
    let zoneless = json!({"id": 1, "date": "2021-03-04T05:06:07", "text": "x"});
    let local = |text: &str| (text == "2021-03-04T05:06:07").then_some(99);
    assert_eq!(record(&zoneless, &local).unwrap().second, 99);
    let edited = (AT + 60).to_string();
    assert_eq!(read(json!({"edited_unixtime": edited})).edited, Some(AT + 60));
    assert_eq!(read(json!({"edited_unixtime": AT.to_string()})).edited, None);
}

#[test]
fn what_is_no_message_says_what_is_wrong_with_it() {
    assert_eq!(record(&json!("x"), &no_zone), Err(Flaw::NoObject));
    assert_eq!(tried(json!({"id": "seven"})), Err(Flaw::NoNumber));
    assert_eq!(tried(json!({"date_unixtime": "soon", "date": 3.5})), Err(Flaw::NoTime));
    assert_eq!(tried(json!({"date_unixtime": "-5"})), Err(Flaw::OddTime));
    assert_eq!(tried(json!({"text": 5})), Err(Flaw::OddText));
}

#[test]
fn chats_are_known_by_the_numbers_that_bots_see() {
    for (sort, id, known) in [
        ("personal_chat", json!(42), Some(42)),
        ("bot_chat", json!(7), Some(7)),
        ("private_group", json!(55), Some(-55)),
        ("private_supergroup", json!(1_234_567_890_i64), Some(-1_001_234_567_890)),
        ("public_channel", json!(1_234_567_890_i64), Some(-1_001_234_567_890)),
        ("private_supergroup", json!(-1_001_234_567_890_i64), Some(-1_001_234_567_890)),
        ("personal_chat", Value::Null, None),
    ] {
        assert_eq!(ExportedChat::new(&json!("A"), &json!(sort), &id).bot_api_id(), known, "{sort}");
    }
    assert_eq!(ExportedChat::new(&Value::Null, &json!("personal_chat"), &json!(1)).name, None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            Just("type".to_owned()),
            Just("text".to_owned()),
            Just("href".to_owned()),
            Just("question".to_owned()),
            ".{0,4}"
        ];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key, inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_record_holds_it_is_read_or_refused(
        fields in vec((prop::sample::select(vec!["id", "type", "date", "date_unixtime", "from", "from_id", "text", "text_entities",
            "photo", "file", "poll", "media_type", "action", "members", "forwarded_from", "edited_unixtime"]), any_json()), 0..9),
    ) {
        let value = Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        if let Ok(read) = record(&value, &no_zone) {
            prop_assert!(!read.text.contains('\0'));
            prop_assert!(place::of(read.second, read.number).is_some());
        }
    }

    #[test]
    fn imported_messages_stand_in_order_of_time_before_all_others(
        one in (1i64..1 << 33, 0i64..1 << 20), other in (1i64..1 << 33, 0i64..1 << 20),
    ) {
        let (first, second) = (place::of(one.0, one.1).unwrap(), place::of(other.0, other.1).unwrap());
        prop_assert_eq!(first.cmp(&second), one.cmp(&other));
        prop_assert!(place::FIRST <= first && first < MessageId(0));
        prop_assert_eq!(place::second_of(first), Some(one.0));
        prop_assert_eq!(place::second_of(place::next(first)), Some(one.0));
        prop_assert!(place::next(first) != first);
    }

    #[test]
    fn pieces_without_marks_make_the_same_text_as_a_string(pieces in vec("[^\0]{0,9}", 0..6)) {
        let whole = pieces.concat();
        let mixed: Vec<Value> = pieces.iter().enumerate().map(|(place, text)| match place % 3 {
            0 => json!(text),
            1 => json!({"type": "bold", "text": text}),
            _ => json!({"type": "mention", "text": text}),
        }).collect();
        prop_assert_eq!(text::plain(&json!(mixed)), text::plain(&json!(whole)));
    }
}
