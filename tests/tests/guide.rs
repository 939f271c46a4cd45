//! The guide for people who chat shows what the bot sends: its examples are said to the real bot, and what that answers is
//! compared with the guide. With `SOUVENIR_WRITE_GUIDE` set, the guide is written anew instead.
//!
//! An example is a block of the language `chat`: what a person says behind `>`, then what the bot sends, with its buttons in
//! brackets.

use std::path::{Path, PathBuf};

use souvenir_tests::bot_api::Sent;

use crate::world::World;

/// What the model says in the examples.
const REPLIES: [&str; 1] = ["A fine name. **Fair winds** on Sunday!"];

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
        for said in example.lines().filter_map(|line| line.strip_prefix("> ")) {
            now.push_str(&format!("> {said}\n{}\n", shown(&world.ask(said).await)));
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
    let world = World::start().await;
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
