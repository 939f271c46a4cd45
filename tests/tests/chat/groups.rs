//! Groups: members read, administrators change, and what is no command is nothing to the bot.

use serde_json::json;
use souvenir_tests::bot_api::{Group, Person, Sent};

use super::said;
use crate::world::{World, chat_of, eventually};

/// A group with Ben, a member, and Cleo, an administrator; both may talk to the bot.
async fn group() -> (World, Group, Person, Person) {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002,3003")).await;
    let (ben, cleo) = (world.bot.user(2_002, "Ben"), world.bot.user_speaking(3_003, "Cleo", "fr"));
    let group = world.bot.group(-1_001_234_567_890, "Walkers");
    world.bot.make_administrator(&group, &cleo);
    (world, group, ben, cleo)
}

async fn ask(world: &World, group: &Group, person: &Person, text: &str) -> Sent {
    let before = world.bot.sent_in(group.id).len();
    world.bot.say_in(group, person, text);
    loop {
        let sent = world.bot.sent_in(group.id);
        if sent.len() > before {
            return sent[before].clone();
        }
        tokio::time::timeout(souvenir_tests::patience(), world.bot.changed()).await.expect("an answer in the group");
    }
}

async fn press(world: &World, group: &Group, person: &Person, sent: &Sent, part: &str) -> String {
    let before = world.bot.calls_of("answerCallbackQuery").len();
    world.bot.press_in(group, person, sent, part);
    let call = world.bot.wait_for_calls("answerCallbackQuery", before + 1).await.swap_remove(before);
    assert_eq!(call.params["show_alert"] == true, said(&call).contains("administrat"), "{call:?}");
    said(&call).to_owned()
}

