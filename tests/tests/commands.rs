//! Telegram's commands.

use serde_json::json;

use crate::world::{World, eventually};

#[tokio::test]
async fn help_names_the_commands_and_telegram_lists_them() {
    let world = World::start().await;
    let help = world.ask("/help").await;
    for command in ["/session", "/memory", "/reset", "/dashboard"] {
        assert!(help.text.contains(command), "no {command} in {}", help.text);
    }
    let calls = world.bot.wait_for_calls("setMyCommands", 1).await;
    let commands = calls[0].params["commands"].to_string();
    assert!(commands.contains("session") && commands.contains("memory"), "{commands}");
    // Commands are stored, but are never context.
    world.ask("hello").await;
    let request = world.model.requests().pop().unwrap();
    assert!(!request.text().contains("/help") && !request.text().contains("/session"), "{request:?}");
    let messages = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert!(messages.iter().any(|message| message["text"] == "/help"), "{messages:?}");
}

#[tokio::test]
async fn session_offers_three_durations_and_a_press_changes_it() {
    let world = World::start().await;
    let choice = world.ask("/session").await;
    for button in ["short", "medium", "long"] {
        assert!(choice.button(button).is_some(), "no {button} in {:?}", choice.keyboard);
    }
    world.bot.press(&world.ada, &choice, "long");
    world.bot.wait_for_calls("answerCallbackQuery", 1).await;
    let api = world.app.api();
    let chat = world.chat().await;
    eventually("the duration to be long", async || {
        let chat = api.get(&format!("/api/chats/{chat}")).await;
        chat.to_string().contains("\"long\"").then_some(())
    })
    .await;
    let turnless = api.list(&format!("/api/chats/{chat}/turns")).await;
    assert!(turnless.is_empty(), "a button made a turn: {turnless:?}");
    let context = api.get(&format!("/api/chats/{chat}/context")).await;
    assert_eq!(context["session_minutes"], 720, "{context}");
}

#[tokio::test]
async fn memory_counts_the_tiers_and_reset_begins_anew() {
    let world = World::start().await;
    world.ask("remember the milk").await;
    let memory = world.ask("/memory").await;
    assert!(memory.text.contains('2'), "two messages are held: {}", memory.text);
    world.ask("/reset").await;
    world.ask("what now?").await;
    // What ended with the reset is being summed up meanwhile.
    let asked = |text: String| text.contains("what now?") && !text.contains("<transcript>");
    let request = world.model.requests().into_iter().rfind(|request| asked(request.text())).unwrap();
    let (recent, _): (Vec<_>, Vec<_>) = request.messages().into_iter().partition(|(role, _)| role != "system");
    assert_eq!(recent.len(), 1, "after a reset only the new message is recent: {recent:?}");
    // Nothing is lost by it.
    let stored = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert!(stored.iter().any(|message| message["text"] == "remember the milk"));
}

#[tokio::test]
async fn dashboard_sends_a_link_to_the_owner_only() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    let link = world.ask("/dashboard").await;
    let everything = format!("{} {:?}", link.source, link.keyboard);
    assert!(everything.contains("/signin/"), "{everything}");
    world.bot.say(&ben, "/dashboard");
    let refusal = world.bot.wait_for_sent(&ben, 1).await;
    let everything = format!("{} {:?}", refusal[0].source, refusal[0].keyboard);
    assert!(!everything.contains("/signin/"), "{everything}");
    // The link never becomes memory.
    let stored = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert!(!json!(stored).to_string().contains("/signin/"));
}

#[tokio::test]
async fn an_unknown_command_is_told_and_costs_nothing() {
    let world = World::start().await;
    world.ask("/frobnicate").await;
    assert!(world.model.requests().is_empty());
}
