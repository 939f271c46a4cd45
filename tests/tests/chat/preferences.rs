//! `/settings`, `/usage`, `/privacy` and `/export`.

use serde_json::Value;

use super::said;
use crate::world::{World, eventually};

#[tokio::test]
async fn settings_are_shown_and_changed_and_changed_back_by_buttons() {
    let world = World::start().await;
    let shown = world.ask("/settings").await;
    assert!(shown.text.contains("6 h") && shown.text.contains("gpt-6.1-terra"), "{}", shown.text);
    let on = world.turn(&shown, "search on").await;
    assert!(on.button("✓ search on").is_some(), "{:?}", on.keyboard);
    let path = format!("/api/chats/{}", world.chat().await);
    assert!(world.app.api().get(&path).await.to_string().contains(r#""search_memory":{"origin":"chat""#));
    let off = world.turn(&on, "search off").await;
    assert!(off.button("✓ search off").is_some(), "{:?}", off.keyboard);
    let notice = world.notice(&off, "session").await;
    assert_eq!(said(&notice), "");
    assert!(world.ask("/settings nonsense").await.text.contains("out of date"));
}

#[tokio::test]
async fn usage_counts_what_answers_took() {
    let world = World::start().await;
    world.ask("hello").await;
    let usage = world.ask("/usage").await;
    assert!(usage.text.contains("This chat") && usage.text.contains("All chats"), "{}", usage.text);
    assert!(!usage.text.contains(" 0 tokens"), "{}", usage.text);
}

#[tokio::test]
async fn privacy_says_what_is_kept_and_a_button_gives_all_of_it() {
    let world = World::start().await;
    world.ask("my boat is called Albatross").await;
    world.ask("/remember The boat is blue").await;
    let privacy = world.ask("/privacy").await;
    assert!(privacy.text.contains("owner"), "{}", privacy.text);
    world.bot.press(&world.ada, &privacy, "everything");
    let file = eventually("the file", async || world.bot.files(&world.ada).pop()).await;
    assert!(file.name.ends_with(".jsonl"), "{}", file.name);
    let lines: Vec<Value> = file.content.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["type"], &lines[0]["version"]), (&"souvenir".into(), &3.into()), "{}", lines[0]);
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    assert!(of("message").iter().any(|line| line["text"] == "my boat is called Albatross"));
    assert!(of("prompt").is_empty() && of("manifest").is_empty(), "what the owner tells the model is the owner's");
    let facts = of("fact_version");
    assert!(facts.iter().any(|line| line["statement"] == "The boat is blue"), "{facts:?}");
    let times = of("message").iter().all(|line| line["said_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(times && lines[0]["chat"]["kind"] == "private", "{}", lines[0]);
    world.bot.press(&world.ada, &privacy, "Forget");
    world.bot.wait_for_text(&world.ada, "What shall I forget").await;
    world.bot.assert_no_complaints();
}
