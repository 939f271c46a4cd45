use std::collections::BTreeSet;

use super::*;

#[test]
fn the_same_seed_gives_the_same_year_and_another_seed_another() {
    assert_eq!(Year::new(7).lines(), Year::new(7).lines());
    assert_ne!(Year::new(7).lines(), Year::new(8).lines());
}

#[test]
fn something_is_said_every_day_in_three_languages() {
    let year = Year::new(1);
    let days: BTreeSet<i64> = year.lines().iter().map(|line| (line.at - BEGINS) / DAY).collect();
    assert!(days.len() >= 365, "{}", days.len());
    assert!(year.lines().windows(2).all(|pair| pair[0].at <= pair[1].at));
    for words in ["Which soup", "Какой суп", "Quelle soupe"] {
        assert!(year.lines().iter().any(|line| line.text.starts_with(words)), "{words}");
    }
}

#[test]
fn of_each_aspect_one_thing_holds_at_a_time_and_it_was_said() {
    for seed in 0..20 {
        let year = Year::new(seed);
        for (month, end) in Year::month_ends() {
            let held: Vec<Aspect> = year.in_force_at(end).iter().map(|told| told.aspect).collect();
            let distinct: BTreeSet<&Aspect> = held.iter().collect();
            assert_eq!(held.len(), distinct.len(), "seed {seed}, {month}");
        }
        assert_eq!(year.current().len(), Aspect::ALL.len());
        assert_eq!(year.superseded().len() + year.current().len(), year.told().len());
        for told in year.told() {
            let said = year.lines().iter().find(|line| line.at == told.from && line.text.contains(&told.statement));
            assert!(said.is_some_and(|line| line.by == Speaker::Vera), "{told:?}");
        }
    }
}

#[test]
fn the_document_has_every_line_and_what_an_export_has_besides() {
    let year = Year::new(3);
    let document = year.result_json();
    let messages = document["messages"].as_array().unwrap();
    assert_eq!(messages.len(), year.lines().len() + 1);
    assert!(messages.iter().any(|message| message["text"].is_array()));
    for key in ["forwarded_from", "edited_unixtime", "photo", "action"] {
        assert!(messages.iter().any(|message| message.get(key).is_some()), "{key}");
    }
    assert_eq!(messages[1]["date"].as_str().map(str::len), Some("2025-01-01T11:00:00".len()));
}

#[test]
fn a_perfect_model_answers_what_is_told_and_replaces_what_it_knows() {
    let year = Year::new(5);
    let homes: Vec<&Told> = year.told().iter().filter(|told| told.aspect == Aspect::Home).collect();
    let asked = format!(
        "(7) identity, Vera: {}\n[12] Mon 2025-03-21 19:00 | Vera: Au fait. {}.\n",
        homes[0].statement, homes[1].statement
    );
    let answer = year.consolidation(&asked);
    let operation = &answer["operations"][0];
    assert_eq!((&operation["op"], &operation["fact_id"]), (&json!("update"), &json!(7)));
    assert_eq!(operation["evidence"][0], json!({"message_id": 12, "quote": homes[1].statement}));
}
