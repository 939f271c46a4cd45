//! An honest set: what a good model makes of what people say, in its own words. The rules that keep inventions out have to let
//! all of it in; what they doubt of it costs the owner a glance, so the count is part of the test.

use super::{super::Change, scene::*};
use crate::{FactStatus, Timestamp};

/// A statement with the words that it quotes.
type Stated = (&'static str, &'static str);

/// Who spoke, what they said, and what is stated of it.
const SAID: &[(&str, &str, &[Stated])] = &[
    (
        "Ann",
        "Hi! I moved to Lyon three years ago and work as a nurse at Saint-Luc.",
        &[
            ("lives in Lyon since 2023", "I moved to Lyon three years ago"),
            ("works as a nurse at Saint-Luc", "work as a nurse at Saint-Luc"),
            ("is a nurse", "work as a nurse"),
        ],
    ),
    (
        "Ann",
        "My sister Natalie is getting married next month, she asked me to be her witness.",
        &[
            ("has a sister called Natalie", "My sister Natalie"),
            ("'s sister Natalie marries in June 2026", "My sister Natalie is getting married next month"),
            ("will be a witness at Natalie's wedding", "she asked me to be her witness"),
        ],
    ),
    (
        "Ann",
        "I don't eat meat any more, but I love fish. No, I'm not allergic to anything.",
        &[
            ("no longer eats meat", "I don't eat meat any more"),
            ("loves fish", "I love fish"),
            ("has no allergies", "I'm not allergic to anything"),
        ],
    ),
    (
        "Ann",
        "We agreed on the green tiles for 1,200 euros; the plumber comes on 12 June.",
        &[
            ("chose the green tiles for 1200 euros", "We agreed on the green tiles for 1,200 euros"),
            ("expects the plumber on 12 June", "the plumber comes on 12 June"),
        ],
    ),
    (
        "Ann",
        "I can't wait to see Oslo in August! I'd never been to Norway before.",
        &[("is looking forward to seeing Oslo in August", "I can't wait to see Oslo in August")],
    ),
    (
        "Анна",
        "Я переехала в Казань в прошлом году, живу с мужем Олегом и двумя кошками.",
        &[
            ("переехала в Казань в 2025 году", "Я переехала в Казань в прошлом году"),
            ("замужем, мужа зовут Олег", "живу с мужем Олегом"),
            ("держит двух кошек", "двумя кошками"),
        ],
    ),
    (
        "Анна",
        "Больше не работаю в «Яндексе», ушла в школу учителем физики.",
        &[
            ("больше не работает в «Яндексе»", "Больше не работаю в «Яндексе»"),
            ("работает учителем физики в школе", "в школу учителем физики"),
        ],
    ),
    (
        "Анна",
        "Хочу к лету выучить французский, занимаюсь по вторникам.",
        &[
            ("хочет выучить французский к лету", "Хочу к лету выучить французский"),
            ("занимается французским по вторникам", "занимаюсь по вторникам"),
        ],
    ),
    (
        "Claire",
        "J'habite à Nantes depuis l'été, avec mon fils Paul qui a six ans.",
        &[
            ("habite à Nantes", "J'habite à Nantes depuis l'été"),
            ("a un fils de 6 ans, Paul", "mon fils Paul qui a six ans"),
        ],
    ),
    (
        "Claire",
        "Je ne bois plus de café, le médecin me l'a interdit. Je préfère le thé vert.",
        &[("ne boit plus de café", "Je ne bois plus de café"), ("préfère le thé vert", "Je préfère le thé vert")],
    ),
    (
        "Claire",
        "Je voudrais finir mon roman avant Noël.",
        &[("voudrait finir son roman avant Noël", "Je voudrais finir mon roman avant Noël")],
    ),
    (
        "Jürgen",
        "Ich wohne seit 2019 in Bremen und arbeite bei der Bahn.",
        &[
            ("wohnt seit 2019 in Bremen", "Ich wohne seit 2019 in Bremen"),
            ("arbeitet bei der Bahn", "arbeite bei der Bahn"),
        ],
    ),
    ("健", "私は東京に住んでいます。", &[("東京に住んでいる", "東京に住んで")]),
];

/// 20 May 2026.
const AT: Timestamp = Timestamp(1_779_235_200_000);

#[test]
fn what_a_good_model_says_in_its_own_words_gets_in() {
    let (mut stored, mut doubted) = (0, Vec::new());
    for (author, text, statements) in SAID {
        let scene =
            Scene { utterances: vec![super::super::Utterance { at: AT, ..says(1, author, text) }], ..Scene::default() };
        for (statement, quote) in *statements {
            match scene.one(add(author, statement, 1, quote)) {
                Change::Add { status: FactStatus::Active, .. } => stored += 1,
                other => doubted.push(format!("{statement}: {other:?}")),
            }
        }
    }
    assert_eq!((stored, doubted.as_slice()), (27, [].as_slice()));
}

#[test]
fn an_answer_is_understood_by_its_question() {
    let scene = Scene {
        utterances: vec![
            bot(1, "How many cats do you have, and what are they called?"),
            says(2, "Ann", "Three! Tom, Tim and Tam"),
        ],
        ..Scene::default()
    };
    for statement in ["has three cats", "has 3 cats called Tom, Tim and Tam"] {
        let change = scene.one(add("Ann", statement, 2, "Three"));
        assert!(matches!(change, Change::Add { status: FactStatus::Active, .. }), "{statement}: {change:?}");
    }
    let change = scene.one(add("Ann", "has four cats", 2, "Three"));
    assert!(!matches!(change, Change::Add { status: FactStatus::Active, .. }), "{change:?}");
}
