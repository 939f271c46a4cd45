//! A conversation to look at: Vera writes in Telegram and sits at the console, and a scripted model answers her.
//!
//! The pictures of the dashboard are taken of it. It is held, not written into the database: every message goes through the Bot
//! API server or the console, every reply through the model server, every fact through the check of its quote. What she
//! wrote while the bot was away reaches it late, with the times at which she wrote it, as Telegram delivers it.

use serde_json::{Value, json};

use crate::bot_api::{BotApi, Person};
use crate::harness::{Api, TestApp};
use crate::model::ModelServer;
use crate::tokens;
use crate::wire::{now, soon};

/// What she wrote while the bot was away: how many minutes ago, and what.
const LATE: [(u64, &str); 9] = [
    (1_390, "Measured the kitchen wall today: 1.86 m between the window and the door."),
    (1_384, "I want three oak shelves there, 24 cm deep. The budget is 220 euros."),
    (1_371, "The warehouse in Vaise delivers on Tuesdays and Thursdays only."),
    (760, "Мама приезжает с 12 по 19 декабря, хочу успеть с полками до неё."),
    (748, "She is allergic to walnuts, by the way. Nothing with walnut oil on the wood."),
    (741, "So: hard wax oil, two coats, a day apart."),
    (290, "The plumber is free on 1 December in the morning."),
    (281, "Combien de planches pour 1,86 m si chacune fait 62 cm ?"),
    (268, "I live in the Croix-Rousse quarter, fourth floor, no lift. The boards must fit the stairs."),
];

/// What she says in Telegram once the bot is back, and what it answers.
const TELEGRAM: [(&str, &str); 5] = [
    (
        "I'm back. What did you make of all that?",
        "Here is where the shelves stand:\n\n- **Wall:** 1.86 m, so three boards of 62 cm end to end, for each shelf.\n- **Wood:** oak, 24 cm deep; hard wax oil in two coats, a day apart, and no walnut oil because of your mother.\n- **Delivery:** Tuesdays and Thursdays only, from Vaise.\n\nYour mother comes on 12 December, so an order this week leaves time for both coats.",
    ),
    (
        "When would the boards have to be ordered, at the latest?",
        "By **Thursday 3 December**. Delivered then, cut on Friday, first coat on Saturday 5, second on Sunday 6: dry well before the 12th.",
    ),
    (
        "Так, доски точно приедут до мамы? И сколько их брать?",
        "Да: при заказе сегодня доставка во вторник, 1 декабря, за одиннадцать дней до мамы. На 1,86 м возьмите три доски по 62 см на каждую полку — всего девять.",
    ),
    (
        "The plumber comes that same morning. Is there a clash?",
        "On 1 December, yes: delivery and plumber on one morning. The driver from Vaise comes after ten; ask the plumber for eight, and both fit.",
    ),
    ("Good. Remind me what not to buy.", "Walnut oil, and anything with walnut in it. Hard wax oil is fine."),
];

/// What is said in the console.
const CONSOLE: [(&str, &str); 5] = [
    (
        "I would like to pass DELF B2 in March. Where do I begin?",
        "With a test of where you are: one old paper, timed. Then four weeks on listening, four on writing, and two on both with the clock running.",
    ),
    (
        "Mornings are best for me, before eight.",
        "Then thirty minutes at seven, five days a week: listening on three of them, writing on two. That is forty hours until March.",
    ),
    (
        "Which topics come up in the writing part?",
        "| Topic | How often |\n|---|---|\n| Work and training | often |\n| Town and environment | often |\n| Health | sometimes |\n| Media | sometimes |\n\nA formal letter or an argued contribution to a forum, 250 words.",
    ),
    (
        "I moved: from March on I live in the Guillotière.",
        "Noted. The library in rue de Marseille has the whole series of old papers, by the way.",
    ),
    (
        "Give me a first exercise.",
        "Write to your town hall, 120 words: you ask for a quieter street at night.\n\n1. Say who you are and where you live.\n2. Describe what happens, and when.\n3. Ask for one thing, politely: *je vous serais reconnaissante de bien vouloir…*",
    ),
];