#[tokio::test]
async fn members_read_and_administrators_change() {
    let (world, group, ben, cleo) = group().await;
    let refused = ask(&world, &group, &ben, "/remember We meet on Sundays").await;
    assert!(refused.text.contains("only its administrators"), "{}", refused.text);
    let told = ask(&world, &group, &cleo, "/remember We meet on Sundays").await;
    assert!(told.text.contains("We meet on Sundays"), "{}", told.text);
    assert!(press(&world, &group, &ben, &told, "annuler").await.contains("only its administrators"));
    let list = ask(&world, &group, &ben, "/facts@souvenir_test_bot").await;
    assert!(list.text.contains("We meet on Sundays"), "{}", list.text);
    assert_eq!(press(&world, &group, &ben, &list, "1").await, "", "anybody may look");
    let opened = eventually("the fact to be shown", async || {
        world.bot.sent_in(group.id).into_iter().find(|sent| sent.button("pin").is_some())
    });
    let opened = opened.await;
    for button in ["pin", "delete", "correct"] {
        assert!(press(&world, &group, &ben, &opened, button).await.contains("only its administrators"), "{button}");
    }
    let api = world.app.api();
    let chat = chat_of(&api, "Walkers").await;
    let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(
        (facts.len(), &facts[0]["source"], &facts[0]["pinned"]),
        (1, &json!("chatter"), &json!(false)),
        "{facts:?}"
    );
    press(&world, &group, &cleo, &opened, "delete").await;
    eventually("the fact to be gone", async || {
        api.list(&format!("/api/chats/{chat}/facts")).await.is_empty().then_some(())
    })
    .await;
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn talk_strangers_and_secrets_have_no_place_in_a_group() {
    let (world, group, ben, _) = group().await;
    let dana = world.bot.user(4_004, "Dana");
    world.bot.say_in(&group, &ben, "Hello everybody");
    world.bot.say_in(&group, &ben, "/frobnicate");
    world.bot.say_in(&group, &dana, "/facts");
    let asked = ask(&world, &group, &world.ada, "/dashboard").await;
    assert!(asked.text.contains("private chat") && !asked.source.contains("signin"), "{}", asked.source);
    assert_eq!(world.bot.sent_in(group.id).len(), 1, "{:?}", world.bot.sent_in(group.id));
    let refused = ask(&world, &group, &ben, "/session 90").await;
    assert!(refused.text.contains("only its administrators"), "{}", refused.text);
    let history =
        world.app.api().list(&format!("/api/chats/{}/messages", chat_of(&world.app.api(), "Walkers").await)).await;
    // What a member says is heard and not answered; what is no command of ours, or a stranger's, is nothing to us.
    let history = json!(history).to_string();
    assert!(history.contains("Hello everybody") && !history.contains("frobnicate"), "{history}");
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn in_a_group_the_bot_answers_who_names_it_or_replies_and_knows_who_said_what() {
    let (world, group, ben, cleo) = group().await;
    world.model.reply_with(["Noon it is.", "Of course.", "Whatever you say."]);
    world.bot.say_in(&group, &cleo, "Let us meet at the lighthouse");
    let answer = ask(&world, &group, &ben, "@souvenir_test_bot when shall we meet?").await;
    assert_eq!(answer.text, "Noon it is.");
    let request = world.model.requests().pop().unwrap();
    let seen = request.text();
    assert!(seen.contains("Cleo: Let us meet at the lighthouse"), "{seen}");
    assert!(seen.contains("Ben: @souvenir_test_bot when shall we meet?"), "{seen}");
    let before = world.bot.sent_in(group.id).len();
    world.bot.reply_in(&group, &cleo, &answer, "sure?");
    let reply = eventually("an answer to a reply", async || world.bot.sent_in(group.id).get(before).cloned()).await;
    assert_eq!(reply.text, "Of course.");
    let asked = world.model.request_count();
    world.bot.say_in(&group, &ben, "see you all there");
    world.bot.wait_until_confirmed().await;
    assert_eq!(world.model.request_count(), asked, "nobody asked the bot");
    // An administrator may have it answer everything.
    let settings = ask(&world, &group, &cleo, "/settings group always").await;
    assert!(settings.button("✓ toujours").is_some(), "{:?}", settings.keyboard);
    let answer = ask(&world, &group, &ben, "and what about lunch?").await;
    assert_eq!(answer.text, "Whatever you say.");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn topics_and_private_chats_have_memories_of_their_own() {
    let (world, group, ben, _) = group().await;
    world.ask("my secret is the blue door").await;
    world.bot.say_in_topic(&group, 77, &ben, "@souvenir_test_bot the password is heron");
    let first = eventually("an answer", async || world.bot.sent_in(group.id).pop()).await;
    assert!(first.text.contains("heron"), "{}", first.text);
    let calls = world.bot.calls_of("sendRichMessage");
    assert_eq!(calls.last().unwrap().params["message_thread_id"], 77, "it answers where it was asked");
    world.bot.say_in_topic(&group, 78, &ben, "@souvenir_test_bot what do you know?");
    eventually("an answer", async || (world.bot.sent_in(group.id).len() == 2).then_some(())).await;
    let seen = world.model.requests().pop().unwrap().text();
    assert!(!seen.contains("heron") && !seen.contains("blue door"), "{seen}");
    let chats = world.app.api().list("/api/chats").await;
    assert_eq!(chats.iter().filter(|chat| chat["title"] == "Walkers").count(), 2, "{chats:?}");
}

#[tokio::test]
async fn members_have_only_their_own_words_forgotten() {
    let (world, group, ben, cleo) = group().await;
    let of_ben = world.bot.say_in(&group, &ben, "/goals");
    let of_cleo = world.bot.say_in(&group, &cleo, "/goals");
    while world.bot.sent_in(group.id).len() < 2 {
        tokio::time::timeout(souvenir_tests::patience(), world.bot.changed()).await.expect("two answers");
    }
    let menu = ask(&world, &group, &cleo, "/forget").await;
    assert!(menu.text.contains("vos propres mots") && menu.keyboard.is_empty(), "{menu:?}");
    let replied = async |person: &Person, update: i64| {
        let before = world.bot.sent_in(group.id).len();
        world.bot.reply_to_update(person, update, "/forget");
        while world.bot.sent_in(group.id).len() <= before {
            tokio::time::timeout(souvenir_tests::patience(), world.bot.changed()).await.expect("an answer");
        }
        world.bot.sent_in(group.id)[before].clone()
    };
    let refused = replied(&ben, of_cleo).await;
    assert!(refused.text.contains("your own words"), "{}", refused.text);
    let preview = replied(&ben, of_ben).await;
    assert!(preview.text.contains("Messages: 1"), "{}", preview.text);
    let before = world.bot.calls_of("answerCallbackQuery").len();
    world.bot.press_in(&group, &cleo, &preview, "for good");
    let call = world.bot.wait_for_calls("answerCallbackQuery", before + 1).await.swap_remove(before);
    assert!(said(&call).contains("vos propres mots") && call.params["show_alert"] == true, "{call:?}");
    assert_eq!(press(&world, &group, &ben, &preview, "for good").await, "");
    let report = eventually("the report", async || {
        world.bot.sent_in(group.id).into_iter().find(|sent| sent.text.contains("Forgotten for good"))
    });
    assert_eq!(report.await.message_id, preview.message_id);
}
