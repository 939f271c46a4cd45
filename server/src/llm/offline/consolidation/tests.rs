//! What the offline model finds in three languages, and what it leaves alone.

use souvenir_memory::{FactKind, consolidation::answer, prompt::consolidation::batch_text};

use super::*;

fn line(id: i64, name: &str, text: &str) -> Line {
    Line {
        message_id: id,
        said: "Sun 2026-11-22 14:18".to_owned(),
        who: if name == "bot" { Who::Bot } else { Who::Person(name.to_owned()) },
        forwarding: None,
        document: false,
        text: text.to_owned(),
    }
}

fn consolidated(lines: &[Line]) -> answer::Answer {
    let message = ContextMessage {
        role: souvenir_memory::Role::User,
        content: batch_text(&[], None, lines),
        tokens: souvenir_memory::TokenCount::ZERO,
    };
    answer::parse(&write(&[message])).unwrap()
}

#[test]
fn what_people_say_of_themselves_is_found_in_three_languages() {
    use FactKind::{Goal, Identity, Other, Preference, Relationship};
    for (text, expected) in [
        ("My name is Ann and I live in Lyon.", vec![("My name is Ann", Identity), ("I live in Lyon", Identity)]),
        ("Hi! I'm allergic to walnuts.", vec![("I'm allergic to walnuts", Preference)]),
        (
            "Well, my sister Natalie moved to Lyon in March.",
            vec![("my sister Natalie moved to Lyon in March", Relationship)],
        ),
        ("I want to run a marathon in 2027", vec![("I want to run a marathon in 2027", Goal)]),
        ("Please remember that the spare key is at Zoé's.", vec![("the spare key is at Zoé's", Other)]),
        ("Меня зовут Вера, я живу в Казани.", vec![("Меня зовут Вера", Identity), ("я живу в Казани", Identity)]),
        ("Кстати, мне не нравится кофе.", vec![("мне не нравится кофе", Preference)]),
        ("Запомни: ключ у соседки", vec![("ключ у соседки", Other)]),
        (
            "Bonjour, je m’appelle Claire et j’habite à Nantes.",
            vec![("je m’appelle Claire", Identity), ("j’habite à Nantes", Identity)],
        ),
        ("Ma sœur Zoé travaille à Lille", vec![("Ma sœur Zoé travaille à Lille", Relationship)]),
        ("J'aimerais apprendre le piano avant l'été", vec![("J'aimerais apprendre le piano avant l'été", Goal)]),
    ] {
        let found: Vec<(&str, FactKind)> =
            clauses::of(text).into_iter().map(|clause| (clause.text, clause.kind)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_people_are_without_is_found_in_three_languages() {
    for (text, expected) in [
        ("I don't eat meat any more, it makes me ill.", "I don't eat meat any more"),
        ("Well, I don't smoke.", "I don't smoke"),
        ("I'm not married and I like tea", "I'm not married"),
        ("I no longer work at Acme", "I no longer work at Acme"),
        ("I don't have a car, and I like trains", "I don't have a car"),
        ("I bought a car", "I bought a car"),
        ("I quit smoking!", "I quit smoking"),
        ("Я больше не работаю в Яндексе, ушла в сентябре.", "Я больше не работаю в Яндексе, ушла в сентябре"),
        ("Кстати, больше не ем мясо", "больше не ем мясо"),
        ("Я не курю", "Я не курю"),
        ("Я не замужем.", "Я не замужем"),
        ("У меня нет машины", "У меня нет машины"),
        ("Je ne bois pas de café", "Je ne bois pas de café"),
        ("Je n’habite plus à Lyon.", "Je n’habite plus à Lyon"),
        ("Je ne fume plus", "Je ne fume plus"),
        ("Je n'ai pas de voiture", "Je n'ai pas de voiture"),
        ("J'ai arrêté de fumer.", "J'ai arrêté de fumer"),
    ] {
        let found: Vec<&str> = clauses::of(text).into_iter().map(|clause| clause.text).collect();
        assert_eq!(found.first(), Some(&expected), "{text}");
    }
    for text in [
        "I don't have time",
        "I don't have a clue",
        "I don't eat it",
        "I don't know Lyon",
        "I don't think so",
        "Don't you eat meat?",
        "У меня нет времени",
        "Я не знаю",
        "Je n'ai pas d'idée",
        "Je ne sais pas",
    ] {
        assert_eq!(clauses::of(text), [], "{text}");
    }
}

#[test]
fn what_is_to_be_done_has_its_day_and_its_season() {
    let answer = consolidated(&[
        line(1, "Вера", "Хочу выучить французский до 1 июня 2027."),
        line(2, "Ann", "Now something else: I want to grow tomatoes on the balcony this spring."),
        line(3, "Ann", "I like this"),
    ]);
    let found: Vec<(&str, Option<&str>)> =
        answer.operations.iter().map(|op| (op.statement.as_deref().unwrap(), op.due_at.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("Хочу выучить французский до 1 июня 2027", Some("2027-06-01")),
            ("I want to grow tomatoes on the balcony this spring", None)
        ]
    );
}

#[test]
fn what_denies_a_known_fact_changes_it() {
    for (known, said) in [
        ("I eat meat", "I don't eat meat any more, and feel well"),
        ("I work at Acme", "I no longer work at Acme since March"),
        ("Я работаю в Яндексе", "Я больше не работаю в Яндексе, ушла в сентябре."),
        ("Я ем мясо", "больше не ем мяса"),
        ("Je bois du café", "Je ne bois plus de café depuis le 3 mars"),
        ("J’habite à Lyon", "Je n’habite plus à Lyon"),
    ] {
        let known = format!("identity, Ann: {known}");
        let operations = operations(&[line(3, "Ann", said)], &[(7, &known)]);
        assert_eq!(operations.len(), 1, "{said}");
        assert_eq!((operations[0].op, operations[0].fact_id), (Op::Update, Some(7)), "{said}");
    }
    let known = "relationship, Ann: My sister Natalie lives in Lyon, she works at the Saint-Luc hospital";
    let operations = operations(&[line(3, "Ann", "My sister Natalie moved to Paris")], &[(7, known)]);
    assert_eq!(operations[0].op, Op::Add, "the hospital is not to go with Lyon");
}

#[test]
fn questions_small_talk_and_the_bot_give_no_facts() {
    let answer = consolidated(&[
        line(1, "Ann", "Hello! How are you?"),
        line(2, "bot", "I live in a server. My name is Souvenir."),
        line(3, "Ann", "Do you think I live in Lyon?"),
        line(4, "Ann", "ok, thanks"),
    ]);
    assert_eq!(answer.operations, []);
    assert!(answer.summary.contains("Ann"));
}

#[test]
fn a_clause_that_nobody_could_understand_alone_is_no_fact() {
    for text in [
        "I love it!",
        "I love to, you know.",
        "I'm planning a few.",
        "I want to help make this happen",
        "I love that you chose pottery for your art",
        "Я люблю это",
        "Мне нравится твой рассказ",
        "J'aime ça",
    ] {
        assert_eq!(clauses::of(text), [], "{text}");
    }
    for text in ["I am 34 years old", "мне 34 года", "J’ai 34 ans."] {
        assert_eq!(clauses::of(text).len(), 1, "{text}");
    }
}

#[test]
fn greetings_and_thanks_are_left_out_of_a_summary_even_with_names() {
    let lines = [
        line(1, "Melanie", "Hey Caroline! Good to see you!"),
        line(2, "Caroline", "Hey Mel! I went to the museum in Lyon on 8 May. Thanks, Melanie!"),
    ];
    assert_eq!(summary::write(&lines, None), "Caroline: “I went to the museum in Lyon on 8 May”.");
    assert_eq!(summary::write(&lines[..1], None), "Melanie: “Hey Caroline!”.", "there is nothing better");
}

#[test]
fn every_fact_has_a_quote_and_what_was_said_later_holds() {
    let answer = consolidated(&[
        line(1, "Ann", "I live in Lyon."),
        line(5, "Ann", "I live in Paris now"),
        line(6, "user", "I like tea"),
    ]);
    let said: Vec<(Option<&str>, &str, i64)> = answer
        .operations
        .iter()
        .map(|op| (op.subject.as_deref(), op.statement.as_deref().unwrap(), op.evidence[0].message_id))
        .collect();
    assert_eq!(said, [(Some("Ann"), "I live in Paris now", 5), (None, "I like tea", 6)]);
}

#[test]
fn a_summary_is_in_the_language_of_the_conversation_and_keeps_what_tells_most() {
    let answer = consolidated(&[
        line(1, "Вера", "Сколько стоит билет в Казань?"),
        line(2, "bot", "Билет стоит 3200 рублей. Ещё есть автобус."),
        line(3, "Вера", "ну ладно"),
    ]);
    assert!(
        answer.summary.contains("вопрос «Сколько стоит билет в Казань?», ответ «Билет стоит 3200 рублей»"),
        "{}",
        answer.summary
    );
}
