//! `/context`: what the next message would see.

use super::world_speaking;
use crate::world::World;

#[tokio::test]
async fn the_next_context_is_shown_as_a_table_that_adds_up() {
    let world = World::start().await;
    world.ask("My cat is called Ibsen").await;
    world.ask("/remember Ada's cat is called Ibsen").await;
    let told = world.ask("/context").await;
    for part in ["of 8,000 tokens", "system", "facts", "recent", "answer", "free", "6 h", "word for word"] {
        assert!(told.text.contains(part), "no {part:?} in {}", told.text);
    }
    let chat = world.chat().await;
    assert!(told.text.contains(&format!("/chats/{chat}")), "the owner gets a link: {}", told.text);
    let numbers = told.text.lines().filter(|line| {
        ["system", "facts", "summaries", "recent", "recalled", "current", "answer", "free"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    let sum: u64 =
        numbers.filter_map(|line| line.split_whitespace().nth(1)?.replace(',', "").parse::<u64>().ok()).sum();
    assert_eq!(sum, 8_000, "{}", told.text);
    let context = world.app.api().get(&format!("/api/chats/{chat}/context")).await;
    let scaled = context["totals"]["scaled"].as_u64().unwrap();
    assert!(told.text.contains(&format!("{scaled} of")), "{scaled}: {}", told.text);
}

#[tokio::test]
async fn what_is_left_out_is_said_with_the_reason_in_russian() {
    let world = world_speaking("ru").await;
    world.ask("Привет").await;
    world.ask("/reset").await;
    let told = world.ask("/context").await;
    for part in ["из 8\u{a0}000 токенов", "система", "Сообщений не читаю дословно: 2", "до начала разговора заново 2"]
    {
        assert!(told.text.contains(part), "no {part:?} in {}", told.text);
    }
}