/// What the memory model learns: kind, statement, and the quote it rests on.
const LEARNT: [(&str, &str, &str); 9] = [
    ("other", "The kitchen wall between window and door is 1.86 m wide.", "1.86 m between the window and the door"),
    ("goal", "Put up three oak shelves in the kitchen before 12 December.", "I want three oak shelves there"),
    ("event", "Her mother visits from 12 to 19 December.", "Мама приезжает с 12 по 19 декабря"),
    ("relationship", "Her mother is allergic to walnuts.", "She is allergic to walnuts"),
    (
        "other",
        "The warehouse in Vaise delivers on Tuesdays and Thursdays only.",
        "delivers on Tuesdays and Thursdays only",
    ),
    (
        "identity",
        "Lives in the Croix-Rousse quarter, fourth floor, no lift.",
        "I live in the Croix-Rousse quarter, fourth floor, no lift",
    ),
    ("goal", "Pass DELF B2 in March.", "I would like to pass DELF B2 in March"),
    ("preference", "Learns best in the morning, before eight.", "Mornings are best for me, before eight"),
    ("identity", "lives in the Guillotière", "from March on I live in the Guillotière"),
];

/// The end of a story: where it can be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Her chat in Telegram.
    pub telegram: i64,
    /// Her chat in the console.
    pub console: i64,
    /// The turn that leans most on memory.
    pub turn: i64,
    /// A fact with versions and evidence.
    pub fact: i64,
}

/// Has the model answer as the story wants it.
pub fn script(model: &ModelServer) {
    model.reply_by(|request| {
        let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<String> = messages.iter().map(tokens::message_text).collect();
        let transcript = texts.iter().find(|text| text.contains("<transcript>"));
        match transcript {
            Some(transcript) => consolidation(transcript).to_string(),
            None => {
                let asked = messages.iter().rfind(|message| message["role"] == "user").map(tokens::message_text);
                answer(&asked.unwrap_or_default())
            }
        }
    });
}

fn answer(asked: &str) -> String {
    let known = TELEGRAM.iter().chain(&CONSOLE).find(|(question, _)| asked.contains(question));
    known.map_or_else(|| "I have noted all of it.".to_owned(), |(_, answer)| (*answer).to_owned())
}

fn consolidation(transcript: &str) -> Value {
    let message_with = |words: &str| {
        let line = transcript.lines().find(|line| line.starts_with('[') && line.contains(words))?;
        line.get(1..)?.split(']').next()?.parse::<i64>().ok()
    };
    let operations: Vec<Value> = LEARNT
        .iter()
        .filter_map(|(kind, statement, quote)| {
            let message = message_with(quote)?;
            Some(json!({"op": "add", "fact_id": null, "kind": kind, "subject": "Vera", "statement": statement,
                "valid_at": null, "evidence": [{"message_id": message, "quote": quote}]}))
        })
        .collect();
    json!({"summary": summary(transcript), "operations": operations})
}

fn summary(asked: &str) -> &'static str {
    // What is known already stands before the transcript.
    let transcript = asked.split_once("<transcript>").map_or(asked, |(_, transcript)| transcript);
    if transcript.contains("Measured the kitchen wall") {
        "Vera measured the kitchen wall (1.86 m) and wants three oak shelves, 24 cm deep, for 220 euros; the warehouse in Vaise delivers on Tuesdays and Thursdays."
    } else if transcript.contains("She is allergic to walnuts") {
        "Мама Веры приезжает в декабре, полки нужны до неё. Из-за аллергии — никакого орехового масла: твёрдый воск в два слоя, с перерывом в день."
    } else if transcript.contains("DELF") {
        "Vera asked how to prepare for DELF B2 in March and was advised thirty minutes at seven, five days a week; she moves to the Guillotière in March."
    } else {
        "Vera asked about delivery and the plumber on 1 December and was advised to have the plumber at eight, since the driver comes after ten."
    }
}

