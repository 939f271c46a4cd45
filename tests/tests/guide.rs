//! The guide for people who chat shows what the bot sends: its examples are said to the real bot, and what that answers is
//! compared with the guide. With `SOUVENIR_WRITE_GUIDE` set, the guide is written anew instead.
//!
//! An example is a block of the language `chat`: what a person says behind `>`, then what the bot sends, with its buttons in
//! brackets. `📷` is a photo, `🎤` a voice message with what is said in it, `📎` a text file; words stand behind.

use std::path::{Path, PathBuf};

use souvenir_tests::bot_api::{Attached, Sent};

use crate::world::World;

/// What the model says in the examples.
const REPLIES: [&str; 4] = [
    "A fine name. **Fair winds** on Sunday!",
    "A **bowline**: it makes a loop that does not slip.",
    "Sunday at ten. I will count the days with you.",
    "Four names: Ada, Ben, Cleo and you.",
];

/// What somebody says behind `>`: words, or a photo, a recording or a file with its words.
async fn said(world: &World, said: &str) -> Sent {
    let before = world.bot.sent(&world.ada).len();
    match said.split_once(' ') {
        Some(("📷", caption)) => world.bot.send(&world.ada, &Attached::Photo(1_280, 960), caption),
        Some(("🎤", words)) => {
            world.model.hear([words]);
            world.bot.send(&world.ada, &Attached::Voice(4, b"OggS".to_vec()), "")
        }
        Some(("📎", file)) => {
            let (name, caption) = file.split_once(' ').unwrap_or((file, ""));
            world.bot.send(&world.ada, &Attached::text(name, "Ada\nBen\nCleo\nyou\n"), caption)
        }
        _ => world.bot.say(&world.ada, said),
    };
    world.bot.wait_for_sent(&world.ada, before + 1).await.swap_remove(before)
}

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder").join("docs/chatting.md")
}

/// A message as the guide shows it.
fn shown(sent: &Sent) -> String {
    let buttons = sent.keyboard.iter().map(|row| {
        let row: Vec<String> = row.iter().map(|button| format!("[{}]", button.text)).collect();
        row.join(" ")
    });
    std::iter::once(sent.text.clone()).chain(buttons).collect::<Vec<_>>().join("\n")
}

/// The guide with every example as it goes now, and what was wrong with it.
async fn tried(world: &World, guide: &str) -> (String, Vec<String>) {
    let (mut written, mut wrong) = (String::new(), Vec::new());
    let mut blocks = guide.split("```chat\n");
    written.push_str(blocks.next().unwrap_or_default());
    for block in blocks {
        let (example, rest) = block.split_once("```\n").expect("an example that ends");
        let mut now = String::new();
        for words in example.lines().filter_map(|line| line.strip_prefix("> ")) {
            now.push_str(&format!("> {words}\n{}\n", shown(&said(world, words).await)));
        }
        if now != example {
            wrong.push(format!("the guide has\n{example}\nand the bot sends\n{now}"));
        }
        written.push_str(&format!("```chat\n{now}```\n{rest}"));
    }
    (written, wrong)
}

#[tokio::test]
async fn the_guide_shows_what_the_bot_sends() {
    let world = World::start_with(|setup| setup.env("SOUVENIR_TRANSCRIPTION_MODEL", "gpt-transcribe")).await;
    world.model.reply_with(REPLIES);
    let before = std::fs::read_to_string(guide()).expect("the guide");
    let (written, wrong) = tried(&world, &before).await;
    assert!(before.matches("```chat\n").count() >= 3, "the guide has examples");
    if std::env::var_os("SOUVENIR_WRITE_GUIDE").is_some() {
        std::fs::write(guide(), written).expect("the guide can be written");
    } else {
        assert!(wrong.is_empty(), "{}\nRun this test with SOUVENIR_WRITE_GUIDE=1 to write it anew", wrong.join("\n"));
    }
}