/// Tells the rest of the story, after [`write_ahead`], to an app that talks to `bot` and to a model that follows [`script`].
///
/// # Panics
/// When it does not go as it should.
pub async fn tell(app: &TestApp, bot: &BotApi, vera: &Person) -> Told {
    let api = app.api();
    let console = in_console(&api).await;
    let telegram = in_telegram(&api, bot, vera).await;
    by_hand(&api, telegram).await;
    let turns = api.list(&format!("/api/chats/{telegram}/turns")).await;
    let turn = turns.iter().filter_map(|turn| turn["id"].as_i64()).max().expect("a turn");
    let facts = api.list(&format!("/api/chats/{telegram}/facts")).await;
    let of_mother = facts.iter().find(|fact| fact["statement"].to_string().contains("mother visits"));
    let fact = of_mother.and_then(|fact| fact["id"].as_i64()).expect("a fact about the visit");
    Told { telegram, console, turn, fact }
}

async fn in_console(api: &Api) -> i64 {
    let chat = api.console_chat("French in the morning").await;
    let facts = format!("/api/chats/{chat}/facts");
    api.post(&facts, json!({"statement": "lives in the Croix-Rousse", "kind": "identity", "subject": "Vera"})).await;
    for (question, _) in &CONSOLE[..4] {
        api.say(chat, question).await;
    }
    consolidate(api, chat).await;
    api.say(chat, CONSOLE[4].0).await;
    chat
}

/// What she writes before the bot is there.
pub fn write_ahead(bot: &BotApi, vera: &Person) {
    for (minutes, text) in LATE {
        bot.say_late(vera, text, now().as_secs() - minutes * 60);
    }
}

async fn in_telegram(api: &Api, bot: &BotApi, vera: &Person) -> i64 {
    for (question, answer) in TELEGRAM {
        let before = bot.sent(vera).len();
        bot.say(vera, question);
        let beginning: String = answer.chars().take(8).collect();
        let arrived = async {
            while !bot.sent(vera)[before..].iter().any(|sent| sent.source.contains(beginning.trim_matches('*'))) {
                bot.changed().await;
            }
        };
        soon(&format!("the answer to {question:?}"), arrived).await;
    }
    let chats = api.list("/api/chats").await;
    let chat = chats.iter().find(|chat| chat["title"].to_string().contains("Vera")).expect("her chat");
    let chat = chat["id"].as_i64().expect("an id");
    consolidate(api, chat).await;
    chat
}

/// What the owner does afterwards: corrects a fact, pins one, adds one, and has a proposal to decide.
async fn by_hand(api: &Api, chat: i64) {
    let facts = format!("/api/chats/{chat}/facts");
    let all = api.list(&facts).await;
    let id_of = |words: &str| {
        let found = all.iter().find(|fact| fact["statement"].to_string().contains(words));
        found.and_then(|fact| fact["id"].as_i64()).unwrap_or_else(|| panic!("no fact about {words}: {all:?}"))
    };
    let visit = format!("{facts}/{}", id_of("mother visits"));
    api.patch(&visit, json!({"statement": "Her mother visits from 12 to 20 December."})).await;
    api.patch(&format!("{facts}/{}", id_of("allergic")), json!({"pinned": true})).await;
    api.post(
        &facts,
        json!({"statement": "Wants short answers, with steps numbered.", "kind": "preference", "subject": "Vera"}),
    )
    .await;
}

async fn consolidate(api: &Api, chat: i64) {
    let asked = api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    if asked["job"].is_null() {
        return;
    }
    let jobs = format!("/api/chats/{chat}/jobs");
    let done = async {
        while api.list(&jobs).await.first().is_none_or(|job| job["state"] != "done") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    soon("the summaries", done).await;
}
